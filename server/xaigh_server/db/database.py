"""Database: interface of the control, sandbox and production databases, the same on both engines.

A caller passes a plain function of a `Session`; the database runs it in one transaction.

* **Writes of one partition are serial**, on either engine and over all processes: what a unit has
  read of its partition can't change under it, so read-then-write is exact (idempotency records,
  allowances, "exactly one wins"). On SQLite all partitions of a database are serial.
* **A submitted write runs to its end**, even if its caller is cancelled.
* **Reads see one snapshot**, as of their first statement.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import MetaData

from xaigh_server.db.partition import Partition
from xaigh_server.db.postgres.watchdog import Wait
from xaigh_server.db.session import Session

T = TypeVar("T")


class Database(Protocol):
    """One of the three databases. Every method may raise `DatabaseUnavailable`."""

    @property
    def name(self) -> str:
        """`control`, `sandbox` or `production`: also the name of its audit chain."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    @property
    def path(self) -> Path | None:
        """The file, on SQLite; None where a server holds the data."""

    @property
    def metadata(self) -> MetaData:
        """The schema it is meant to have."""

    async def start(self) -> None:
        """Connects. On SQLite makes an empty file where there is none. Doesn't migrate."""

    async def close(self) -> None:
        """Finishes what was submitted and disconnects. Later calls raise `DatabaseUnavailable`."""

    async def ready(self) -> None:
        """Returns if a read works now."""

    async def write(
        self,
        fn: Callable[[Session], T],
        *,
        partition: Partition | None = None,
        urgent: bool = False,
    ) -> T:
        """Runs `fn` in a transaction of its own, commits, and returns what it returned.

        `partition` is the one whose lock the transaction holds; None: that of the database itself.
        `urgent`, on PostgreSQL: doesn't wait for a transaction that a stopped process left open.

        If `fn` raises, or a violation went unhandled, nothing is kept and the error is raised
        here. `fn` must have no effect but through its session, and may be run more than once.
        """

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` off the event loop, on one snapshot, unable to write."""

    async def point(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn`, a few look-ups by key, unable to write: on the event loop, without a thread.

        On SQLite it sees one snapshot. On PostgreSQL each statement sees one of its own.
        """


def open_database(
    name: str,
    location: Path | str,
    metadata: MetaData,
    *,
    busy_timeout: float = 5.0,
    idle_timeout: float = 10.0,
    waits: set[Wait] | None = None,
) -> Database:
    """The database at a path (SQLite) or a `postgresql://` URL. Call `start` before use.

    `busy_timeout` is in seconds: how long a write waits for its turn against other processes.
    `idle_timeout`: how long a server keeps the transaction, and lock, of a process that stopped.
    `waits`, one set for all databases of a process: what is silent to one is suspect to all.
    ValueError: the URL is of no engine known here.
    """
    if isinstance(location, Path):
        from xaigh_server.db.sqlite.database import SqliteDatabase

        return SqliteDatabase(name, location, metadata, busy_timeout=busy_timeout)
    if location.split("://")[0] not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError(f"the URL of the {name} database must begin with postgresql://")
    from xaigh_server.db.postgres.connecting import WaitLimits
    from xaigh_server.db.postgres.database import PostgresDatabase

    limits = WaitLimits(turn=busy_timeout, idle=idle_timeout)
    return PostgresDatabase(name, location, metadata, limits=limits, waits=waits)
