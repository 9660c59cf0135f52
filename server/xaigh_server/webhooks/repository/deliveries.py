"""Repository of one database's deliveries and their attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, exists, func, select, update

from xaigh_server.db.outbox import TOGETHER
from xaigh_server.db.row_numbers import RowNumbers
from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import to_micros
from xaigh_server.identity import base62
from xaigh_server.webhooks.events import Event
from xaigh_server.webhooks.model import Delivery, DeliveryAttempt, DeliveryState, Endpoint
from xaigh_server.webhooks.repository.batched_deliveries import (
    batch_with,
    deliveries_of,
    is_batch,
    split_off,
)
from xaigh_server.webhooks.repository.rows import (
    ADD_DELIVERY,
    ADD_DELIVERY_RETURNING,
    ADD_EVENT,
    COLUMNS,
    DELIVERY,
    EVENT,
    attempt_of,
    delivery_row,
    event_row,
)
from xaigh_server.webhooks.tables import control_webhooks

_D = control_webhooks.deliveries  # the business schema's tables are the same, and so is the SQL
_A = control_webhooks.attempts
_V = control_webhooks.events
_L = control_webhooks.log
_Q = control_webhooks.queues
_SHOWN_ATTEMPTS = 20

_GET = select(*COLUMNS).where(_D.c.delivery_id == bindparam("delivery_id"), _D.c.event_count == 1)
_SEQUENCES = RowNumbers(_D.c.sequence)
_ROOM = 64  # sequences of one row: more than the events that share one
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
_REDELIVER = (
    update(_D)
    .where(_D.c.delivery_id == bindparam("id_"))
    .values(state="PENDING", step=0, next_time=bindparam("now"), ended_time=None)
)
_OF_EVENTS = select(*COLUMNS).where(
    _D.c.endpoint_id == bindparam("endpoint_id"),
    _D.c.event_id.in_(bindparam("ids", expanding=True)),
)
_ENDED_WITHOUT = (DeliveryState.FAILED, DeliveryState.CANCELLED)
_WAITING = select(func.coalesce(func.sum(_D.c.event_count), 0)).where(
    _D.c.endpoint_id == bindparam("id_"), _D.c.state == "PENDING"
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
# One that is to be sent again by now stays, and its attempts with it.
_PURGE = (
    delete(_D)
    .where(_D.c.delivery_id.in_(bindparam("ids", expanding=True)), _D.c.state != "PENDING")
    .returning(_D.c.delivery_id)
)
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
_PURGE_LOG = delete(_L).where(_L.c.event_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Filter of deliveries. Empty members don't filter. `start` is included, `end` isn't."""

    organization_id: str = ""
    endpoint_id: str = ""
    event_id: str = ""
    event_type: str = ""
    state: DeliveryState | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Events that an endpoint has missed: `new` without a delivery, `ended` with one that ended.

    `batches` are rows of cancelled batches that some of the latter are in.
    """

    new: Sequence[Event]
    ended: Sequence[tuple[Event, str]]
    batches: Sequence[Row]

    @property
    def events(self) -> list[Event]:
        return [*self.new, *(event for event, _ in self.ended)]


class WebhookDeliveries:
    """Reads and writes deliveries."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: Event, to: Iterable[tuple[str, Endpoint]], *, now: datetime) -> int:
        """Queues an event for endpoints, each with a new delivery's id. Returns their number.

        An endpoint that has the event already is skipped, so a repeat adds nothing.
        """
        micros = to_micros(now)
        added = 0
        recipients = list(to)
        for first, (delivery_id, endpoint) in zip(
            self._sequences(len(recipients)), recipients, strict=True
        ):
            sequence = first + event.count - 1
            if not added:
                self._session.run_rows(ADD_EVENT, EVENT, [event_row(event, micros)])
            row = delivery_row(delivery_id, endpoint, event, sequence=sequence, created=micros)
            values = dict(zip(DELIVERY, row, strict=True))
            added += self._session.one(ADD_DELIVERY_RETURNING, **values) is not None
            self._session.run(_WAKE, id_=endpoint.id, due=micros)
        return added

    def add_all(
        self,
        queued: Iterable[tuple[Event, Sequence[tuple[str, Endpoint]]]],
        *,
        now: datetime,
        logged: Container[str] = (),
    ) -> None:
        """Queues many events in order, with one statement per table.

        The deliveries of a batch share a row. `logged` are the ids of events that the log has.
        """
        micros = to_micros(now)
        addressed = [(event, to) for event, to in queued if to]
        new = [event_row(event, micros) for event, _ in addressed if event.id not in logged]
        self._session.run_rows(ADD_EVENT, EVENT, new)
        firsts = iter(self._sequences(sum(len(to) for _, to in addressed)))
        rows = [
            delivery_row(
                name, endpoint, event, sequence=next(firsts) + event.count - 1, created=micros
            )
            for event, to in addressed
            for name, endpoint in to
        ]
        self._session.run_rows(ADD_DELIVERY, DELIVERY, rows)
        pending = dict.fromkeys(endpoint.id for _, to in addressed for _, endpoint in to)
        self._session.run(_WAKE, [{"id_": name, "due": micros} for name in pending])

    def get(self, delivery_id: str, *, organization_id: str) -> Delivery | None:
        """Returns the organization's delivery with its last attempts, or None."""
        row = self._session.one(_GET, delivery_id=delivery_id)
        row = row or batch_with(self._session, delivery_id)
        if row is None or row.organization_id != organization_id:
            return None
        found = [each for _, each in deliveries_of(row) if each.id == delivery_id]
        return self._with_attempts(found)[0]

    def page(
        self, wanted: DeliveryFilter, *, below: int | None, limit: int
    ) -> list[tuple[int, Delivery]]:
        """Returns at most `limit` deliveries, newest first, each with its sequence."""
        found = _matching(wanted)
        if below is not None:
            first = (
                _D.c.sequence - _D.c.event_count + 1
            )  # of the row: the previous page may end inside it
            found = found.where(_D.c.sequence < below + TOGETHER - 1, first < below)
        if not wanted.event_id:  # an event has at most two rows per endpoint
            found = found.limit(limit)
        rows = self._session.all(found.order_by(_D.c.sequence.desc()))
        listed = [
            (sequence, delivery)
            for row in rows
            for sequence, delivery in reversed(deliveries_of(row))
            if (below is None or sequence < below) and wanted.event_id in ("", delivery.event_id)
        ][:limit]
        deliveries = self._with_attempts([delivery for _, delivery in listed])
        return [(at, each) for (at, _), each in zip(listed, deliveries, strict=True)]

    def redeliver(self, delivery: Delivery, *, now: datetime) -> Delivery:
        """Makes the delivery due now, with a new schedule."""
        bundle = batch_with(self._session, delivery.id)
        if bundle is not None:
            split_off(self._session, bundle, bundle.event_count)
        micros = to_micros(now)
        self._session.run(_REDELIVER, id_=delivery.id, now=micros)
        self.end_pause(delivery.endpoint_id, now=now)
        return replace(
            delivery, state=DeliveryState.PENDING, step=0, next_attempt_at=now, ended_at=None
        )

    def missed(self, endpoint_id: str, events: Sequence[Event]) -> Missed:
        """Returns which of the events have no delivery to the endpoint that succeeded or waits."""
        ids = {event.id for event in events} | {base62.number_of(event.id)[0] for event in events}
        rows = (
            self._session.all(_OF_EVENTS, endpoint_id=endpoint_id, ids=sorted(ids)) if ids else []
        )
        found = {each.event_id: each for row in rows for _, each in deliveries_of(row)}
        ended = [
            (event, found[event.id].id)
            for event in events
            if event.id in found and found[event.id].state in _ENDED_WITHOUT
        ]
        again = {delivery_id for _, delivery_id in ended}
        return Missed(
            new=[event for event in events if event.id not in found],
            ended=ended,
            batches=[
                row
                for row in rows
                if is_batch(row) and any(each.id in again for _, each in deliveries_of(row))
            ],
        )

    def recover(
        self, endpoint: Endpoint, missed: Missed, names: Iterator[str], *, now: datetime
    ) -> None:
        """Queues what an endpoint has missed, due now; `names` are ids of new deliveries."""
        for row in missed.batches:
            split_off(self._session, row, row.event_count)
        again = [{"id_": delivery_id, "now": to_micros(now)} for _, delivery_id in missed.ended]
        if again:
            self._session.run(_REDELIVER, again)
        self.add_all([(event, [(next(names), endpoint)]) for event in missed.new], now=now)
        if missed.events:
            self.end_pause(endpoint.id, now=now)

    def end_pause(self, endpoint_id: str, *, now: datetime) -> None:
        """Ends the endpoint's pause, so that due deliveries are sent now."""
        self._session.run(_WAKE_NOW, id_=endpoint_id, due=to_micros(now))

    def cancel_waiting(self, endpoint_id: str, *, now: datetime) -> int:
        """Cancels the endpoint's pending deliveries. Returns their number."""
        waiting: int = self._session.scalar(_WAITING, id_=endpoint_id)
        self._session.run(_CANCEL, id_=endpoint_id, now=to_micros(now))
        return waiting

    def purge(self, *, before: datetime, limit: int) -> int:
        """Deletes at most `limit` deliveries that ended before a time, and as many older events.

        Events whose deliveries are still there stay with them. Returns the number of both.
        """
        micros = to_micros(before)
        ids = [row.delivery_id for row in self._session.all(_OLD, before=micros, limit=limit)]
        if ids:
            ids = [row.delivery_id for row in self._session.all(_PURGE, ids=ids)]
            self._session.run(_PURGE_ATTEMPTS, ids=ids)
        events = self._session.all(_OLD_EVENTS, before=micros, limit=limit)
        if events:
            names = [row.event_id for row in events]
            self._session.run(_PURGE_LOG, ids=names)
            self._session.run(_PURGE_EVENTS, ids=names)
        return len(ids) + len(events)

    def _sequences(self, rows: int) -> list[int]:
        """Returns the first of each row's sequences, in rising order."""
        return _SEQUENCES.draw(self._session, rows, stride=_ROOM) if rows else []

    def _with_attempts(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        tried = [each.id for each in deliveries if each.attempt_count]
        attempts: defaultdict[str, list[DeliveryAttempt]] = defaultdict(list)
        for row in self._session.all(_ATTEMPTS, ids=tried) if tried else ():
            attempts[row.delivery_id].append(attempt_of(row))
        return [
            replace(each, attempts=tuple(attempts[each.id][-_SHOWN_ATTEMPTS:]))
            for each in deliveries
        ]


def _matching(wanted: DeliveryFilter) -> Select[Any]:
    found: Select[Any] = select(*COLUMNS)
    if wanted.organization_id:
        found = found.where(_D.c.organization_id == wanted.organization_id)
    if wanted.event_id:
        bundle, _ = base62.number_of(wanted.event_id)
        found = found.where(_D.c.event_id.in_([wanted.event_id, bundle]))
    for name in ("endpoint_id", "event_type", "state"):
        if value := getattr(wanted, name):
            found = found.where(_D.c[name] == str(value))
    if wanted.start is not None:
        found = found.where(_D.c.created_time >= to_micros(wanted.start))
    if wanted.end is not None:
        found = found.where(_D.c.created_time < to_micros(wanted.end))
    return found
