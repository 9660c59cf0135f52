"""Queues of one database: leases on endpoints and the next due delivery of each.

Only the holder of an endpoint's lease sends its deliveries, one at a time and in order. A lease
expires by itself, so a killed process delays an endpoint no longer than that; its last attempt is
repeated. Writes of a database are serial, so two claims never lease the same queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Text, bindparam, case, func, select, update

from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import to_micros
from xaigh_server.webhooks.events import Event
from xaigh_server.webhooks.model import (
    Delivery,
    DeliveryAttempt,
    DeliveryDecision,
    DeliveryState,
    Endpoint,
    EndpointHealth,
)
from xaigh_server.webhooks.repository.batched_deliveries import is_batch, split_off
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints, health_of
from xaigh_server.webhooks.repository.rows import (
    ADD_ATTEMPT,
    COLUMNS,
    attempt_values,
    delivery_of,
    event_in,
)
from xaigh_server.webhooks.tables import control_webhooks

_D = control_webhooks.deliveries
_V = control_webhooks.events
_E = control_webhooks.endpoints
_Q = control_webhooks.queues

_AT_ONCE = 10  # deliveries of a batch per split: one claim covers many endpoints

_FREE = (_Q.c.next_time <= bindparam("now")) & (_Q.c.lease_until <= bindparam("now"))
_DUE = select(_Q.c.endpoint_id).where(_FREE).limit(1)
_HEALTHY = (
    select(_Q.c.endpoint_id)
    .where(_FREE, _Q.c.failure_count == 0)
    .order_by(_Q.c.next_time)
    .limit(bindparam("limit"))
)
_FAILING = (
    select(_Q.c.endpoint_id)
    .where(_FREE, _Q.c.failure_count > 0)
    .order_by(_Q.c.next_time)
    .limit(bindparam("limit"))
)
_LEASE = (
    update(_Q)
    .where(_Q.c.endpoint_id == bindparam("id_"), _FREE)
    .returning(
        _Q.c.endpoint_id,
        select(_E.c.organization_id)
        .where(_E.c.endpoint_id == _Q.c.endpoint_id)
        .correlate(_Q)
        .scalar_subquery()
        .label("organization_id"),
    )
)
# Matches no row once another process holds the lease.
_HELD = update(_Q).where(
    _Q.c.endpoint_id == bindparam("id_"), _Q.c.lease_holder == bindparam("holder")
)
_HOLD = _HELD.returning(_Q.c.endpoint_id)
_NEXT = (
    select(
        *COLUMNS,
        _V.c.environment,
        _V.c.data,
        _V.c.request_id,
        _E.c.revision,
        _Q.c.failure_count,
        _Q.c.failing_since,
        _Q.c.last_success_time,
        _Q.c.last_failure_time,
    )
    .join(_V, _V.c.event_id == _D.c.event_id)
    .join(_E, _E.c.endpoint_id == _D.c.endpoint_id)
    .join(_Q, _Q.c.endpoint_id == _D.c.endpoint_id)
    .where(
        _D.c.endpoint_id == bindparam("endpoint_id"),
        _D.c.state == "PENDING",
        _D.c.next_time <= bindparam("now"),
        _E.c.disabled_time.is_(None),
    )
    .order_by(_D.c.sequence)
    .limit(1)
)
_EARLIEST = (
    select(func.min(_D.c.next_time))
    .join(_E, _E.c.endpoint_id == _D.c.endpoint_id)
    .where(
        _D.c.endpoint_id == _Q.c.endpoint_id,
        _D.c.state == "PENDING",
        _E.c.disabled_time.is_(None),
    )
    .correlate(_Q)
    .scalar_subquery()
)
_RELEASE = _HELD.values(
    lease_holder="",
    lease_until=0,
    next_time=case((_Q.c.pause_until > _EARLIEST, _Q.c.pause_until), else_=_EARLIEST),
)
_RELEASE_ALL = (
    update(_Q)
    .where(_Q.c.lease_holder == bindparam("holder"))
    .values(lease_holder="", lease_until=0)
)
_STILL = (_D.c.state == "CANCELLED") & (bindparam("state", type_=Text) == "PENDING")
_TRIED = (
    update(_D)
    .where(_D.c.delivery_id == bindparam("id_"), _D.c.attempt_count == bindparam("before"))
    .values(
        state=case((_STILL, "CANCELLED"), else_=bindparam("state", type_=Text)),
        next_time=case((_STILL, None), else_=bindparam("next", type_=BigInteger)),
        ended_time=case((_STILL, _D.c.ended_time), else_=bindparam("ended", type_=BigInteger)),
        attempt_count=_D.c.attempt_count + 1,
        step=_D.c.step + 1,
    )
    .returning(_D.c.delivery_id)
)
_CANCEL = (
    update(_D)
    .where(_D.c.delivery_id == bindparam("id_"), _D.c.state == "PENDING")
    .values(state="CANCELLED", next_time=None, ended_time=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A queue that was just leased; no organization for the callback of a ticket."""

    endpoint_id: str
    organization_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A leased delivery, to be sent before `lease_until`, and its endpoint's health."""

    delivery: Delivery
    event: Event
    endpoint: Endpoint
    health: EndpointHealth
    lease_until: datetime


class WebhookQueue:
    """Leases and releases queues for one holder."""

    def __init__(self, session: Session, *, holder: str) -> None:
        self._session = session
        self._holder = holder

    def waiting(self, now: datetime) -> bool:
        """Whether any queue is due and free. Cheap, since it is polled."""
        return self._session.one(_DUE, now=to_micros(now)) is not None

    def claim(self, *, healthy: int, failing: int, now: datetime, until: datetime) -> list[Claim]:
        """Leases due queues: at most `healthy` whose last attempt succeeded, `failing` others.

        Runs beside units of the organizations: each lease is one statement, and looks at nothing
        that they write. `first` reads what is due under the lock of the organization.
        """
        micros = to_micros(now)
        rows = self._session.all(_HEALTHY, now=micros, limit=healthy) if healthy else []
        rows += self._session.all(_FAILING, now=micros, limit=failing) if failing else []
        claimed = [
            self._session.one(
                _LEASE,
                id_=row.endpoint_id,
                now=micros,
                lease_holder=self._holder,
                lease_until=to_micros(until),
            )
            for row in sorted(rows, key=lambda row: row.endpoint_id)  # one order of locks
        ]
        return [
            Claim(endpoint_id=row.endpoint_id, organization_id=row.organization_id or "")
            for row in claimed
            if row is not None
        ]

    def first(self, claim: Claim, *, now: datetime, until: datetime) -> Due | None:
        """Returns the first due delivery of a queue just leased; releases it if none is due."""
        return self._next(claim.endpoint_id, None, now=now, until=until)

    def record(
        self,
        due: Due,
        attempt: DeliveryAttempt,
        decision: DeliveryDecision,
        *,
        now: datetime,
        until: datetime | None,
    ) -> Due | None:
        """Records an attempt and leases the endpoint's next due delivery.

        With `until` None the queue is released. Returns None where nothing more is to be sent.
        """
        self._record_attempt(due.delivery, attempt, decision, now)
        held = self._hold(due, **_health_values(decision), lease_until=to_micros(until) or 0)
        if not held:
            return None  # the endpoint was deleted, or the lease has expired
        if until is None or decision.pause_until is not None:
            self._release(due.endpoint.id)
            return None
        return self._next(due.endpoint.id, due.endpoint, now=now, until=until)

    def skip(self, due: Due, *, now: datetime, until: datetime) -> Due | None:
        """Cancels a delivery that is no longer allowed, and leases the next one."""
        self._session.run(_CANCEL, id_=due.delivery.id, now=to_micros(now))
        if not self._hold(due, lease_until=to_micros(until)):
            return None
        return self._next(due.endpoint.id, due.endpoint, now=now, until=until)

    def release(self, due: Due, *, pause_until: datetime | None = None) -> None:
        """Releases a queue without an attempt, paused until a time."""
        if pause_until is not None:
            self._hold(due, pause_until=to_micros(pause_until))
        self._release(due.endpoint.id)

    def release_all(self) -> None:
        """Releases all leases of this holder."""
        self._session.run(_RELEASE_ALL, holder=self._holder)

    def _hold(self, due: Due, **values: object) -> bool:
        """Updates a queue leased by this holder. Returns False if the lease is lost."""
        row = self._session.one(_HOLD, id_=due.endpoint.id, holder=self._holder, **values)
        return row is not None

    def _next(
        self, endpoint_id: str, known: Endpoint | None, *, now: datetime, until: datetime
    ) -> Due | None:
        """Returns the first due delivery of a leased queue; releases the queue if none is due.

        `known` is the endpoint as last read; it is read again only if its revision changed.
        """
        head = self._session.one(_NEXT, endpoint_id=endpoint_id, now=to_micros(now))
        if head is not None and is_batch(head):
            split_off(self._session, head, _AT_ONCE)
            head = self._session.one(_NEXT, endpoint_id=endpoint_id, now=to_micros(now))
        if head is None:
            self._release(endpoint_id)
            return None
        if known is None or known.revision != head.revision:
            known = WebhookEndpoints(self._session).find(endpoint_id)
        return None if known is None else _due(head, known, until)

    def _release(self, endpoint_id: str) -> None:
        """Releases the queue until its earliest delivery is due and its pause is over."""
        self._session.run(_RELEASE, id_=endpoint_id, holder=self._holder)

    def _record_attempt(
        self,
        delivery: Delivery,
        attempt: DeliveryAttempt,
        decision: DeliveryDecision,
        now: datetime,
    ) -> None:
        pending = decision.state is DeliveryState.PENDING
        written = self._session.one(
            _TRIED,
            id_=delivery.id,
            before=delivery.attempt_count,
            state=decision.state.value,
            next=to_micros(decision.next_attempt_at),
            ended=None if pending else to_micros(now),
        )
        # Not written where the lease was lost and the attempt repeated: the later one counts.
        if written is not None:
            self._session.run(ADD_ATTEMPT, attempt_values(delivery.id, attempt))


def _due(head: Row, endpoint: Endpoint, until: datetime) -> Due:
    return Due(
        delivery=delivery_of(head),
        event=event_in(head),
        endpoint=endpoint,
        health=health_of(head),
        lease_until=until,
    )


def _health_values(decision: DeliveryDecision) -> dict[str, object]:
    health = decision.health
    return {
        "failure_count": health.failure_count,
        "failing_since": to_micros(health.failing_since),
        "last_success_time": to_micros(health.last_success_at),
        "last_failure_time": to_micros(health.last_failure_at),
        "pause_until": to_micros(decision.pause_until) or 0,
    }
