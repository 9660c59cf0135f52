"""Epoch on PostgreSQL: a reading of the row that holds for a fifth of a second.

A process may use a reading for `LEASE_SECONDS` after it *sent* the look-up, so calls on a hot key
cost no round trip. A unit that takes rights away commits, then waits `SETTLING_SECONDS` before its
reply leaves: by then every reading from before that commit has run out, in every process, whatever
happened to it meanwhile. There are no lease rows, no acknowledgements and no notifications.

The promise assumes clocks whose rates differ by less than 10 % (each process measures by its own),
and CLOCK_BOOTTIME, which also counts the time that a machine was suspended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.session import Session
from xaigh_server.identity.epoch import read_epoch

LEASE_SECONDS = 0.2
SETTLING_SECONDS = LEASE_SECONDS * 1.25

_UNIT_WAIT_SECONDS = 10.0  # a look-up ends earlier by the limits of its connection


def boot_time() -> float:
    """Seconds since the machine started, those included in which it was suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look-up: what it found, and when it was sent."""

    value: int
    sent: float


class LeasedEpoch:
    """Reads the epoch's row where the last reading has run out.

    Calls that wait at the same time share a look-up. One that began before a call may have missed a
    bump that was committed in between, so for any number of calls at most one look-up runs, and one
    more is scheduled.
    """

    def __init__(
        self,
        control: Database,
        *,
        clock: Callable[[], float] = boot_time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clock` is in seconds and never goes back; `sleep` is by the same clock."""
        self._control = control
        self._clock = clock
        self._sleep = sleep
        self._reading: Reading | None = None
        self._running: asyncio.Task[int] | None = None
        self._next: asyncio.Task[int] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def current(self) -> int:
        value = self._leased()
        if value is not None:
            return value
        if self._next is None:
            self._loop = asyncio.get_running_loop()
            self._next = asyncio.create_task(self._look_up(self._running))
            self._next.add_done_callback(_seen)
        return await asyncio.shield(self._next)

    def has_moved(self, since: int, session: Session, database: str) -> bool:
        """Reads the row in the transaction of a control unit; other units use the reading.

        A unit runs in a thread, so it can wait for a look-up of the event loop. A look-up takes no
        lock, so there is no deadlock.
        """
        if database == self._control.name:
            return read_epoch(session) != since
        value = self._leased()
        if value is None:
            value = self._await_current()
        return value != since

    def expire(self) -> None:
        self._reading = None

    async def settle(self) -> None:
        """Waits until every reading from before now has run out, in every process."""
        self.expire()
        await self._sleep(SETTLING_SECONDS)

    def lease_left(self, value: int) -> float:
        reading = self._reading
        if reading is None or reading.value != value:
            return 0.0
        return max(0.0, LEASE_SECONDS - (self._clock() - reading.sent))

    def reading_age(self) -> float:
        """Seconds since the newest reading was sent; 0 where there is none."""
        reading = self._reading
        return 0.0 if reading is None else self._clock() - reading.sent

    async def close(self) -> None:
        pending = [task for task in (self._running, self._next) if task is not None]
        if pending:
            await asyncio.wait(pending)

    def _leased(self) -> int | None:
        reading = self._reading  # read once: units ask from their threads
        if reading is None or self._clock() - reading.sent >= LEASE_SECONDS:
            return None
        return reading.value

    def _await_current(self) -> int:
        if self._loop is None:
            raise DatabaseUnavailable("the epoch was never read")
        asked = asyncio.run_coroutine_threadsafe(self.current(), self._loop)
        try:
            return asked.result(_UNIT_WAIT_SECONDS)
        except TimeoutError as error:
            raise DatabaseUnavailable("the epoch can't be read") from error

    async def _look_up(self, before: asyncio.Task[int] | None) -> int:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None  # from here on calls need a new look-up
        sent = self._clock()
        value = await self._control.point(read_epoch)
        if self._reading is None or self._reading.sent < sent:
            self._reading = Reading(value, sent)
        return value


def _seen(task: asyncio.Task[int]) -> None:
    """Marks a failure as noticed, also where every caller has gone."""
    if not task.cancelled():
        task.exception()
