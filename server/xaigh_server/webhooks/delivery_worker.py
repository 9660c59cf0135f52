"""Delivery worker of one database: leases queues, sends events, records the attempts.

Each leased endpoint has its own task, so a receiver that hangs delays only its own events. Failing
endpoints have a concurrency limit of their own, so they never use up the slots of healthy ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.webhook_secrets import SecretUnreadable
from xaigh_server.log_events import LogEvent
from xaigh_server.net.http_reply import HttpOutcome, HttpReply
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.resolver import look_ups_of
from xaigh_server.net.url_guard import CallbackForbidden, check_url
from xaigh_server.webhooks import model as webhooks
from xaigh_server.webhooks.delivery_metrics import DeliveryMetrics
from xaigh_server.webhooks.disabling import Disabling, disable
from xaigh_server.webhooks.endpoint_events import tell_failing
from xaigh_server.webhooks.fanout import GrantCache
from xaigh_server.webhooks.model import DeliveryAttempt, DeliveryDecision
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints
from xaigh_server.webhooks.repository.queue import Claim, Due, WebhookQueue
from xaigh_server.webhooks.signing import Signer

T = TypeVar("T")

LEASE = timedelta(seconds=45)
_SPARE = 9  # a ninth of the lease is reserved for recording the attempt
_SENDS = 200  # then the queue is released, so that others get their turn
_UNSIGNABLE_PAUSE = timedelta(minutes=5)
_SUSPENDED_PAUSE = timedelta(seconds=30)  # and so the time within which a resumed one is served
_WRITE_PAUSES = (0.2, 1.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyLimits:
    """How many healthy and how many failing endpoints are served at once, at most."""

    healthy: int = 256
    failing: int = 128


class DeliveryWorker:
    """Delivers the events of one database. `holder` identifies this process in its leases."""

    def __init__(
        self,
        database: Database,
        *,
        holder: str,
        outbound: Outbound,
        signer: Signer,
        authorities: GrantCache,
        clock: Callable[[], datetime],
        random: Callable[[], float],
        allow_loopback: bool,
        own: OwnHosts,
        on_slot_free: Callable[[], None],
        metrics: DeliveryMetrics,
        limits: ConcurrencyLimits | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._holder = holder
        self._outbound = outbound
        self._signer = signer
        self._authorities = authorities
        self._clock = clock
        self._random = random
        self._allow_loopback = allow_loopback
        self._own = own
        self._on_free = on_slot_free
        self._metrics = metrics
        self._limits = limits or ConcurrencyLimits()
        self._lease = lease
        # With less of the lease left, another process could take the queue during the send.
        self._needed = timedelta(seconds=outbound.seconds) + lease / _SPARE
        self._healthy: set[asyncio.Task[None]] = set()
        self._failing: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._log = structlog.get_logger("xaigh.webhooks").bind(database=database.name)

    async def poll(self) -> bool:
        """Leases due queues and starts a task for each. Returns whether there were any."""
        healthy = self._limits.healthy - len(self._healthy)
        failing = self._limits.failing - len(self._failing)
        if self._stopping or not (healthy or failing) or not await self._waiting():
            return False
        now = self._clock()
        claimed = await self._database.write(
            lambda session: self._queue(session).claim(
                healthy=healthy, failing=failing, now=now, until=now + self._lease
            ),
            partition=Partition(self._database.name),
        )
        found = await asyncio.gather(*(self._first(each, now) for each in claimed))
        for due in found:
            if due is not None:
                self._start(due)
        return bool(claimed)

    async def stop(self, seconds: float) -> None:
        """Waits up to `seconds` for running tasks, cancels the rest, and releases the leases."""
        self._stopping = True
        tasks = self._healthy | self._failing
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._database.write(
            lambda session: self._queue(session).release_all(),
            partition=Partition(self._database.name),
        )

    async def _first(self, claim: Claim, now: datetime) -> Due | None:
        return await self._database.write(
            lambda session: self._queue(session).first(claim, now=now, until=now + self._lease),
            partition=Partition.of(self._database.name, claim.organization_id),
        )

    async def _waiting(self) -> bool:
        now = self._clock()
        return await self._database.point(lambda session: self._queue(session).waiting(now))

    def _queue(self, session: Session) -> WebhookQueue:
        return WebhookQueue(session, holder=self._holder)

    def _start(self, due: Due) -> None:
        tasks = self._failing if due.health.failure_count else self._healthy
        task = asyncio.create_task(self._serve(due), name=f"webhooks-{due.endpoint.id}")
        tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            self._on_free()

        task.add_done_callback(ended)

    async def _serve(self, first: Due) -> None:
        """Sends an endpoint's due deliveries in order until one fails or none is due."""
        due: Due | None = first
        sends = 0
        try:
            while due is not None:
                sends += 1
                due = await self._step(due, last=sends >= _SENDS)
        except DatabaseUnavailable as error:
            # The lease expires by itself; then the unrecorded attempt is repeated.
            self._log.warning(
                LogEvent.WEBHOOK_LEASE_LOST, endpoint=first.endpoint.id, error=str(error)
            )

    async def _step(self, due: Due, *, last: bool) -> Due | None:
        now = self._clock()
        if self._stopping or due.lease_until - now < self._needed:
            await self._write(due, lambda session: self._queue(session).release(due))
            return None
        if await self._authorities.suspended(due.event.organization_id):
            rest = now + _SUSPENDED_PAUSE
            await self._write(
                due, lambda session: self._queue(session).release(due, pause_until=rest)
            )
            return None
        authority = (await self._authorities.of([due.endpoint.grant_id]))[due.endpoint.grant_id]
        if not due.endpoint.may_receive(due.event, authority):
            return await self._write(
                due,
                lambda session: self._queue(session).skip(due, now=now, until=now + self._lease),
            )
        try:
            reply = await self._send(due, now)
        except SecretUnreadable as error:
            self._metrics.count_unsignable(self._database.name)
            self._log.error(LogEvent.WEBHOOK_UNSIGNABLE, endpoint=due.endpoint.id, error=str(error))
            pause = now + _UNSIGNABLE_PAUSE
            await self._write(
                due, lambda session: self._queue(session).release(due, pause_until=pause)
            )
            return None
        return await self._record(due, reply, started=now, last=last)

    async def _send(self, due: Due, now: datetime) -> HttpReply:
        production = self._database.name == Environment.PRODUCTION.value
        try:
            url = check_url(
                due.endpoint.url,
                environment=Environment.PRODUCTION if production else Environment.SANDBOX,
                allow_loopback=self._allow_loopback,
                own=self._own,
            )
        except CallbackForbidden:
            return HttpReply(outcome=HttpOutcome.ADDRESS_FORBIDDEN)
        body = due.event.body()
        headers = self._signer.headers(due.endpoint, due.event.id, body, now)
        with look_ups_of(due.endpoint.organization_id):
            return await self._outbound.post(url, body.encode(), headers)

    async def _record(
        self, due: Due, reply: HttpReply, *, started: datetime, last: bool
    ) -> Due | None:
        self._metrics.count_attempt(self._database.name, reply)
        attempt = DeliveryAttempt(
            number=due.delivery.attempt_count + 1,
            started_at=started,
            duration=timedelta(seconds=reply.seconds),
            outcome=reply.outcome,
            status=reply.status,
        )
        now = self._clock()
        decision = webhooks.decide(
            attempt,
            step=due.delivery.step + 1,
            health=due.health,
            now=now,
            retry_after=reply.retry_after,
            random=self._random,
        )
        until = None if last or self._stopping else now + self._lease

        def write(session: Session) -> Due | None:
            following = self._queue(session).record(due, attempt, decision, now=now, until=until)
            if decision.tell:
                self._tell(session, due, decision, now)
            if not decision.disable:
                return following
            self._disable(session, due, decision, now)
            return None

        following = await self._write(due, write)
        if reply.outcome is not HttpOutcome.ACCEPTED:
            self._report(due, attempt, decision)
        return following

    def _tell(self, session: Session, due: Due, decision: DeliveryDecision, now: datetime) -> None:
        """Tells the organization's other endpoints that this one fails."""
        environment = self._database.name
        tell_failing(session, due.endpoint, decision.health, environment=environment, now=now)

    def _disable(
        self, session: Session, due: Due, decision: DeliveryDecision, now: datetime
    ) -> None:
        """Disables an endpoint, with its audit event in the same transaction."""
        current = WebhookEndpoints(session).find(due.endpoint.id)
        if current is not None:
            by = Disabling(reason=decision.disable, time=now)
            disable(session, current, by, database=self._database.name)

    def _report(self, due: Due, attempt: DeliveryAttempt, decision: DeliveryDecision) -> None:
        facts = {
            "endpoint": due.endpoint.id,
            "organization": due.endpoint.organization_id,
            "delivery": due.delivery.id,
            "attempt": attempt.number,
            "outcome": attempt.outcome.value,
            "status": attempt.status,
        }
        self._log.info(LogEvent.WEBHOOK_FAILED, **facts)
        if decision.disable:
            self._metrics.count_disabled(self._database.name, decision.disable)
            self._log.warning(LogEvent.WEBHOOK_DISABLED, reason=decision.disable.value, **facts)

    async def _write(self, due: Due, fn: Callable[[Session], T]) -> T:
        """Writes, with retries while the database is busy: an unrecorded attempt is sent twice."""
        partition = Partition.of(self._database.name, due.endpoint.organization_id)
        began = time.monotonic()
        for pause in _WRITE_PAUSES:
            try:
                return await self._database.write(fn, partition=partition)
            except DatabaseUnavailable as error:
                waited = round(time.monotonic() - began, 3)
                self._log.warning(LogEvent.WEBHOOK_WRITE_RETRIED, error=str(error), waited=waited)
                await asyncio.sleep(pause)
        return await self._database.write(fn, partition=partition)
