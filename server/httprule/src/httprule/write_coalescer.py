"""Write coalescer: sends the replies that are ready in one turn of the event loop in a row.

A write to a socket wakes its reader. A server that writes after each call wakes readers one by one
and pays for the wake-up of a processor each time; with the reader on the same machine, such as a
proxy, that is a fifth of the cost of a call. Several writes in a row find the processor awake.
"""

from __future__ import annotations

import asyncio
from typing import Final

_MOST_WAITING: Final = 16  # the first of them waits for all that follow
_LARGE: Final = 64 * 1024  # larger replies are sent at once, not held in memory


class WriteCoalescer:
    """The waiting replies of all connections of one event loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def write(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, data: bytes
    ) -> None:
        """Sends at the end of this turn of the loop, or when enough replies wait."""
        self._waiting.append((transport, data))
        if len(self._waiting) >= _MOST_WAITING or len(data) > _LARGE:
            self.flush()
        elif len(self._waiting) == 1:
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Sends all waiting replies. To be called before every direct write or close."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
