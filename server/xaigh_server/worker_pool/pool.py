"""Pool of worker processes that parse foreign input under limits of memory and time.

A parser can be made to take all the memory or all the time there is. So the server parses anything
but small input in worker processes, and the kernel ends a worker that passes a limit. That breaks
the whole pool: each caller repeats what it had in the pool, alone, in a fresh worker, and refuses
what breaks that one as well. The server process never parses such input instead.

The workers are those of `concurrent.futures.ProcessPoolExecutor`, spawned for the first task.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from multiprocessing import connection, parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, NamedTuple, TypeVar

import structlog

from xaigh_server.errors import Unavailable
from xaigh_server.log_events import LogEvent

INLINE_BYTES = 8 * 1024
"""The server process may parse so much input itself: the worst of it takes 20 ms there."""
PATIENCE = 60.0
"""Seconds that a task may take, the wait for a worker included: a batch takes 0.02."""

_LONGEST_CAUSE = 300  # characters

_T = TypeVar("_T")
_log = structlog.get_logger("xaigh.worker_pool")


class Limits(NamedTuple):
    """What one worker may take: bytes of address space, and seconds of processor time a task.

    The largest batch takes a third of the memory. A task has `seconds`, and more for a large input.
    """

    memory: int = 1536 * 1024 * 1024
    seconds: float = 3.0
    seconds_a_megabyte: float = 0.5


DEFAULT_LIMITS = Limits()


class TaskFailed(Exception):
    """A task raised an exception, ended its worker, or took too long. It has no result."""


class WorkerPool:
    """Worker processes that run tasks: functions of modules, with arguments that can be pickled."""

    def __init__(
        self,
        processes: int = 1,
        *,
        limits: Limits = DEFAULT_LIMITS,
        prepare: Callable[[], object] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Starts nothing yet. Each worker calls `prepare` once, before its first task."""
        self._processes = processes
        self._limits = limits
        self._prepare = prepare
        self._patience = patience
        self._workers: _Workers | None = None
        self._starting = asyncio.Lock()
        self._one_alone = asyncio.Lock()
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        workers = self._workers
        return [] if workers is None else [each.pid or 0 for each in workers.context.started]

    async def run(self, task: Callable[..., _T], *args: Any, size: int = 0) -> _T:
        """The result of `task(*args)` on an input of `size` bytes. Raises TaskFailed.

        A task goes on in its worker when its caller is cancelled.
        """
        workers: _Workers | None = None
        try:
            async with asyncio.timeout(self._patience):
                workers = await self._running()
                future = workers.executor.submit(_run, task, size, args)
                return await asyncio.wrap_future(future)
        except Exception as error:  # whatever it is, there is no result
            cause = repr(error)[:_LONGEST_CAUSE]  # some exceptions hold all of the input
            _log.warning(LogEvent.WORKER_FAILED, task=task.__qualname__, cause=cause)
            if workers is not None and isinstance(error, BrokenExecutor | TimeoutError | OSError):
                await self._discard(workers)
            raise TaskFailed(cause) from error

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[LoneWorker]:
        """A fresh worker that runs one task at a time and ends with the block.

        One block of a pool at a time: what breaks workers costs seconds and a gigabyte each.
        """
        async with self._one_alone:
            pool = WorkerPool(
                1, limits=self._limits, prepare=self._prepare, patience=self._patience
            )
            try:
                yield LoneWorker(pool)
            finally:
                await pool.close()

    async def close(self) -> None:
        """Ends the workers. Tasks fail from now on."""
        self._closed = True
        async with self._starting:
            if self._workers is not None:
                await self._discard(self._workers)

    async def _running(self) -> _Workers:
        """The workers. Starts them where there are none, or where one died between two tasks."""
        async with self._starting:
            if self._closed:
                raise BrokenExecutor("the pool is closed")
            if self._workers is not None and self._workers.context.has_dead:
                await self._discard(self._workers)
            if self._workers is None:
                self._workers = await asyncio.to_thread(self._start)
            return self._workers

    def _start(self) -> _Workers:
        """Spawns the workers. In a thread, since it takes some milliseconds."""
        context = _RecordingContext()
        executor = ProcessPoolExecutor(
            self._processes, context, _start_worker, (self._limits, self._prepare)
        )
        for _ in range(self._processes):
            executor.submit(_ready)
        return _Workers(executor, context)

    async def _discard(self, workers: _Workers) -> None:
        if self._workers is not workers:
            return  # another caller does it: an executor can't be shut down twice at once
        self._workers = None
        for process in workers.context.started:
            process.kill()
        await asyncio.to_thread(workers.executor.shutdown)


class LoneWorker:
    """A worker process for one caller, replaced after each task that breaks it."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def run(self, task: Callable[..., _T], *args: Any, size: int = 0) -> _T:
        """The result of the task. Raises TaskFailed.

        Raises Unavailable where no worker can be started, whatever the task.
        """
        try:
            await self._pool.run(_ready)
        except TaskFailed as failed:
            raise Unavailable("No worker process can be started now.") from failed
        return await self._pool.run(task, *args, size=size)


class _RecordingContext(SpawnContext):
    """Spawns processes, and keeps them: an executor doesn't say which ones are its own."""

    def __init__(self) -> None:
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process

    @property
    def has_dead(self) -> bool:
        """Whether a worker has ended. The kernel's word: the executor reaps them in a thread."""
        return bool(connection.wait([process.sentinel for process in self.started], timeout=0))


class _Workers(NamedTuple):
    executor: ProcessPoolExecutor
    context: _RecordingContext


# What follows runs in the workers.


_limits = DEFAULT_LIMITS


def _start_worker(limits: Limits, prepare: Callable[[], object] | None) -> None:
    """Prepares this worker process for its tasks."""
    global _limits
    _limits = limits
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    confine(limits.memory)
    if prepare is not None:
        prepare()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a batch is many small objects, and hardly a cycle


def _end_with_parent() -> None:
    """Ends this process as soon as its parent is gone, however that ended."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _ready() -> bool:
    return True


def _run(task: Callable[..., Any], size: int, args: tuple[Any, ...]) -> Any:
    with time_limit(_limits.seconds + _limits.seconds_a_megabyte * size / 1e6):
        return task(*args)


def confine(memory: int) -> None:
    """Limits this process's memory, and leaves signals of the terminal to its parent."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Ends this process where the block takes more processor time.

    Processor time, since a busy machine is no reason to refuse anything. SIGPROF is left to the
    kernel: a handler in Python would wait for the very library call that doesn't return.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
