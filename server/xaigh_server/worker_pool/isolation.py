"""Limits of worker processes that parse foreign input, and what becomes of input that breaks one.

A parser can be made to take all the memory or all the time that there is. So anything but small
input is parsed in a worker process under two limits. The kernel ends a worker that passes either.
What it had in hand is parsed once more, alone, in a fresh worker; input that breaks that one as
well is refused. The server process never parses it instead.
"""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from xaigh_server.errors import Unavailable
from xaigh_server.worker_pool.process import Helper

INLINE_BYTES = 8 * 1024
"""So much input may be parsed in the server process: the worst of it takes 20 ms there."""
MEMORY_BYTES = 1536 * 1024 * 1024
"""Address space of a worker. The largest batch takes a third of it."""
_SECONDS = 3.0
_SECONDS_A_MEGABYTE = 0.5


def confine(memory: int = MEMORY_BYTES) -> None:
    """Limits this process's memory, and leaves signals of the terminal to its parent."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def time_limit(size: int) -> Iterator[None]:
    """Ends this process where a task on so many bytes takes too much processor time.

    Processor time, since a busy machine is no reason to refuse anything. SIGPROF is left to the
    kernel: a handler in Python would wait for the very library call that doesn't return.
    """
    signal.setitimer(signal.ITIMER_PROF, _SECONDS + _SECONDS_A_MEGABYTE * size / 1e6)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


class LoneWorker:
    """A worker process that has one thing in hand at a time."""

    def __init__(self, helper: Helper) -> None:
        self._helper = helper

    async def ask(self, question: Any) -> Any:
        """The answer, or None where the question breaks the worker: the next has a fresh one.

        Raises Unavailable where no worker can be started, which says nothing of the question.
        """
        if await self._helper.ask(None) is None:
            raise Unavailable("No worker process can be started now.")
        return await self._helper.ask(question)


class Quarantine:
    """Fresh workers for what was in the hands of a worker that broke, one at a time."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[LoneWorker]:
        """A worker that nobody else asks, and that ends with the block."""
        async with self._turn:
            helper = Helper(self._module)
            try:
                yield LoneWorker(helper)
            finally:
                await helper.close()
