"""Repository of the audit log of one database. A write appends its event in its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, insert, select

from xaigh_server.audit.model import (
    GENESIS,
    AuditEvent,
    ChainId,
    SealedEvent,
    canonical,
    canonical_json,
    seal,
)
from xaigh_server.audit.tables import control_audit_events
from xaigh_server.audit.verify import ChainRecord
from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros

_T = control_audit_events  # the same table, and the same SQL, in every database

_ALL = select(
    _T.c.sequence,
    _T.c.time,
    _T.c.actor_type,
    _T.c.actor_id,
    _T.c.action,
    _T.c.targets,
    _T.c.before,
    _T.c.after,
    _T.c.reason,
    _T.c.request_id,
    _T.c.client_request_id,
    _T.c.peer,
    _T.c.environment,
    _T.c.outcome,
    _T.c.organization_id,
    _T.c.prev_hash,
    _T.c.hash,
)
_HEAD = select(_T.c.sequence, _T.c.hash).order_by(_T.c.sequence.desc()).limit(1)
_APPEND = insert(_T)
_IN_ORDER = (
    _ALL.where(_T.c.sequence > bindparam("after")).order_by(_T.c.sequence).limit(bindparam("limit"))
)
_AT = select(_T.c.hash).where(_T.c.sequence == bindparam("at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Conditions of a listing. An empty member is no condition; all others must hold.

    `actor_id` alone finds actors of every type. `start` is included, `end` isn't.
    """

    actor_type: str = ""
    actor_id: str = ""
    action: str = ""
    target: str = ""
    organization_id: str = ""
    environment: str = ""
    outcome: str = ""
    request_id: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPosition:
    """Position of a listing: right before this event."""

    time: datetime
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last event of a chain; sequence 0 and GENESIS where there is none."""

    sequence: int
    hash: str


class AuditLog:
    """One chain. Its identity is part of every hash."""

    def __init__(self, session: Session, *, chain: ChainId) -> None:
        self._session = session
        self._chain = chain

    def append(self, event: AuditEvent) -> SealedEvent:
        """Writes an event behind the last one. TypeError: its members aren't canonical JSON."""
        head = self.head()
        sealed = seal(event, chain=self._chain, sequence=head.sequence + 1, prev_hash=head.hash)
        self._session.run(_APPEND, _values(sealed))
        return sealed

    def head(self) -> ChainHead:
        """The end of the chain."""
        row = self._session.one(_HEAD)
        if row is None:
            return ChainHead(sequence=0, hash=GENESIS)
        return ChainHead(sequence=row.sequence, hash=row.hash)

    def listing(
        self, wanted: AuditFilter, *, before: AuditPosition | None = None, limit: int
    ) -> list[SealedEvent]:
        """Events that match, newest first: by time, then by sequence. At most `limit`."""
        found = _matching(wanted)
        if before is not None:
            time = to_micros(before.time)
            found = found.where(
                (_T.c.time < time) | ((_T.c.time == time) & (_T.c.sequence < before.sequence))
            )
        found = found.order_by(_T.c.time.desc(), _T.c.sequence.desc()).limit(limit)
        return [self._sealed(row) for row in self._session.all(found)]

    def after(self, sequence: int, *, limit: int) -> list[SealedEvent]:
        """The events that follow a sequence, in the chain's order."""
        rows = self._session.all(_IN_ORDER, after=sequence, limit=limit)
        return [self._sealed(row) for row in rows]

    def hash_at(self, sequence: int) -> str | None:
        """The hash of one event as its row has it; None where there is no such event."""
        found: str | None = self._session.scalar(_AT, at=sequence)
        return found

    def records(self, after: int, *, limit: int) -> list[ChainRecord]:
        """The events that follow a sequence as a verifier takes them: rows that lie, too."""
        rows = self._session.all(_IN_ORDER, after=after, limit=limit)
        return [self._record(row) for row in rows]

    def _record(self, row: Row) -> ChainRecord:
        return ChainRecord(
            sequence=row.sequence, prev_hash=row.prev_hash, hash=row.hash, form=self._form(row)
        )

    def _form(self, row: Row) -> bytes | None:
        try:
            return canonical(
                _event(row),
                chain=self._chain,
                sequence=row.sequence,
                prev_hash=row.prev_hash,
            )
        except (ValueError, TypeError, OverflowError, AttributeError):
            return None  # the row was changed to values that no event can have

    def _sealed(self, row: Row) -> SealedEvent:
        return SealedEvent(
            chain=self._chain,
            sequence=row.sequence,
            prev_hash=row.prev_hash,
            hash=row.hash,
            event=_event(row),
        )


def _matching(wanted: AuditFilter) -> Select[Any]:
    found: Select[Any] = _ALL
    for name in (
        "actor_type",
        "actor_id",
        "action",
        "organization_id",
        "environment",
        "outcome",
        "request_id",
    ):
        if value := getattr(wanted, name):
            found = found.where(_T.c[name] == value)
    if wanted.target:
        quoted = orjson.dumps(wanted.target).decode()
        found = found.where(_T.c.targets.contains(quoted, autoescape=True))
    if wanted.start is not None:
        found = found.where(_T.c.time >= to_micros(wanted.start))
    if wanted.end is not None:
        found = found.where(_T.c.time < to_micros(wanted.end))
    return found


def _values(sealed: SealedEvent) -> dict[str, object]:
    event = sealed.event
    return {
        "sequence": sealed.sequence,
        "time": to_micros(event.time),
        "actor_type": event.actor_type,
        "actor_id": event.actor_id,
        "action": event.action,
        "targets": canonical_json(event.targets).decode(),
        "before": None if event.before is None else canonical_json(event.before).decode(),
        "after": None if event.after is None else canonical_json(event.after).decode(),
        "reason": event.reason,
        "request_id": event.request_id,
        "client_request_id": event.client_request_id,
        "peer": event.peer,
        "environment": event.environment,
        "outcome": event.outcome,
        "organization_id": event.organization_id,
        "prev_hash": sealed.prev_hash,
        "hash": sealed.hash,
    }


def _event(row: Row) -> AuditEvent:
    return AuditEvent(
        time=from_micros(row.time),
        actor_type=row.actor_type,
        actor_id=row.actor_id,
        action=row.action,
        targets=tuple(orjson.loads(row.targets)),
        before=None if row.before is None else orjson.loads(row.before),
        after=None if row.after is None else orjson.loads(row.after),
        reason=row.reason,
        request_id=row.request_id,
        client_request_id=row.client_request_id,
        peer=row.peer,
        environment=row.environment,
        outcome=row.outcome,
        organization_id=row.organization_id,
    )
