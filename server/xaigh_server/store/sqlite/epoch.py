"""The epoch of a control database in a file."""

from __future__ import annotations

import sqlite3

from xaigh_server.store.errors import Unavailable
from xaigh_server.store.sqlite.handle import Handle
from xaigh_server.store.sqlite.turn import Turn

_VALUE = "SELECT value FROM credential_epoch WHERE id = 1"
_GENERATION = 1 << 40  # a file that was put in the old one's place begins a range of its own


class SqliteEpoch:
    """Asks a held, idle connection whether any other one has committed; reads only if so.

    Costs 4 µs where nothing has changed, once in a turn of the loop. Used on one thread.
    """

    def __init__(self, handle: Handle) -> None:
        """`handle` is read-only and nobody else's: a connection doesn't see its own commits."""
        self._handle = handle
        self._seen: tuple[int, int] | None = None
        self._value = 0
        self._turn = Turn()

    async def current(self) -> int:
        return self.peek()

    def peek(self) -> int:
        """`current`, for callers that can't wait."""
        if self._turn.begins():
            self._look()
        return self._value

    def _look(self) -> None:
        try:
            connection = self._handle.connection()
            version: int = connection.execute("PRAGMA data_version").fetchone()[0]
            seen = (self._handle.generation, version)
            if seen != self._seen:
                row = connection.execute(_VALUE).fetchone()
                self._value = seen[0] * _GENERATION + (row[0] if row else 0)
                self._seen = seen
        except sqlite3.Error as error:
            self._turn.cancel()
            self._handle.close()
            raise Unavailable(f"the epoch can't be read: {error}") from error
        except Unavailable:
            self._turn.cancel()
            raise

    async def close(self) -> None:
        self._handle.close()
