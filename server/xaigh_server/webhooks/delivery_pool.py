"""Pool of one delivery worker per database, in the server's process or in its own.

Any number of processes may run a pool on the same databases. A pool polls the outboxes and queues
at short intervals, and at once when a slot becomes free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.log_events import LogEvent
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import THIS_MACHINE
from xaigh_server.webhooks.delivery_metrics import DeliveryMetrics
from xaigh_server.webhooks.delivery_worker import LEASE, ConcurrencyLimits, DeliveryWorker
from xaigh_server.webhooks.fanout import Fanout, GrantCache
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.signing import Signer

_POLL_SECONDS = {"sqlite": 0.1, "postgresql": 0.5}  # a poll of SQLite costs 20 µs and no round trip
_ERROR_SECONDS = 1.0
_PURGE_SECONDS = 600.0
_PURGE_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """Settings of deliveries. Ended deliveries and all events are kept for `retention`.

    `lease` is how long a killed process's deliveries wait before another process takes them.
    """

    allow_loopback: bool = False
    own: OwnHosts = THIS_MACHINE
    retention: timedelta = timedelta(days=30)
    limits: ConcurrencyLimits = field(default_factory=ConcurrencyLimits)
    lease: timedelta = LEASE


class DeliveryPool:
    """Queues and delivers the events of all databases."""

    def __init__(
        self,
        *,
        control: Database,
        business: Mapping[str, Database],
        outbound: Outbound,
        box: SecretBox,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
        random_bytes: RandomBytes,
        random: Callable[[], float],
        metrics: DeliveryMetrics,
        rules: DeliveryRules,
    ) -> None:
        self._clock = clock
        self._rules = rules
        self._databases: Sequence[Database] = (control, *business.values())
        self._fanout = Fanout(
            control=control,
            business=business,
            box=box,
            clock=clock,
            new_id=new_id,
            random=random_bytes,
        )
        self._wakers = {database.name: asyncio.Event() for database in self._databases}
        signer = Signer(box)
        self._workers = {
            database.name: DeliveryWorker(
                database,
                holder=new_id("wkr"),
                outbound=outbound,
                signer=signer,
                authorities=GrantCache(control, clock),
                clock=clock,
                random=random,
                allow_loopback=rules.allow_loopback,
                own=rules.own,
                on_slot_free=self._wakers[database.name].set,
                metrics=metrics,
                limits=rules.limits,
                lease=rules.lease,
            )
            for database in self._databases
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._log = structlog.get_logger("xaigh.webhooks")

    def start(self) -> None:
        """Starts the tasks on the running event loop."""
        if self._rules.allow_loopback:
            self._log.warning(
                LogEvent.WEBHOOK_LOOPBACK_ALLOWED,
                hint="callbacks may reach this very host: for development only",
            )
        self._tasks = [asyncio.create_task(self._run(each)) for each in self._databases]
        self._tasks.append(asyncio.create_task(self._purge()))

    async def stop(self, seconds: float = 10.0) -> None:
        """Stops polling and waits up to `seconds` for running deliveries."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        stops = (worker.stop(seconds) for worker in self._workers.values())
        await asyncio.gather(*stops, return_exceptions=True)

    async def purge(self) -> int:
        """Deletes deliveries that ended before the retention and older events, on all databases.

        Returns the number of deleted rows.
        """
        before = self._clock() - self._rules.retention
        total = 0
        for database in self._databases:
            deleted = _PURGE_ROWS
            while deleted >= _PURGE_ROWS:
                deleted = await database.write(
                    lambda session: WebhookDeliveries(session).purge(
                        before=before, limit=_PURGE_ROWS
                    ),
                    partition=Partition(database.name),
                )
                total += deleted
        return total

    async def _run(self, database: Database) -> None:
        waker = self._wakers[database.name]
        poll_seconds = _POLL_SECONDS[database.dialect]
        while True:
            waker.clear()
            try:
                more = await self._fanout.poll(database)
                if await self._workers[database.name].poll() or more:
                    continue
                pause = poll_seconds
            except DatabaseUnavailable as error:
                self._log.warning(
                    LogEvent.WEBHOOK_QUEUE_UNAVAILABLE, database=database.name, error=str(error)
                )
                pause = _ERROR_SECONDS
            except Exception:
                # One faulty event must not stop the delivery of all others.
                self._log.exception(LogEvent.WEBHOOK_QUEUE_FAILED, database=database.name)
                pause = _ERROR_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await waker.wait()

    async def _purge(self) -> None:
        while True:
            await asyncio.sleep(_PURGE_SECONDS)
            try:
                deleted = await self.purge()
            except DatabaseUnavailable as error:
                self._log.warning(LogEvent.WEBHOOK_PURGE_FAILED, error=str(error))
                continue
            if deleted:
                self._log.info(LogEvent.WEBHOOK_PURGED, rows=deleted)
