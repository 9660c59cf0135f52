"""The delivery log of one database: what went out, what waits, and how each try went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, exists, insert, select, update

from xaigh_server.domain.events import EVENT_TYPES, Event
from xaigh_server.domain.webhooks import Attempt, Delivery, DeliveryState, Endpoint, Outcome
from xaigh_server.store.session import Row, Session, insert_ignore
from xaigh_server.store.tables.webhooks import control_webhooks
from xaigh_server.store.times import from_micros, to_micros

_D = control_webhooks.deliveries  # the business schema's tables are the same, and so is the SQL
_A = control_webhooks.attempts
_V = control_webhooks.events
_Q = control_webhooks.queues
_SHOWN_ATTEMPTS = 20

COLUMNS = (
    _D.c.sequence,
    _D.c.delivery_id,
    _D.c.endpoint_id,
    _D.c.organization_id,
    _D.c.event_id,
    _D.c.event_type,
    _D.c.state,
    _D.c.attempt_count,
    _D.c.step,
    _D.c.next_time,
    _D.c.event_time,
    _D.c.created_time,
    _D.c.ended_time,
)
_GET = select(*COLUMNS).where(
    _D.c.delivery_id == bindparam("delivery_id"),
    _D.c.organization_id == bindparam("organization_id"),
)
# In the order of what makes a row's values.
_EVENT = (
    "event_id",
    "event_type",
    "environment",
    "organization_id",
    "data",
    "event_time",
    "created_time",
)
_DELIVERY = (
    "delivery_id",
    "endpoint_id",
    "organization_id",
    "event_id",
    "event_type",
    "state",
    "attempt_count",
    "step",
    "next_time",
    "event_time",
    "created_time",
)
_ADD_EVENT = insert_ignore(_V, key=("event_id",))
_ADD_DELIVERY = insert_ignore(_D, key=("endpoint_id", "event_id"))
_ATTEMPTS = (
    select(
        _A.c.delivery_id,
        _A.c.number,
        _A.c.started_time,
        _A.c.duration,
        _A.c.outcome,
        _A.c.status,
    )
    .where(_A.c.delivery_id.in_(bindparam("ids", expanding=True)))
    .order_by(_A.c.delivery_id, _A.c.number)
)
ADD_ATTEMPT = insert(_A)
_REDELIVER = (
    update(_D)
    .where(_D.c.delivery_id == bindparam("id_"))
    .values(state="PENDING", step=0, next_time=bindparam("now"), ended_time=None)
)
_CANCEL = (
    update(_D)
    .where(_D.c.endpoint_id == bindparam("id_"), _D.c.state == "PENDING")
    .values(state="CANCELLED", next_time=None, ended_time=bindparam("now"))
)
_SOONER = (_Q.c.next_time.is_(None)) | (_Q.c.next_time > bindparam("due"))
_WAKE = (
    update(_Q)
    .where(_Q.c.endpoint_id == bindparam("id_"), _SOONER)
    .values(
        next_time=case(
            (_Q.c.pause_until > bindparam("due"), _Q.c.pause_until), else_=bindparam("due")
        )
    )
)
_WAKE_NOW = (
    update(_Q)
    .where(_Q.c.endpoint_id == bindparam("id_"))
    .values(next_time=bindparam("due"), pause_until=0)
)
_OLD = (
    select(_D.c.delivery_id)
    .where(_D.c.state != "PENDING", _D.c.ended_time < bindparam("before"))
    .order_by(_D.c.ended_time)
    .limit(bindparam("limit"))
)
_PURGE = delete(_D).where(_D.c.delivery_id.in_(bindparam("ids", expanding=True)))
_PURGE_ATTEMPTS = delete(_A).where(_A.c.delivery_id.in_(bindparam("ids", expanding=True)))
_OLD_EVENTS = (
    select(_V.c.event_id)
    .where(
        _V.c.created_time < bindparam("before"),
        ~exists(select(_D.c.sequence).where(_D.c.event_id == _V.c.event_id)),
    )
    .limit(bindparam("limit"))
)
_PURGE_EVENTS = delete(_V).where(_V.c.event_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """What is looked for. Empty members are no condition. `start` is included, `end` isn't."""

    organization_id: str
    endpoint_id: str = ""
    event_id: str = ""
    event_type: str = ""
    state: DeliveryState | None = None
    start: datetime | None = None
    end: datetime | None = None


class WebhookDeliveries:
    """The deliveries of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: Event, to: Iterable[tuple[str, Endpoint]], *, now: datetime) -> int:
        """Queues an event for endpoints, each with a new delivery's id. Returns for how many.

        An endpoint that was queued for the event before is left alone: a repeat adds nothing.
        """
        micros = to_micros(now)
        added = 0
        for delivery_id, endpoint in to:
            if not added:
                self._session.run(_ADD_EVENT, **_event_values(event), created_time=micros)
            values = _delivery_values(delivery_id, endpoint, event, micros)
            added += self._session.run(_ADD_DELIVERY, **values)
            self._session.run(_WAKE, id_=endpoint.id, due=micros)
        return added

    def add_all(
        self, queued: Iterable[tuple[Event, Sequence[tuple[str, Endpoint]]]], *, now: datetime
    ) -> None:
        """Like `add`, for many events in their order: one statement a table for all of them."""
        micros = to_micros(now)
        heard = [(event, to) for event, to in queued if to]
        events = [(*_event_values(event).values(), micros) for event, _ in heard]
        self._session.run_rows(_ADD_EVENT, _EVENT, events)
        deliveries = [
            tuple(_delivery_values(delivery_id, endpoint, event, micros).values())
            for event, to in heard
            for delivery_id, endpoint in to
        ]
        self._session.run_rows(_ADD_DELIVERY, _DELIVERY, deliveries)
        woken = dict.fromkeys(endpoint.id for _, to in heard for _, endpoint in to)
        self._session.run(_WAKE, [{"id_": name, "due": micros} for name in woken])

    def get(self, delivery_id: str, *, organization_id: str) -> Delivery | None:
        """The delivery with its last tries, if it is the organization's."""
        row = self._session.one(_GET, delivery_id=delivery_id, organization_id=organization_id)
        return None if row is None else self._with_attempts([delivery_of(row)])[0]

    def page(
        self, wanted: DeliveryFilter, *, below: int | None, limit: int
    ) -> list[tuple[int, Delivery]]:
        """At most `limit` deliveries, newest first, each with its place in the list."""
        found = _matching(wanted)
        if below is not None:
            found = found.where(_D.c.sequence < below)
        rows = self._session.all(found.order_by(_D.c.sequence.desc()).limit(limit))
        deliveries = self._with_attempts([delivery_of(row) for row in rows])
        return [(row.sequence, each) for row, each in zip(rows, deliveries, strict=True)]

    def redeliver(self, delivery: Delivery, *, now: datetime) -> Delivery:
        """Makes the delivery due at once, at the start of a new schedule."""
        micros = to_micros(now)
        self._session.run(_REDELIVER, id_=delivery.id, now=micros)
        self.hurry(delivery.endpoint_id, now=now)
        return replace(
            delivery, state=DeliveryState.PENDING, step=0, next_attempt_at=now, ended_at=None
        )

    def hurry(self, endpoint_id: str, *, now: datetime) -> None:
        """Ends the endpoint's pause: what is due there is tried now."""
        self._session.run(_WAKE_NOW, id_=endpoint_id, due=to_micros(now))

    def cancel_waiting(self, endpoint_id: str, *, now: datetime) -> int:
        """Cancels what waits for the endpoint. Returns how many deliveries that were."""
        return self._session.run(_CANCEL, id_=endpoint_id, now=to_micros(now))

    def purge(self, *, before: datetime, limit: int) -> int:
        """Forgets at most `limit` deliveries that ended before a time. Returns how many.

        Events go once no delivery names them.
        """
        micros = to_micros(before)
        ids = [row.delivery_id for row in self._session.all(_OLD, before=micros, limit=limit)]
        if ids:
            self._session.run(_PURGE_ATTEMPTS, ids=ids)
            self._session.run(_PURGE, ids=ids)
        events = self._session.all(_OLD_EVENTS, before=micros, limit=limit)
        if events:
            self._session.run(_PURGE_EVENTS, ids=[row.event_id for row in events])
        return len(ids)

    def _with_attempts(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        tried = [each.id for each in deliveries if each.attempt_count]
        attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
        for row in self._session.all(_ATTEMPTS, ids=tried) if tried else ():
            attempts[row.delivery_id].append(_attempt_of(row))
        return [
            replace(each, attempts=tuple(attempts[each.id][-_SHOWN_ATTEMPTS:]))
            for each in deliveries
        ]


def delivery_of(row: Row) -> Delivery:
    """The delivery in a row that has all of its columns, without its tries."""
    return Delivery(
        id=row.delivery_id,
        endpoint_id=row.endpoint_id,
        organization_id=row.organization_id,
        event_id=row.event_id,
        event_type=row.event_type,
        state=DeliveryState(row.state),
        attempt_count=row.attempt_count,
        step=row.step,
        event_time=from_micros(row.event_time),
        created_at=from_micros(row.created_time),
        next_attempt_at=from_micros(row.next_time),
        ended_at=from_micros(row.ended_time),
    )


def event_of(row: Row) -> Event:
    """The event in a row that has all of its columns but the delivery's own."""
    return Event(
        id=row.event_id,
        type=EVENT_TYPES[row.event_type],
        time=from_micros(row.event_time),
        environment=row.environment,
        organization_id=row.organization_id,
        data=row.data,
    )


def attempt_values(delivery_id: str, attempt: Attempt) -> dict[str, object]:
    """The row of a try, for ADD_ATTEMPT."""
    return {
        "delivery_id": delivery_id,
        "number": attempt.number,
        "started_time": to_micros(attempt.started_at),
        "duration": attempt.duration // timedelta(microseconds=1),
        "outcome": attempt.outcome.value,
        "status": attempt.status,
    }


def _attempt_of(row: Row) -> Attempt:
    return Attempt(
        number=row.number,
        started_at=from_micros(row.started_time),
        duration=timedelta(microseconds=row.duration),
        outcome=Outcome(row.outcome),
        status=row.status,
    )


def _matching(wanted: DeliveryFilter) -> Select[Any]:
    found: Select[Any] = select(*COLUMNS).where(_D.c.organization_id == wanted.organization_id)
    for name in ("endpoint_id", "event_id", "event_type", "state"):
        if value := getattr(wanted, name):
            found = found.where(_D.c[name] == str(value))
    if wanted.start is not None:
        found = found.where(_D.c.created_time >= to_micros(wanted.start))
    if wanted.end is not None:
        found = found.where(_D.c.created_time < to_micros(wanted.end))
    return found


def _event_values(event: Event) -> dict[str, object]:
    return {
        "event_id": event.id,
        "event_type": event.type.name,
        "environment": event.environment,
        "organization_id": event.organization_id,
        "data": event.data,
        "event_time": to_micros(event.time),
    }


def _delivery_values(
    delivery_id: str, endpoint: Endpoint, event: Event, micros: int
) -> dict[str, object]:
    return {
        "delivery_id": delivery_id,
        "endpoint_id": endpoint.id,
        "organization_id": endpoint.organization_id,
        "event_id": event.id,
        "event_type": event.type.name,
        "state": DeliveryState.PENDING.value,
        "attempt_count": 0,
        "step": 0,
        "next_time": micros,
        "event_time": to_micros(event.time),
        "created_time": micros,
    }
