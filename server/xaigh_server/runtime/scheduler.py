"""Scheduler of periodic tasks. Each runs in an asyncio task of its own, so none delays another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from xaigh_server.log_events import LogEvent

Work = Callable[[], Awaitable[object]]

_log = structlog.get_logger("xaigh.workers")


@dataclass(frozen=True, slots=True)
class _PeriodicTask:
    seconds: float
    work: Work
    at_end: bool


class Scheduler:
    """Runs pieces of work again and again. A failure is logged and tried again next time."""

    def __init__(self) -> None:
        self._rounds: list[_PeriodicTask] = []
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, work: Work, *, at_end: bool = False) -> None:
        """Adds a piece. With `at_end` it runs once more when the server stops."""
        self._rounds.append(_PeriodicTask(seconds, work, at_end))

    def start(self) -> None:
        """Starts all tasks."""
        self._tasks = [asyncio.create_task(self._run(each)) for each in self._rounds]

    async def stop(self) -> None:
        """Stops all tasks, then runs those with `at_end` a last time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for each in self._rounds:
            if each.at_end:
                await _try(each.work)

    async def _run(self, each: _PeriodicTask) -> None:
        while True:
            await asyncio.sleep(each.seconds)
            await _try(each.work)


async def _try(work: Work) -> None:
    try:
        await work()
    except Exception as error:  # Whatever it is, the next run must happen.
        _log.error(LogEvent.TASK_FAILED, task=getattr(work, "__qualname__", ""), exc_info=error)
