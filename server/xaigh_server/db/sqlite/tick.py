"""A turn of the event loop: the callbacks that run between two looks at the sockets.

What is looked up in the database once in a turn holds until the turn is over. For whatever runs
in a turn was caused before: a request was received, a write was answered. So a look taken in the
turn sees every commit that a caller of the turn can know of, and 30 calls that came together pay
for one. A call that comes later is of a later turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class EventLoopTick:
    """Tells the first asker of each turn from those that follow. Used on one thread."""

    def __init__(self, end: Callable[[], None] | None = None) -> None:
        """`end` is called when a turn that was begun is over."""
        self._end = end
        self._loop: asyncio.AbstractEventLoop | None = None

    def begins(self) -> bool:
        """True where nobody has asked in this turn; also on a loop that took another's place."""
        # To ask which loop is running is a system call on some versions; this isn't.
        if self._loop is not None and self._loop.is_running():
            return False
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._over)
        return True

    def cancel(self) -> None:
        """The next one to ask is the first again: what was looked up doesn't hold."""
        self._loop = None

    def _over(self) -> None:
        self._loop = None
        if self._end is not None:
            self._end()
