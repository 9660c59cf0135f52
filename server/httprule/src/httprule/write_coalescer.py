"""Replies that are ready in one turn of the event loop leave one after the other, at its end.

A write to a socket wakes whoever reads there. Who answers a call, writes, answers the next one and
writes again wakes its readers singly, and pays each time for the start of another processor: where
the reader is on the same machine, a proxy for one, a fifth of what a call costs. Writes in a row
find it awake.
"""

from __future__ import annotations

import asyncio
from typing import Final

_MOST_WAITING: Final = 16  # the first of them is kept waiting by all that follow
_LARGE: Final = 64 * 1024  # what is larger is not held in memory for this


class WriteCoalescer:
    """The replies that are about to leave, of all connections of one event loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def write(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, data: bytes
    ) -> None:
        """Send when this turn of the loop is over, or when enough has gathered."""
        self._waiting.append((transport, data))
        if len(self._waiting) >= _MOST_WAITING or len(data) > _LARGE:
            self.flush()
        elif len(self._waiting) == 1:
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Send all now: whoever writes or closes by itself must come after what waits."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
