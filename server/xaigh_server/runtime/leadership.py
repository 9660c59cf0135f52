"""Leadership of background tasks: over all processes and servers, one runs each task at a time.

Every process asks for the lease of every task, again and again; the one that has it runs the task.
A process uses a lease for less time than the database gives it to, counted from before it asked and
by a clock that never jumps. So it has stopped before another one may begin, also where it was
suspended or lost the database. A task that runs when its lease ends is cancelled.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
from collections.abc import Callable
from contextlib import suppress

import structlog
from prometheus_client import CollectorRegistry, Gauge

from xaigh_server.db.database import Database
from xaigh_server.db.errors import StoreError
from xaigh_server.db.leader_leases import LeaderLeases
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.identity.leased_epoch import boot_time
from xaigh_server.log_events import LogEvent
from xaigh_server.runtime.scheduler import Scheduler, Work

LEASE_SECONDS = 10.0
_USED = 0.7  # of a lease; the rest covers clocks of another rate, and a unit that is on its way
_RENEWED = 0.3
_LOOK_SECONDS = 0.5

_log = structlog.get_logger("xaigh.leaders")


class Leadership:
    """The leases of one process."""

    def __init__(
        self,
        control: Database,
        *,
        registry: CollectorRegistry,
        new_id: Callable[[str], str],
        clock: Callable[[], float] = boot_time,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        """`clock` is in seconds and never jumps, `seconds` the length of a lease."""
        self._control = control
        self._clock = clock
        self._seconds = seconds
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{new_id('srv')}"
        self._until: dict[str, float] = {}  # by task; 0 where it isn't held
        self._renewing: asyncio.Task[None] | None = None
        self._gauge = Gauge(
            "xaigh_leader",
            "Processes that lead a background task: one in the whole fleet.",
            ("task",),
            registry=registry,
        )

    def add(self, task: str) -> None:
        """Adds a task to ask for. ValueError: there is one of that name."""
        if task in self._until:
            raise ValueError(f"there are two background tasks {task!r}")
        self._until[task] = 0.0
        self._gauge.labels(task).set_function(lambda: float(self.leads(task)))

    def leads(self, task: str) -> bool:
        """Whether this process may run the task now."""
        return self._clock() < self._until[task]

    async def start(self) -> None:
        """Asks for all leases, and goes on asking."""
        await self.renew()
        self._renewing = asyncio.create_task(self._renew_always())

    async def stop(self) -> None:
        """Gives up all leases."""
        if self._renewing is None:
            return
        self._renewing.cancel()
        with suppress(asyncio.CancelledError):
            await self._renewing
        self._renewing = None
        self._until = dict.fromkeys(self._until, 0.0)
        with suppress(StoreError):  # they run out by themselves
            await self._control.write(
                lambda session: LeaderLeases(session).release(self.holder),
                partition=Partition(CONTROL),
            )

    async def renew(self) -> None:
        """Renews what this process holds, and takes what is free."""
        sent = self._clock()
        led = {task for task in self._until if self.leads(task)}
        cause = ""
        try:
            taken = await self._control.write(
                lambda session: LeaderLeases(session).take(
                    self.holder, self._until, seconds=self._seconds
                ),
                partition=Partition(CONTROL),
            )
        except StoreError as error:
            taken, cause = set(), str(error)
        else:
            for task in self._until:
                self._until[task] = sent + self._seconds * _USED if task in taken else 0.0
        self._tell(led, taken, cause)

    async def run(self, task: str, work: Work) -> object:
        """Runs the task if this process leads it, for as long as it does. Returns its result."""
        if not self.leads(task):
            return None
        running = asyncio.ensure_future(work())
        try:
            while self.leads(task):
                done, _ = await asyncio.wait({running}, timeout=_LOOK_SECONDS)
                if done:
                    return await running
            _log.warning(LogEvent.LEADER_STOPPED, task=task)
            return None
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def _renew_always(self) -> None:
        while True:
            await asyncio.sleep(self._seconds * _RENEWED)
            await self.renew()

    def _tell(self, led: set[str], taken: set[str], cause: str) -> None:
        if taken - led:
            _log.info(LogEvent.LEADER_TAKEN, tasks=sorted(taken - led), holder=self.holder)
        lost = {task for task in led if not self.leads(task)}
        if lost:
            _log.warning(LogEvent.LEADER_LOST, tasks=sorted(lost), cause=cause)


class LedTasks:
    """Adds tasks to a scheduler that only the leader of each runs."""

    def __init__(self, scheduler: Scheduler, leadership: Leadership) -> None:
        self._scheduler = scheduler
        self._leadership = leadership

    def every(
        self,
        task: str,
        seconds: float,
        work: Work,
        *,
        at_end: bool = False,
        otherwise: Work | None = None,
    ) -> None:
        """Adds one. Its name is the same in all releases: a lease has it.

        `otherwise` is what a process does that doesn't lead the task.
        """
        self._leadership.add(task)

        @functools.wraps(work)
        async def led() -> object:
            if otherwise is not None and not self._leadership.leads(task):
                return await otherwise()
            return await self._leadership.run(task, work)

        self._scheduler.every(seconds, led, at_end=at_end)
