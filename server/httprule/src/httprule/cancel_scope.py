"""Cancel scopes: work that a deadline, a silent client or a shutdown interrupts.

A scope does what `asyncio.timeout` does, for less: one is entered for every request, and setting a
timer costs more than the rest of it. Calls of the default length share one timer, since they expire
in the order in which they began.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from types import TracebackType
from typing import Any


class Interruption(Enum):
    """The reason why work was interrupted."""

    DEADLINE = "deadline"
    IDLE = "idle"
    SHUTDOWN = "shutdown"


class Interrupted(Exception):
    """Takes the place of the cancellation that ended the work."""

    def __init__(self, why: Interruption) -> None:
        super().__init__(why.value)
        self.why = why


class CancelScope:
    """Context manager that cancels its task and turns that cancellation into `Interrupted`.

    A cancellation from elsewhere passes through unchanged. The scope interrupts itself after
    `seconds`, for the reason `why`; None sets no timer.
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
        """Cancels the work. Later calls do nothing."""
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
    """The calls that run now. `seconds` is the default bound of each, None for no bound."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._due: dict[_CallScope, float] = {}  # in the order in which they expire
        self._timed: set[_CallScope] = set()  # with a timer of their own, or none
        self._timer: asyncio.TimerHandle | None = None
        self._timer_loop: asyncio.AbstractEventLoop | None = None

    def open(self, loop: asyncio.AbstractEventLoop, seconds: float | None) -> CancelScope:
        """Makes the scope of a call that may take some seconds, None for no bound."""
        return _CallScope(self, loop, seconds)

    def interrupt_all(self) -> None:
        """Interrupts every running call."""
        for call in (*self._due, *self._timed):
            call.interrupt(Interruption.SHUTDOWN)

    def enter(
        self, call: _CallScope, loop: asyncio.AbstractEventLoop, seconds: float | None
    ) -> bool:
        """Registers a call. True where the shared timer ends it, False where it needs its own."""
        if seconds is None or seconds != self._seconds:
            self._timed.add(call)
            return False
        self._due[call] = loop.time() + seconds
        if self._timer is None or self._timer_loop is not loop:
            self._timer = loop.call_later(seconds, self._expire, loop)
            self._timer_loop = loop
        return True

    def leave(self, call: _CallScope) -> None:
        """Removes a call."""
        if self._due.pop(call, None) is None:
            self._timed.discard(call)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        """Interrupts the overdue calls and sets the timer for the next one."""
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
    """A cancel scope that is registered as a running call."""

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
