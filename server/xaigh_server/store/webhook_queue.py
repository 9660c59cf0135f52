"""The queues of one database: who may send what now, and what became of it.

An endpoint's deliveries go out one at a time, in order, by whoever holds the endpoint's lease. A
lease ends by itself: a process that was killed holds nobody up for longer than that, and what it
had under way is sent again. All writes of a database are serial, so two claims never take the same
queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from xaigh_server.domain.events import Event
from xaigh_server.domain.webhooks import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    Verdict,
)
from xaigh_server.store.session import Row, Session
from xaigh_server.store.tables.webhooks import control_webhooks
from xaigh_server.store.times import to_micros
from xaigh_server.store.webhook_deliveries import (
    ADD_ATTEMPT,
    COLUMNS,
    attempt_values,
    delivery_of,
    event_of,
)
from xaigh_server.store.webhook_endpoints import WebhookEndpoints, health_of

_D = control_webhooks.deliveries
_V = control_webhooks.events
_Q = control_webhooks.queues

_FREE = (_Q.c.next_time <= bindparam("now")) & (_Q.c.lease_until <= bindparam("now"))
_DUE = select(_Q.c.endpoint_id).where(_FREE).limit(1)
_WELL = (
    select(_Q.c.endpoint_id)
    .where(_FREE, _Q.c.failure_count == 0)
    .order_by(_Q.c.next_time)
    .limit(bindparam("limit"))
)
_UNWELL = (
    select(_Q.c.endpoint_id)
    .where(_FREE, _Q.c.failure_count > 0)
    .order_by(_Q.c.next_time)
    .limit(bindparam("limit"))
)
_LEASE = (
    update(_Q)
    .where(_Q.c.endpoint_id == bindparam("id_"))
    .values(lease_holder=bindparam("holder"), lease_until=bindparam("until"))
)
_HEAD = (
    select(*COLUMNS, _V.c.environment, _V.c.data)
    .join(_V, _V.c.event_id == _D.c.event_id)
    .where(
        _D.c.endpoint_id == bindparam("endpoint_id"),
        _D.c.state == "PENDING",
        _D.c.next_time <= bindparam("now"),
    )
    .order_by(_D.c.sequence)
    .limit(1)
)
_EARLIEST = select(func.min(_D.c.next_time)).where(
    _D.c.endpoint_id == bindparam("endpoint_id"), _D.c.state == "PENDING"
)
_QUEUE = select(
    _Q.c.lease_holder,
    _Q.c.pause_until,
    _Q.c.failure_count,
    _Q.c.failing_since,
    _Q.c.last_success_time,
    _Q.c.last_failure_time,
).where(_Q.c.endpoint_id == bindparam("endpoint_id"))
_RELEASE = (
    update(_Q)
    .where(_Q.c.endpoint_id == bindparam("id_"), _Q.c.lease_holder == bindparam("holder"))
    .values(lease_holder="", lease_until=0, next_time=bindparam("next"))
)
_RELEASE_ALL = (
    update(_Q)
    .where(_Q.c.lease_holder == bindparam("holder"))
    .values(lease_holder="", lease_until=0)
)
_SET_HEALTH = update(_Q).where(_Q.c.endpoint_id == bindparam("id_"))
_STATE = select(_D.c.state, _D.c.attempt_count).where(_D.c.delivery_id == bindparam("delivery_id"))
_TRIED = update(_D).where(_D.c.delivery_id == bindparam("id_"))
_CANCEL = (
    update(_D)
    .where(_D.c.delivery_id == bindparam("id_"), _D.c.state == "PENDING")
    .values(state="CANCELLED", next_time=None, ended_time=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that its holder may send until the lease ends, and the health of its endpoint."""

    delivery: Delivery
    event: Event
    endpoint: Endpoint
    health: EndpointHealth
    lease_until: datetime


class WebhookQueue:
    """The queues of one database, as one holder of leases sees them."""

    def __init__(self, session: Session, *, holder: str) -> None:
        self._session = session
        self._holder = holder

    def waiting(self, now: datetime) -> bool:
        """Whether some queue is due and free. Cheap: asked often."""
        return self._session.one(_DUE, now=to_micros(now)) is not None

    def claim(self, *, well: int, unwell: int, now: datetime, until: datetime) -> list[Due]:
        """Leases queues that are due: at most so many whose last try went well, and so many not."""
        micros = to_micros(now)
        rows = self._session.all(_WELL, now=micros, limit=well) if well else []
        rows += self._session.all(_UNWELL, now=micros, limit=unwell) if unwell else []
        claimed = [self._lease(row.endpoint_id, now=now, until=until) for row in rows]
        return [due for due in claimed if due is not None]

    def record(
        self, due: Due, attempt: Attempt, verdict: Verdict, *, now: datetime, until: datetime | None
    ) -> Due | None:
        """Writes what became of a try, and leases the endpoint's next delivery if one is due.

        With `until` None the queue is let go in any case. None: nothing more to send here now.
        """
        self._tried(due.delivery, attempt, verdict, now)
        if not self._holds(due.endpoint.id):
            return None  # the endpoint is gone, or the lease ran out: somebody else goes on
        self._session.run(_SET_HEALTH, id_=due.endpoint.id, **_health_values(verdict))
        if until is None or verdict.pause_until is not None:
            self._rest(due.endpoint.id)
            return None
        return self._lease(due.endpoint.id, now=now, until=until)

    def skip(self, due: Due, *, now: datetime, until: datetime) -> Due | None:
        """Cancels a delivery that may not be sent any more, and leases the next one."""
        self._session.run(_CANCEL, id_=due.delivery.id, now=to_micros(now))
        if not self._holds(due.endpoint.id):
            return None
        return self._lease(due.endpoint.id, now=now, until=until)

    def release(self, due: Due, *, pause_until: datetime | None = None) -> None:
        """Lets a queue go without having sent, and leaves it alone until a time."""
        if pause_until is not None:
            self._session.run(_SET_HEALTH, id_=due.endpoint.id, pause_until=to_micros(pause_until))
        self._rest(due.endpoint.id)

    def release_all(self) -> None:
        """Lets go of everything that this holder has."""
        self._session.run(_RELEASE_ALL, holder=self._holder)

    def _holds(self, endpoint_id: str) -> bool:
        row = self._session.one(_QUEUE, endpoint_id=endpoint_id)
        return row is not None and row.lease_holder == self._holder

    def _lease(self, endpoint_id: str, *, now: datetime, until: datetime) -> Due | None:
        """Takes or prolongs a lease that is free or ours, and reads what to send first."""
        self._session.run(_LEASE, id_=endpoint_id, holder=self._holder, until=to_micros(until))
        endpoint = WebhookEndpoints(self._session).find(endpoint_id)
        queue = self._session.one(_QUEUE, endpoint_id=endpoint_id)
        if endpoint is None or queue is None or not endpoint.enabled:
            self._release(endpoint_id, None)
            return None
        head = self._session.one(_HEAD, endpoint_id=endpoint_id, now=to_micros(now))
        if head is None:
            self._rest(endpoint_id)
            return None
        return _due(head, endpoint, queue, until)

    def _rest(self, endpoint_id: str) -> None:
        """Lets the queue go until its earliest delivery is due and its pause is over."""
        earliest = self._session.scalar(_EARLIEST, endpoint_id=endpoint_id)
        queue = self._session.one(_QUEUE, endpoint_id=endpoint_id)
        if queue is not None:
            pause = queue.pause_until
            self._release(endpoint_id, None if earliest is None else max(earliest, pause))

    def _release(self, endpoint_id: str, next_time: int | None) -> None:
        self._session.run(_RELEASE, id_=endpoint_id, holder=self._holder, next=next_time)

    def _tried(self, delivery: Delivery, attempt: Attempt, verdict: Verdict, now: datetime) -> None:
        row = self._session.one(_STATE, delivery_id=delivery.id)
        if row is None or row.attempt_count != delivery.attempt_count:
            return  # this try was taken for lost and made again: the later one counts
        state, next_time = verdict.state, verdict.next_attempt_at
        if row.state == DeliveryState.CANCELLED and state is DeliveryState.PENDING:
            state, next_time = DeliveryState.CANCELLED, None
        self._session.run(
            _TRIED,
            id_=delivery.id,
            state=state.value,
            attempt_count=attempt.number,
            step=delivery.step + 1,
            next_time=to_micros(next_time),
            ended_time=None if state is DeliveryState.PENDING else to_micros(now),
        )
        self._session.run(ADD_ATTEMPT, attempt_values(delivery.id, attempt))


def _due(head: Row, endpoint: Endpoint, queue: Row, until: datetime) -> Due:
    return Due(
        delivery=delivery_of(head),
        event=event_of(head),
        endpoint=endpoint,
        health=health_of(queue),
        lease_until=until,
    )


def _health_values(verdict: Verdict) -> dict[str, object]:
    health = verdict.health
    return {
        "failure_count": health.failure_count,
        "failing_since": to_micros(health.failing_since),
        "last_success_time": to_micros(health.last_success_at),
        "last_failure_time": to_micros(health.last_failure_at),
        "pause_until": to_micros(verdict.pause_until) or 0,
    }
