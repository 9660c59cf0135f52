"""Transactional outbox: events that a write commits with its rows, for delivery after the commit.

Consecutive events of one kind in a transaction share rows: a sync of hundreds of jobs inserts and
deletes a few rows for them, with or without endpoints that receive them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from xaigh_server.db.session import Row, Session
from xaigh_server.db.tables import control_journal
from xaigh_server.db.times import from_micros, to_micros

_T = control_journal.outbox  # the business schema's table is the same, and so is the SQL

_COLUMNS = (
    _T.c.event_id,
    _T.c.event_type,
    _T.c.organization_id,
    _T.c.environment,
    _T.c.payload,
    _T.c.created_time,
    _T.c.request_id,
)
_NAMES = tuple(column.name for column in _COLUMNS)  # an event's members have the same order
_INSERT = insert(_T)
_AFTER = (
    select(_T.c.sequence, *_COLUMNS)
    .where(_T.c.sequence > bindparam("after"))
    .order_by(_T.c.sequence)
    .limit(bindparam("limit"))
)
_OF = (
    select(_T.c.sequence, *_COLUMNS)
    .where(_T.c.organization_id == bindparam("organization_id"))
    .order_by(_T.c.sequence)
    .limit(bindparam("limit"))
)
_FIRST = select(_T.c.organization_id).order_by(_T.c.sequence).limit(bindparam("limit")).subquery()
_TENANTS = select(_FIRST.c.organization_id).distinct().order_by(_FIRST.c.organization_id)
_DELETE = delete(_T).where(_T.c.sequence.in_(bindparam("sequences", expanding=True)))


TOGETHER = 50
"""Events in one row at most: the fan-out of a row is one transaction, whatever its endpoints."""


class OutgoingEvent(NamedTuple):
    """One event: who it concerns, what happened, and a JSON object without secrets.

    Or several that differ in nothing but their objects: then `payload` is an array of these.
    """

    event_id: str
    event_type: str
    organization_id: str
    environment: str
    payload: str
    created_time: datetime
    request_id: str = ""
    """The call that made it; empty for what the server does by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEvent:
    """An event with its place in the order of commits."""

    sequence: int
    event: OutgoingEvent


class Outbox:
    """The outgoing events of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, events: Sequence[OutgoingEvent]) -> None:
        """Adds events, in order. UniqueViolation(uq_outbox_event_id): an id was used before."""
        self._session.run_rows(
            _INSERT, _NAMES, [(*e[:5], to_micros(e.created_time), e.request_id) for e in events]
        )

    def after(self, sequence: int, *, limit: int) -> list[QueuedEvent]:
        """The events that follow a sequence, oldest first.

        In the order of commits only where the database is one partition.
        """
        rows = self._session.all(_AFTER, after=sequence, limit=limit)
        return [QueuedEvent(sequence=row.sequence, event=_event(row)) for row in rows]

    def of(self, organization_id: str, *, limit: int) -> list[QueuedEvent]:
        """The first events of one organization, in the order of its commits.

        Under the lock of its partition none of them is missing.
        """
        rows = self._session.all(_OF, organization_id=organization_id, limit=limit)
        return [QueuedEvent(sequence=row.sequence, event=_event(row)) for row in rows]

    def tenants(self, *, limit: int) -> list[str]:
        """Whom the first rows are about, at most so many of them: ids of organizations."""
        return [row.organization_id for row in self._session.all(_TENANTS, limit=limit)]

    def delete(self, events: Sequence[QueuedEvent]) -> None:
        """Deletes events that were read in this transaction."""
        self._session.run(_DELETE, sequences=[each.sequence for each in events])


def _event(row: Row) -> OutgoingEvent:
    return OutgoingEvent(
        event_id=row.event_id,
        event_type=row.event_type,
        organization_id=row.organization_id,
        environment=row.environment,
        payload=row.payload,
        created_time=from_micros(row.created_time),
        request_id=row.request_id,
    )
