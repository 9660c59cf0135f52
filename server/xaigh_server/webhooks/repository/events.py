"""Repository of the log of events: what happened to an organization, heard of or not.

The log has the order in which the organization's events were committed. A row may be a batch; here
it is read as single events, each at a place of its own within the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from xaigh_server.db.session import Session, insert_ignore
from xaigh_server.db.times import to_micros
from xaigh_server.identity import base62
from xaigh_server.webhooks.events import Event
from xaigh_server.webhooks.repository.rows import ADD_EVENT, EVENT, event_in, event_row
from xaigh_server.webhooks.tables import control_webhooks

_V = control_webhooks.events  # the business schema's tables are the same, and so is the SQL
_L = control_webhooks.log
_LOGGED = ("event_id", "organization_id", "event_type", "event_time")
_LOG = insert_ignore(_L, key=("event_id",))
_HEAD = select(func.coalesce(func.max(_L.c.sequence), 0)).where(
    _L.c.organization_id == bindparam("organization_id")
)
_LISTED = (
    select(_L.c.sequence, *(_V.c[name] for name in EVENT))
    .join(_V, _V.c.event_id == _L.c.event_id)
    .where(_L.c.organization_id == bindparam("organization_id"))
    .limit(bindparam("limit"))
)
_BY_ID = select(*(_V.c[name] for name in EVENT)).where(
    _V.c.event_id.in_([bindparam("event_id"), bindparam("batch_id")]),
    _V.c.organization_id == bindparam("organization_id"),
)
_OF_REQUEST = (
    select(*(_V.c[name] for name in EVENT))
    .where(
        _V.c.request_id == bindparam("request_id"),
        _V.c.organization_id == bindparam("organization_id"),
    )
    .order_by(_V.c.event_id)
    .limit(bindparam("limit"))
)
_BEHIND_ALL = 1 << 30  # a place behind every one of a row


class Position(NamedTuple):
    """Where an event is in its organization's log: the row's sequence, and the place in the row."""

    sequence: int
    place: int = _BEHIND_ALL


START = Position(sequence=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLogFilter:
    """Filter of an organization's events. Empty members don't filter.

    By time of the event: `start` is included, `end` isn't.
    """

    organization_id: str
    types: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None


class WebhookEvents:
    """Reads and writes the log of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, events: Sequence[Event], *, now: datetime) -> None:
        """Adds events and batches in order. One that the log has already is skipped."""
        micros = to_micros(now)
        self._session.run_rows(ADD_EVENT, EVENT, [event_row(each, micros) for each in events])
        rows = [
            (each.id, each.organization_id, each.type.name, to_micros(each.time)) for each in events
        ]
        self._session.run_rows(_LOG, _LOGGED, rows)

    def get(self, event_id: str, *, organization_id: str) -> Event | None:
        """Returns the organization's event, alone or out of its batch; None where it has none."""
        batch_id, _ = base62.number_of(event_id)
        rows = self._session.all(
            _BY_ID, event_id=event_id, batch_id=batch_id, organization_id=organization_id
        )
        members = (each for row in rows for each in event_in(row).each())
        return next((each for each in members if each.id == event_id), None)

    def of_request(self, request_id: str, *, organization_id: str, limit: int) -> list[Event]:
        """Returns the organization's events that a call made, each once."""
        rows = self._session.all(
            _OF_REQUEST, request_id=request_id, organization_id=organization_id, limit=limit
        )
        found = {each.id: each for row in rows for each in event_in(row).each()}
        return list(found.values())[:limit]

    def head(self, organization_id: str) -> Position:
        """Returns the position behind all of the organization's events so far."""
        return Position(int(self._session.scalar(_HEAD, organization_id=organization_id)))

    def behind(
        self, wanted: EventLogFilter, after: Position, *, rows: int
    ) -> list[tuple[Position, Event]]:
        """Returns the events of at most so many rows behind a position, oldest first."""
        found = _matching(wanted).where(_L.c.sequence >= bindparam("at")).order_by(_L.c.sequence)
        read = self._read(found, wanted, rows, at=after.sequence)
        return [(at, event) for at, event in read if at > after]

    def before(
        self, wanted: EventLogFilter, before: Position | None, *, rows: int
    ) -> list[tuple[Position, Event]]:
        """Returns the events of at most so many rows before a position, newest first."""
        found = _matching(wanted).order_by(_L.c.sequence.desc())
        if before is None:
            read = list(self._read(found, wanted, rows))
        else:
            found = found.where(_L.c.sequence <= bindparam("at"))
            at = before.sequence if before.place else before.sequence - 1
            read = list(self._read(found, wanted, rows, at=at))
        listed = [(at, event) for at, event in read if before is None or at < before]
        return sorted(listed, key=lambda each: each[0], reverse=True)

    def _read(
        self, statement: Select[Any], wanted: EventLogFilter, rows: int, **place: int
    ) -> Iterator[tuple[Position, Event]]:
        found = self._session.all(
            statement, organization_id=wanted.organization_id, limit=rows, **place
        )
        for row in found:
            for place_, event in enumerate(event_in(row).each()):
                yield Position(row.sequence, place_), event


def _matching(wanted: EventLogFilter) -> Select[Any]:
    found: Select[Any] = _LISTED
    if wanted.types:
        found = found.where(_L.c.event_type.in_(wanted.types))
    if wanted.start is not None:
        found = found.where(_L.c.event_time >= to_micros(wanted.start))
    if wanted.end is not None:
        found = found.where(_L.c.event_time < to_micros(wanted.end))
    return found
