"""Brings calls that come at about the same time to the chain together.

grpc.aio hands over one call after several turns of the event loop, and between two of them the
processor forgets the way of a call: the first call through the chain after a stretch of gRPC's own
work takes 230 µs, the next ones in the same turn 90. So where calls come faster than they are
answered they wait for one another, some turns at most; a call that comes alone waits for nobody.

What is sent goes through gRPC's core and the kernel at once, so a call that is answered waits one
turn more before it sends: then all of its group have been through the chain.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Generator

_LARGEST = 32
_PATIENCE = 32
"""How many turns without a new call a gathering outlasts; an idle turn takes a few microseconds."""
_RECENT = 0.01
"""Seconds. Beside a call that runs for long, calls that are further apart don't wait."""


class CallBatcher:
    """Lets calls through in groups, in the order in which they came. Used on one event loop."""

    def __init__(self, *, largest: int = _LARGEST, patience: int = _PATIENCE) -> None:
        self._largest = largest
        self._patience = patience
        self._waiting: list[asyncio.Future[None]] = []
        self._inside = 0
        self._idle = 0
        self._last = 0.0
        self._recent = False

    def enter(self) -> asyncio.Future[None] | None:
        """A call has come: what it waits for, that others may come with it. `leave` must follow."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._recent, self._last = now - self._last < _RECENT, now
        self._inside += 1
        return self._join(loop) if self._inside > 1 and self._recent else None

    def rejoin(self) -> asyncio.Future[None] | None:
        """A call that entered has waited for something else: what it waits for to go on in a group.

        None where calls don't come close together, so that one whose message never comes delays
        nobody.
        """
        if self._inside > 1 and self._recent:
            return self._join(asyncio.get_running_loop())
        return None

    def leave(self) -> None:
        """A call that entered has ended."""
        self._inside -= 1

    @property
    def together(self) -> bool:
        """Whether other calls are under way beside the one that asks."""
        return self._inside > 1

    def _join(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        released = loop.create_future()
        self._waiting.append(released)
        self._idle = 0
        if len(self._waiting) == 1:
            loop.call_soon(self._turn, loop)
        return released

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Once a turn while anybody waits."""
        self._idle += 1
        if self._idle > self._patience or len(self._waiting) >= self._largest:
            self._release()
        else:
            loop.call_soon(self._turn, loop)

    def _release(self) -> None:
        waiting, self._waiting = self._waiting, []
        for released in waiting:
            if not released.done():
                released.set_result(None)


@types.coroutine
def next_turn() -> Generator[None, None, None]:
    """Goes on in the loop's next turn."""
    yield
