"""What was made of rows, until anybody commits."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

BYTES_IN_ALL = 8 * 1024 * 1024
BYTES_OF_ONE = 64 * 1024


class RowCache:
    """Values by key, as of one state of the database. Used on one thread.

    To read a row again costs several times what the statement itself takes: SQLite, the row's
    decoding and the reply's building push everything else that a call needs out of the processor's
    caches. Most reads between two commits ask for what was read before.
    """

    __slots__ = ("_size", "_state", "_values")

    def __init__(self) -> None:
        self._state: Hashable = None
        self._values: dict[Hashable, Any] = {}
        self._size = 0

    def as_of(self, state: Hashable) -> None:
        """Forgets everything, unless it is of this very state."""
        if state != self._state:
            self._state = state
            self._forget()

    def get(self, key: Hashable) -> Any:
        """What was kept for the key, or None."""
        return self._values.get(key)

    def keep(self, key: Hashable, value: Any, size: int) -> None:
        """Keeps a value of about so many bytes: no large one, and not too much in all."""
        if size > BYTES_OF_ONE:
            return
        if self._size + size > BYTES_IN_ALL:
            self._forget()
        self._values[key] = value
        self._size += size

    def _forget(self) -> None:
        self._values.clear()
        self._size = 0
