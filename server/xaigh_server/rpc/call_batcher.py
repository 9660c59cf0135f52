"""Batcher of gRPC calls: calls that arrive close together pass the interceptors together.

grpc.aio delivers each call after several turns of the event loop. After a stretch of gRPC's own
work the processor's caches are cold: the first call through the interceptors takes 230 µs, each
further one in the same turn 90. So a call that arrives within 10 ms of the last one, while another
still runs, waits: its batch starts after 32 turns without an arrival, or with 32 calls.

Sending a reply passes gRPC's core and the kernel, which evicts the caches again. So a reply waits
one more turn, until all calls of its batch have passed the interceptors.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Generator

_LARGEST = 32
_PATIENCE = 32
"""Turns without a new call after which a batch starts; an idle turn takes a few microseconds."""
_RECENT = 0.01
"""Seconds. Calls whose arrivals are further apart don't wait, even beside a long call."""


class CallBatcher:
    """Releases calls in batches, in the order of arrival. Used on one event loop."""

    def __init__(self, *, largest: int = _LARGEST, patience: int = _PATIENCE) -> None:
        self._largest = largest
        self._patience = patience
        self._waiting: list[asyncio.Future[None]] = []
        self._inside = 0
        self._idle = 0
        self._last = 0.0
        self._recent = False

    def enter(self) -> asyncio.Future[None] | None:
        """Adds a call. Returns the future to await before it runs, if any. `leave` must follow."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._recent, self._last = now - self._last < _RECENT, now
        self._inside += 1
        return self._join(loop) if self._inside > 1 and self._recent else None

    def rejoin(self) -> asyncio.Future[None] | None:
        """Puts a call that waited for something else into a batch again. Returns as `enter` does.

        None where calls don't arrive close together, so a call whose message never arrives delays
        no other call.
        """
        if self._inside > 1 and self._recent:
            return self._join(asyncio.get_running_loop())
        return None

    def leave(self) -> None:
        """Removes a call that has ended."""
        self._inside -= 1

    @property
    def together(self) -> bool:
        """Whether other calls run beside the caller's."""
        return self._inside > 1

    def _join(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        released = loop.create_future()
        self._waiting.append(released)
        self._idle = 0
        if len(self._waiting) == 1:
            loop.call_soon(self._turn, loop)
        return released

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs once a turn while calls wait."""
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
    """Awaitable that resumes in the loop's next turn."""
    yield
