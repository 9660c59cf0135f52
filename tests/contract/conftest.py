"""Every store test runs on both engines: an empty SQLite file, an empty database of PostgreSQL."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from tests.harness.control_rows import seed
from tests.harness.control_services import ControlServices
from tests.harness.postgres import empty_database

from xaigh_server.db import schema
from xaigh_server.db.database import Database, open_database
from xaigh_server.identity import leased_epoch
from xaigh_server.runtime.tables import business_metadata, control_metadata


@pytest.fixture(autouse=True)
def leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings of the epoch hold for no time: many tests take rights away without any call, and so
    without the wait before its reply. test_epoch.py and test_leases.py use real ones.
    """
    monkeypatch.setattr(leased_epoch, "LEASE_SECONDS", 0.0)


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes an empty database; returns its URL. The database goes with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(empty_database(postgres_server))


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database is: a path, or a URL."""
    if request.param == "sqlite":
        return tmp_path / "test.db"
    url: str = request.getfixturevalue("new_postgres")()
    return url


@asynccontextmanager
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
def second_location(request: pytest.FixtureRequest, location: Path | str) -> Path | str:
    """Where another empty database of the same engine is."""
    if isinstance(location, Path):
        return location.with_name("second.db")
    url: str = request.getfixturevalue("new_postgres")()
    return url


@pytest.fixture
async def sandbox(second_location: Path | str) -> AsyncIterator[Database]:
    """A business database beside a control database."""
    async with opened(second_location, business_metadata, name="sandbox") as database:
        yield database


@pytest.fixture
async def business(location: Path | str) -> AsyncIterator[Database]:
    """A business database, empty but for its schema."""
    async with opened(location, business_metadata, name="sandbox") as database:
        yield database


@pytest.fixture
async def services(control: Database) -> AsyncIterator[ControlServices]:
    """The services of keys, with one organization and one grant."""
    await control.write(seed)
    opened = ControlServices(control)
    yield opened
    await opened.close()
