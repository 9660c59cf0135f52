"""Serial executors: threads that run units of work from a queue, off the event loop.

A submitted unit runs to its end. Cancelling its future ends only the caller's wait.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby
from queue import SimpleQueue
from typing import Any


class WorkItem:
    """One submitted unit, and the future that its caller awaits."""

    __slots__ = ("_future", "_loop", "error", "fn", "submitted", "value")

    def __init__(self, fn: Callable[[Any], Any]) -> None:
        self.fn = fn
        self.submitted = time.monotonic()
        self.value: Any = None
        self.error: BaseException | None = None
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[Any] = self._loop.create_future()

    @property
    def future(self) -> asyncio.Future[Any]:
        """The result. Cancelling the future doesn't cancel the unit."""
        return self._future

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the caller."""
        return self._loop

    def resolve(self) -> None:
        """Sets the future, on the loop's thread."""
        if self._future.done():
            return
        if self.error is None:
            self._future.set_result(self.value)
        elif isinstance(self.error, StopIteration):
            self._future.set_exception(RuntimeError("the unit raised StopIteration"))
        else:
            self._future.set_exception(self.error)


def settle(jobs: Sequence[WorkItem]) -> None:
    """Completes the futures of the items, with one wake-up per event loop."""
    for loop, group in groupby(jobs, key=lambda job: job.loop):
        with suppress(RuntimeError):  # the loop has closed: no caller waits
            loop.call_soon_threadsafe(_resolve, list(group))


def _resolve(jobs: Sequence[WorkItem]) -> None:
    for job in jobs:
        job.resolve()


class SerialExecutor:
    """One or more threads that run items of one queue."""

    def __init__(self, name: str, work: Sequence[Callable[[WorkItem], None]]) -> None:
        """`work` has one function per thread, which runs an item and must not raise."""
        self.queue: SimpleQueue[WorkItem | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, args=(do,), name=f"{name}-{index}", daemon=True)
            for index, do in enumerate(work)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[[Any], Any]) -> asyncio.Future[Any]:
        job = WorkItem(fn)
        self.queue.put(job)
        return job.future

    async def close(self) -> None:
        """Ends the threads after the items that were submitted before."""
        for _ in self._threads:
            self.queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _run(self, do: Callable[[WorkItem], None]) -> None:
        while (job := self.queue.get()) is not None:
            do(job)
            del job  # a waiting thread must not keep the last result alive
