"""Epoch on SQLite: `PRAGMA data_version` shows cheaply that another connection has committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.checked_connection import CheckedConnection
from xaigh_server.db.sqlite.tick import EventLoopTick
from xaigh_server.identity.epoch import read_epoch

_VALUE = "SELECT value FROM credential_epoch WHERE id = 1"
_GENERATION = 1 << 40  # a replaced database file gets another range


class EpochProbe:
    """Reads the epoch only after another connection has committed.

    Costs 4 µs where nothing has changed. Used by one thread at a time.
    """

    def __init__(self, handle: CheckedConnection) -> None:
        """`handle` is read-only and not shared: a connection doesn't see its own commits."""
        self._handle = handle
        self._seen: tuple[int, int] | None = None
        self._value = 0

    def value(self) -> int:
        """The current epoch. Raises DatabaseUnavailable where it can't be read."""
        try:
            connection = self._handle.connection()
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            seen = (self._handle.generation, version)
            if seen != self._seen:
                row = connection.execute(_VALUE).fetchone()
                self._value = seen[0] * _GENERATION + (row[0] if row else 0)
                self._seen = seen
        except sqlite3.Error as error:
            self._handle.close()
            raise DatabaseUnavailable(f"the epoch can't be read: {error}") from error
        return self._value

    def close(self) -> None:
        """Closes the connection; the next use opens another."""
        self._handle.close()


class SqliteEpoch:
    """Reads the epoch once per turn of the event loop, and in the writer threads."""

    def __init__(self, hold: Callable[[], CheckedConnection], *, control: str = "control") -> None:
        """`hold` makes handles for probes. `control` is the name of the epoch's own database."""
        self._hold = hold
        self._control = control
        self._loop = EpochProbe(hold())
        self._writers: dict[str, EpochProbe] = {}
        self._value = 0
        self._turn = EventLoopTick()

    async def current(self) -> int:
        return self.peek()

    def peek(self) -> int:
        """`current`, for callers that can't wait."""
        if self._turn.begins():
            try:
                self._value = self._loop.value()
            except DatabaseUnavailable:
                self._turn.cancel()
                raise
        return self._value

    def has_moved(self, since: int, session: Session, database: str) -> bool:
        """Compares the row's value alone, since each handle counts replaced files by itself.

        A unit of the control database reads the row in its transaction, and so sees the bump of a
        unit before it that shares its commit. Other databases have one writer thread each, and a
        probe for it.
        """
        if database == self._control:
            now = read_epoch(session)
        else:
            probe = self._writers.get(database)
            if probe is None:
                probe = self._writers[database] = EpochProbe(self._hold())
            now = probe.value() % _GENERATION
        return now != since % _GENERATION

    def expire(self) -> None:
        """Nothing to do: each look sees every commit."""

    async def settle(self) -> None:
        """Returns at once: each look sees every commit."""

    def lease_left(self, value: int) -> float:
        return 0.0

    def reading_age(self) -> float:
        return 0.0

    async def close(self) -> None:
        for probe in (self._loop, *self._writers.values()):
            probe.close()
