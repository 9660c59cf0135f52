"""A call that can be interrupted: by its deadline, or because the server stops."""

from __future__ import annotations

import asyncio
from enum import Enum
from types import TracebackType
from typing import Any


class Interruption(Enum):
    """Why a call was not let finish."""

    DEADLINE = "deadline"
    SHUTDOWN = "shutdown"


class Interrupted(Exception):
    """Raised in place of the cancellation that ended the call."""

    def __init__(self, why: Interruption) -> None:
        super().__init__(why.value)
        self.why = why


class Scopes:
    """The calls that are running."""

    def __init__(self) -> None:
        self._open: set[CallScope] = set()

    def open(self, seconds: float | None) -> CallScope:
        """A scope that ends after some seconds at the latest. Enter it at once."""
        return CallScope(self._open, seconds)

    def interrupt_all(self) -> None:
        """End every call that is running."""
        for scope in tuple(self._open):
            scope.interrupt(Interruption.SHUTDOWN)


class CallScope:
    """Cancels the task inside it and turns that cancellation into `Interrupted`.

    A cancellation from elsewhere passes through as it is. The same as `asyncio.timeout`, without
    what a call does not need: one is entered for every request.
    """

    __slots__ = ("_cancelling", "_open", "_seconds", "_task", "_timer", "_why")

    def __init__(self, scopes: set[CallScope], seconds: float | None) -> None:
        self._open = scopes
        self._seconds = seconds
        self._why: Interruption | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        task: asyncio.Task[Any] | None = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        if self._seconds is not None:
            if self._seconds <= 0:
                raise Interrupted(Interruption.DEADLINE)
            self._timer = asyncio.get_running_loop().call_later(
                self._seconds, self.interrupt, Interruption.DEADLINE
            )
        self._open.add(self)

    def interrupt(self, why: Interruption) -> None:
        """End the call, once."""
        if self._why is None:
            self._why = why
            self._task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._why is None:
            return
        is_last = self._task.uncancel() <= self._cancelling
        if is_last and kind is asyncio.CancelledError:
            raise Interrupted(self._why) from None
