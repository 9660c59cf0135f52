"""Batched deliveries: one row for the pending deliveries of a batch of events.

A sync emits hundreds of events at once, and an endpoint receives them one after the other. Pending
deliveries share a row, and a few at a time get rows of their own when they are due. Until then all
of a batch are pending or all are cancelled. The batch itself stays, for the log of events.

The deliveries' ids are derived from their row's id, the events' ids from the batch's, starting at
`first_place`. Their sequences are consecutive and end with the row's. A batch has two or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from sqlalchemy import bindparam, delete, select, update

from xaigh_server.db.session import Row, Session
from xaigh_server.identity import base62
from xaigh_server.webhooks.model import Delivery
from xaigh_server.webhooks.repository.rows import (
    ADD_DELIVERY,
    ADD_EVENT,
    COLUMNS,
    DELIVERY,
    EVENT,
    delivery_of,
    event_in,
    event_row,
)
from xaigh_server.webhooks.tables import control_webhooks

_D = control_webhooks.deliveries  # the business schema's tables are the same, and so is the SQL
_V = control_webhooks.events

_ROW = select(*COLUMNS).where(_D.c.delivery_id == bindparam("delivery_id"), _D.c.event_count > 1)
_BATCH_EVENT = select(*(_V.c[name] for name in EVENT)).where(_V.c.event_id == bindparam("event_id"))
_SHRINK = (
    update(_D)
    .where(_D.c.sequence == bindparam("at"))
    .values(
        event_count=_D.c.event_count - bindparam("taken"),
        first_place=_D.c.first_place + bindparam("taken"),
    )
)
_REMOVE = delete(_D).where(_D.c.sequence == bindparam("at"))
_OWN = ("sequence", "delivery_id", "event_id")


def is_batch(row: Row) -> bool:
    """Whether a row is a batch."""
    return bool(row.event_count > 1)


def deliveries_of(row: Row) -> list[tuple[int, Delivery]]:
    """Returns a row's deliveries with their sequences, in order, without attempts."""
    whole = delivery_of(row)
    if not is_batch(row):
        return [(row.sequence, whole)]
    return [
        (sequence, replace(whole, id=delivery_id, event_id=event_id))
        for sequence, delivery_id, event_id in _members(row)
    ]


def batch_with(session: Session, delivery_id: str) -> Row | None:
    """Returns the row of a delivery's batch; None for a single delivery."""
    name, place = base62.number_of(delivery_id)
    row = session.one(_ROW, delivery_id=name)
    last = -1 if row is None else row.first_place + row.event_count - 1
    return row if row is not None and row.first_place <= place <= last else None


def split_off(session: Session, row: Row, limit: int) -> None:
    """Gives the first `limit` deliveries of a batch rows of their own.

    Splits off one more where one would be left, since a batch has two or more.
    """
    taken = row.event_count if row.event_count <= limit + 1 else limit
    found = session.one(_BATCH_EVENT, event_id=row.event_id)
    assert found is not None  # events of deliveries aren't deleted
    events = islice(event_in(found).each(), row.first_place, row.first_place + taken)
    session.run_rows(ADD_EVENT, EVENT, [event_row(each, found.created_time) for each in events])
    shared = {name: getattr(row, name) for name in DELIVERY} | {"event_count": 1, "first_place": 0}
    own = [shared | dict(zip(_OWN, names, strict=True)) for names in islice(_members(row), taken)]
    if taken < row.event_count:
        session.run(_SHRINK, at=row.sequence, taken=taken)
    else:
        session.run(_REMOVE, at=row.sequence)
    session.run(ADD_DELIVERY, own)


def _members(row: Row) -> Iterator[tuple[int, str, str]]:
    """Yields sequence, id and event id of each delivery of a batch."""
    first = row.sequence - row.event_count + 1
    for number in range(row.event_count):
        place = row.first_place + number
        yield (
            first + number,
            base62.name_of(row.delivery_id, place),
            base62.name_of(row.event_id, place),
        )
