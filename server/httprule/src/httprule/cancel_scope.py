"""A stretch of work that can be interrupted: by a time, or because the server stops.

The same as `asyncio.timeout`, without what it need not have: a scope is entered for every request,
and setting a timer costs more than all the rest of it. So scopes of the common length share one
timer: they expire in the order in which they were opened.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from types import TracebackType
from typing import Any


class Interruption(Enum):
    """Why work was not let finish."""

    DEADLINE = "deadline"
    IDLE = "idle"
    SHUTDOWN = "shutdown"


class Interrupted(Exception):
    """Raised in place of the cancellation that ended the work."""

    def __init__(self, why: Interruption) -> None:
        super().__init__(why.value)
        self.why = why


class CancelScope:
    """Cancels the task inside it and turns that cancellation into `Interrupted`.

    A cancellation from elsewhere passes through as it is. After `seconds` the scope is interrupted
    for `why`; None sets no timer.
    """

    __slots__ = ("_cancelling", "_interruption", "_loop", "_seconds", "_task", "_timer", "_why")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        seconds: float | None,
        why: Interruption = Interruption.DEADLINE,
    ) -> None:
        self._loop = loop
        self._seconds = seconds
        self._why = why
        self._interruption: Interruption | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        task: asyncio.Task[Any] | None = asyncio.current_task(self._loop)
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._arm()

    def _arm(self) -> None:
        if self._seconds is not None:
            if self._seconds <= 0:
                raise Interrupted(self._why)
            self._timer = self._loop.call_later(self._seconds, self.interrupt, self._why)

    def interrupt(self, why: Interruption) -> None:
        """End the work, once."""
        if self._interruption is None:
            self._interruption = why
            self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._interruption is None:
            return
        is_last = self._task.uncancel() <= self._cancelling
        if is_last and kind is asyncio.CancelledError:
            raise Interrupted(self._interruption) from None


class InFlightCalls:
    """The calls that are running. `seconds` is how long each may take, None for no bound."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._due: dict[_CallScope, float] = {}  # in the order of their ends
        self._timed: set[_CallScope] = set()  # with ends of their own, or none
        self._timer: asyncio.TimerHandle | None = None
        self._timer_loop: asyncio.AbstractEventLoop | None = None

    def open(self, loop: asyncio.AbstractEventLoop, seconds: float | None) -> CancelScope:
        """A scope that ends after some seconds, at the latest after those of all calls."""
        return _CallScope(self, loop, seconds)

    def interrupt_all(self) -> None:
        """End every call that is running."""
        for call in (*self._due, *self._timed):
            call.interrupt(Interruption.SHUTDOWN)

    def enter(
        self, call: _CallScope, loop: asyncio.AbstractEventLoop, seconds: float | None
    ) -> bool:
        """Note a call. True when its end is watched here, False when it needs a timer."""
        if seconds is None or seconds != self._seconds:
            self._timed.add(call)
            return False
        self._due[call] = loop.time() + seconds
        if self._timer is None or self._timer_loop is not loop:
            self._timer = loop.call_later(seconds, self._expire, loop)
            self._timer_loop = loop
        return True

    def leave(self, call: _CallScope) -> None:
        """Forget a call."""
        if self._due.pop(call, None) is None:
            self._timed.discard(call)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what is overdue, and look again when the next one is."""
        self._timer = None
        now = loop.time()
        for call, due in tuple(self._due.items()):
            if due > now:
                self._timer = loop.call_later(due - now, self._expire, loop)
                return
            del self._due[call]
            self._timed.add(call)
            call.interrupt(Interruption.DEADLINE)


class _CallScope(CancelScope):
    """A scope on the list of running calls."""

    __slots__ = ("_calls",)

    def __init__(
        self, calls: InFlightCalls, loop: asyncio.AbstractEventLoop, seconds: float | None
    ) -> None:
        super().__init__(loop, seconds)
        self._calls = calls

    def _arm(self) -> None:
        if not self._calls.enter(self, self._loop, self._seconds):
            try:
                super()._arm()
            except Interrupted:
                self._calls.leave(self)
                raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._calls.leave(self)
        super().__exit__(kind, error, trace)
