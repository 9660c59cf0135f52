"""Repository of the audit log of one database. A write appends its event in its own transaction.

Each organization has a chain, and so has what concerns none: the event itself says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, and_, bindparam, false, insert, literal, or_, select, tuple_

from xaigh_server.audit.merkle import EMPTY_HEAD, ChainHead
from xaigh_server.audit.model import (
    AuditEvent,
    ChainId,
    SealedEvent,
    canonical,
    canonical_json,
    seal,
)
from xaigh_server.audit.tables import control_audit_events, control_audit_heads
from xaigh_server.audit.verify import ChainRecord
from xaigh_server.db.session import Answer, Row, Session, upsert
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
_H = control_audit_heads  # likewise
_HEAD = select(_H.c.sequence, _H.c.hash).where(_H.c.organization_id == bindparam("organization_id"))
_HEADS = (
    select(_H.c.organization_id, _H.c.sequence, _H.c.hash)
    .where(_H.c.organization_id > bindparam("after"))
    .order_by(_H.c.organization_id)
    .limit(bindparam("limit"))
)
_FIRST_HEADS = (
    select(_H.c.organization_id, _H.c.sequence, _H.c.hash)
    .order_by(_H.c.organization_id)
    .limit(bindparam("limit"))
)
_MOVE_HEAD = upsert(_H, key=("organization_id",), update=("sequence", "hash"))
_CHAINS = select(_T.c.organization_id).distinct()
_APPEND = insert(_T)
_CHAIN = _T.c.organization_id == bindparam("organization_id")
_IN_ORDER = (
    _ALL.where(_CHAIN, _T.c.sequence > bindparam("after"))
    .order_by(_T.c.sequence)
    .limit(bindparam("limit"))
)
_PLACE = (_T.c.time, _T.c.organization_id, _T.c.sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Conditions of a listing. An empty member is no condition; all others must hold.

    `database` is for the caller, since a log is one database's; `chain` is the organization of the
    one chain that is wanted, "" for that of what concerns none, None for all.

    `actor_id` alone finds actors of every type. `start` is included, `end` isn't.
    """

    database: str = ""
    chain: str | None = None
    actor_type: str = ""
    actor_id: str = ""
    action: str = ""
    target: str = ""
    organization_id: str = ""
    environment: str = ""
    concerns: str = ""
    """An environment: its own events, and those that concern neither."""
    outcome: str = ""
    request_id: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPosition:
    """Position of a listing: right before this event."""

    time: datetime
    organization_id: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The events of an organization's chain from a sequence to another, both included."""

    organization_id: str
    first: int
    last: int


class AuditLog:
    """The chains of one database. A chain's identity is part of every hash."""

    def __init__(self, session: Session, database: str) -> None:
        self._session = session
        self._database = database
        self._asked: dict[str, Answer] = {}

    def ask_head(self, organization_id: str) -> None:
        """Asks for the end of a chain before anything is appended to it.

        The first append then waits for no answer of its own.
        """
        self._asked[organization_id] = self._session.ask(_HEAD, organization_id=organization_id)

    def append(self, event: AuditEvent) -> SealedEvent:
        """Writes an event at the end of its chain. TypeError: its members aren't canonical JSON."""
        chain = ChainId(self._database, event.organization_id)
        head = self.head(event.organization_id)
        sealed = seal(event, chain=chain, sequence=head.sequence + 1, prev_hash=head.hash)
        self._session.run(_APPEND, _values(sealed))
        self._session.run(
            _MOVE_HEAD,
            organization_id=event.organization_id,
            sequence=sealed.sequence,
            hash=sealed.hash,
        )
        return sealed

    def head(self, organization_id: str = "") -> ChainHead:
        """Returns the end of a chain."""
        asked = self._asked.pop(organization_id, None)
        row = asked.one() if asked else self._session.one(_HEAD, organization_id=organization_id)
        if row is None:
            return EMPTY_HEAD
        return ChainHead(sequence=row.sequence, hash=row.hash)

    def heads(self, *, after: str | None = None, limit: int) -> dict[ChainId, ChainHead]:
        """Returns the ends of the chains behind an organization's, in the order of their ids."""
        rows = (
            self._session.all(_HEADS, after=after, limit=limit)
            if after is not None
            else (self._session.all(_FIRST_HEADS, limit=limit))
        )
        return {
            ChainId(self._database, row.organization_id): ChainHead(
                sequence=row.sequence, hash=row.hash
            )
            for row in rows
        }

    def chains(self) -> set[ChainId]:
        """Returns every chain that has an event. Scans an index of all events."""
        rows = self._session.all(_CHAINS)
        return {ChainId(self._database, row.organization_id) for row in rows}

    def listing(
        self, wanted: AuditFilter, *, before: AuditPosition | None = None, limit: int
    ) -> list[SealedEvent]:
        """Events that match, newest first: by time, then by chain and sequence. At most `limit`."""
        found = _matching(wanted)
        if before is not None:
            place = (to_micros(before.time), before.organization_id, before.sequence)
            found = found.where(tuple_(*_PLACE) < tuple_(*map(literal, place)))
        found = found.order_by(*(column.desc() for column in _PLACE)).limit(limit)
        return [self._sealed(row) for row in self._session.all(found)]

    def after(self, sequence: int, *, organization_id: str = "", limit: int) -> list[SealedEvent]:
        """The events of a chain that follow a sequence, in order."""
        rows = self._session.all(
            _IN_ORDER, organization_id=organization_id, after=sequence, limit=limit
        )
        return [self._sealed(row) for row in rows]

    def spans(self, spans: Sequence[Span], *, limit: int) -> dict[str, list[ChainRecord]]:
        """The events of several chains, in order, by organization: at most `limit` in all.

        Chains come whole before the next one begins, so at most one is incomplete; those behind it
        are left out.
        """
        found: dict[str, list[ChainRecord]] = {}
        for row in self._session.all(_of_spans(spans).limit(limit)):
            found.setdefault(row.organization_id, []).append(self._record(row))
        return found

    def records(self, after: int, *, organization_id: str = "", limit: int) -> list[ChainRecord]:
        """The events that follow a sequence as a verifier takes them: rows that lie, too."""
        rows = self._session.all(
            _IN_ORDER, organization_id=organization_id, after=after, limit=limit
        )
        return [self._record(row) for row in rows]

    def _record(self, row: Row) -> ChainRecord:
        return ChainRecord(
            sequence=row.sequence, prev_hash=row.prev_hash, hash=row.hash, form=self._form(row)
        )

    def _form(self, row: Row) -> bytes | None:
        try:
            return canonical(
                _event(row),
                chain=self._chain_of(row),
                sequence=row.sequence,
                prev_hash=row.prev_hash,
            )
        except (ValueError, TypeError, OverflowError, AttributeError):
            return None  # the row was changed to values that no event can have

    def _chain_of(self, row: Row) -> ChainId:
        return ChainId(self._database, row.organization_id)

    def _sealed(self, row: Row) -> SealedEvent:
        return SealedEvent(
            chain=self._chain_of(row),
            sequence=row.sequence,
            prev_hash=row.prev_hash,
            hash=row.hash,
            event=_event(row),
        )


def _of_spans(spans: Sequence[Span]) -> Select[Any]:
    wanted = (
        and_(
            _T.c.organization_id == span.organization_id,
            _T.c.sequence.between(span.first, span.last),
        )
        for span in spans
    )
    return _ALL.where(or_(false(), *wanted)).order_by(_T.c.organization_id, _T.c.sequence)


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
    if wanted.concerns:
        found = found.where(_T.c.environment.in_([wanted.concerns, ""]))
    if wanted.chain is not None:
        found = found.where(_T.c.organization_id == wanted.chain)
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
