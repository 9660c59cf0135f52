"""Event-loop ticks: share one database read among all callbacks of a turn of the event loop.

A callback of a turn runs because of something that happened before the turn: a received request or
the reply to a write. So a value that was read within the turn includes every commit that any caller
of the turn can know of, and 30 calls that arrived together cost one read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class EventLoopTick:
    """Detects the first use in each turn of the event loop. Used on one thread."""

    def __init__(self, end: Callable[[], None] | None = None) -> None:
        """`end` is called at the end of each turn in which `begins` returned True."""
        self._end = end
        self._loop: asyncio.AbstractEventLoop | None = None

    def begins(self) -> bool:
        """True at the first call in a turn, and at the first on a new event loop."""
        # `get_running_loop` is a system call on some versions; `is_running` is not.
        if self._loop is not None and self._loop.is_running():
            return False
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._over)
        return True

    def cancel(self) -> None:
        """Makes the next `begins` return True: the value of this turn is invalid."""
        self._loop = None

    def _over(self) -> None:
        self._loop = None
        if self._end is not None:
            self._end()
