"""Log of job changes, and the publisher that writes it and the outbox.

Watch streams read the log; webhooks read the outbox. Retention deletes old entries but keeps the
last entry per job and kind, so a watcher that reconnects still sees each kind of change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    tuple_,
)

from xaigh_server.db.session import Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.jobs.model import (
    ChangeKind,
    CloseReason,
    Job,
    JobChange,
    JobFilter,
    JobState,
    Source,
)
from xaigh_server.jobs.repository import reach_params
from xaigh_server.jobs.tables import job_changes as _C

_LOG = insert(_C)
_LOGGED = ("organization_id", "employer_user_id", "job_number", "kind", "changed_time")
_HEAD = select(func.coalesce(func.max(_C.c.sequence), 0))
_OWN_HEAD = _HEAD.where(_C.c.organization_id == bindparam("organization_id"))
_GENERATION_BITS = 40
_GENERATION = text(f"SELECT last_value >> {_GENERATION_BITS} FROM job_changes_sequence_seq")
# Of the generation that is being written, only what no open transaction can still precede.
_SETTLED = _C.c.transaction_id < literal_column(
    "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
)
_SETTLED_HEAD = (
    select(_C.c.transaction_id, _C.c.sequence)
    .where(_C.c.sequence >= bindparam("from_"), _SETTLED)
    .order_by(_C.c.transaction_id.desc(), _C.c.sequence.desc())
    .limit(1)
)
_LATEST = select(
    _C.c.sequence,
    _C.c.changed_time,
    func.max(_C.c.sequence).over(partition_by=(_C.c.job_number, _C.c.kind)).label("latest"),
).subquery()
_SUPERSEDED = (
    select(_LATEST.c.sequence)
    .where(_LATEST.c.sequence < _LATEST.c.latest, _LATEST.c.changed_time < bindparam("before"))
    .order_by(_LATEST.c.sequence)
    .limit(bindparam("limit"))
)
_DELETE = (
    delete(_C)
    .where(_C.c.sequence.in_(bindparam("sequences", expanding=True)))
    .returning(_C.c.sequence)
)


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class ChangePosition:
    """Position in the log of changes; positions compare in the order of the log.

    The log of one organization is ordered by its sequence alone, since its writes are of one
    partition. A log of all organizations is ordered by generation, transaction id and sequence: on
    PostgreSQL, writes of different partitions commit in another order than they took their
    sequences, and a restored cluster begins anew with its transaction ids, in a new generation.
    """

    generation: int = 0
    transaction_id: int = 0
    sequence: int

    @property
    def parts(self) -> tuple[int, ...]:
        """What a cursor holds: the sequence alone, or all three for a log of all organizations."""
        if self.generation or self.transaction_id:
            return self.generation, self.transaction_id, self.sequence
        return (self.sequence,)

    @classmethod
    def behind(cls, change: JobChange) -> ChangePosition:
        """The position right behind a change."""
        generation = change.sequence >> _GENERATION_BITS if change.transaction_id else 0
        return cls(
            generation=generation, transaction_id=change.transaction_id, sequence=change.sequence
        )

    @classmethod
    def of(cls, parts: Sequence[int]) -> ChangePosition:
        """The position with these parts. ValueError: there are neither one nor three."""
        if len(parts) == 1:
            return cls(sequence=parts[0])
        generation, transaction_id, sequence = parts
        return cls(generation=generation, transaction_id=transaction_id, sequence=sequence)


class LogEntry(NamedTuple):
    """One change to append to the log."""

    number: int
    employer_user_id: str
    kind: ChangeKind


class JobChangeLog:
    """Repository of one database's change log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, organization_id: str, entries: Sequence[LogEntry], time: datetime) -> None:
        """Appends changes in order."""
        changed = to_micros(time)
        rows = [
            (organization_id, employer_user_id, number, kind.value, changed)
            for number, employer_user_id, kind in entries
        ]
        self._session.run_rows(_LOG, _LOGGED, rows)

    def head(self, wanted: JobFilter) -> ChangePosition:
        """Returns the position behind all changes so far of the filter's organization, or of all.

        No change that is committed later comes before it.
        """
        if wanted.organization_id:
            found = self._session.scalar(_OWN_HEAD, organization_id=wanted.organization_id)
            return ChangePosition(sequence=int(found))
        if self._session.dialect == "sqlite":
            return ChangePosition(sequence=int(self._session.scalar(_HEAD)))
        generation = self._generation()
        row = self._session.one(_SETTLED_HEAD, from_=generation << _GENERATION_BITS)
        return ChangePosition(
            generation=generation,
            transaction_id=0 if row is None else row.transaction_id,
            sequence=generation << _GENERATION_BITS if row is None else row.sequence,
        )

    def changes(self, wanted: JobFilter, *, after: ChangePosition, limit: int) -> list[JobChange]:
        """Returns the changes behind a position of the log, in its order.

        Only organization and employers of the filter count: the log is of one organization, or of
        all where the filter names none.
        """
        if wanted.organization_id or self._session.dialect == "sqlite":
            return self._read(_AFTER, wanted, limit, after=after.sequence)
        generation = self._generation()
        from_ = generation << _GENERATION_BITS
        before: list[JobChange] = []
        if after.generation < generation:  # from before a restore: all of that is settled
            place = {"transaction_id": after.transaction_id, "after": after.sequence}
            before = self._read(_EARLIER, wanted, limit, from_=from_, **place)
            after = ChangePosition(generation=generation, sequence=from_)
        place = {"transaction_id": after.transaction_id, "after": after.sequence}
        left = limit - len(before)
        return before + (self._read(_LATER, wanted, left, from_=from_, **place) if left else [])

    def _generation(self) -> int:
        """Returns how often the log was restored. PostgreSQL alone needs it."""
        return int(self._session.scalar(_GENERATION))

    def _read(
        self, behind: _Behind, wanted: JobFilter, limit: int, **place: int
    ) -> list[JobChange]:
        params = reach_params(wanted)
        statement = _changes(behind, frozenset(params))
        return [
            JobChange(
                sequence=row.sequence,
                transaction_id=0 if behind is _AFTER else row.transaction_id,
                job_number=row.job_number,
                kind=ChangeKind(row.kind),
                changed_time=from_micros(row.changed_time),
            )
            for row in self._session.all(statement, **params, **place, limit=limit)
        ]

    def superseded(self, *, before: datetime, limit: int) -> list[int]:
        """Returns the sequences of old entries that a later entry of job and kind supersedes.

        Scans the whole log (1 to 2 s for a million entries), so no call may wait for it.
        """
        rows = self._session.all(_SUPERSEDED, before=to_micros(before), limit=limit)
        return [row.sequence for row in rows]

    def delete(self, sequences: Sequence[int]) -> int:
        """Deletes entries. Returns their number."""
        return len(self._session.all(_DELETE, sequences=list(sequences))) if sequences else 0


@dataclass(frozen=True, slots=True)
class _Behind:
    """Which rows come behind a position, and in which order."""

    rows: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]


_BY_TRANSACTION = (_C.c.transaction_id, _C.c.sequence)
_PAST = tuple_(*_BY_TRANSACTION) > tuple_(
    bindparam("transaction_id", type_=BigInteger), bindparam("after", type_=BigInteger)
)
_AFTER = _Behind((_C.c.sequence > bindparam("after"),), (_C.c.sequence,))
_EARLIER = _Behind((_C.c.sequence < bindparam("from_"), _PAST), _BY_TRANSACTION)
_LATER = _Behind((_C.c.sequence >= bindparam("from_"), _SETTLED, _PAST), _BY_TRANSACTION)


@lru_cache(maxsize=48)
def _changes(behind: _Behind, names: frozenset[str]) -> Select[Any]:
    """Builds the statement for one order and set of filters."""
    found = select(
        _C.c.sequence, _C.c.transaction_id, _C.c.job_number, _C.c.kind, _C.c.changed_time
    ).where(*behind.rows)
    if "organization_id" in names:
        found = found.where(_C.c.organization_id == bindparam("organization_id"))
    if "employer_id" in names:
        found = found.where(_C.c.employer_user_id == bindparam("employer_id"))
    elif "employer_ids" in names:
        found = found.where(_C.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)))
    return found.order_by(*behind.order).limit(bindparam("limit"))


_EVENTS = {
    ChangeKind.CREATED: "job.created",
    ChangeKind.UPDATED: "job.updated",
    ChangeKind.CLOSED: "job.closed",
    ChangeKind.REOPENED: "job.reopened",
    ChangeKind.OPERATIONS_UPDATED: "job.updated",
    ChangeKind.PENDING: "job.pending",
    ChangeKind.APPROVED: "job.approved",
    ChangeKind.RETURNED: "job.returned",
}


class Journal(Protocol):
    """Where changes are published: a unit of work, or a transaction of background work."""

    @property
    def session(self) -> Session: ...
    @property
    def now(self) -> datetime: ...
    def emit_all(
        self, event_type: str, payloads: Sequence[Mapping[str, Any]], *, organization_id: str
    ) -> None: ...


class JobEvent(NamedTuple):
    """One change of one job to publish. Only a close has a `close_reason`."""

    number: int
    job_id: str
    employer_user_id: str
    source: Source
    kind: ChangeKind
    changed_fields: tuple[str, ...] = ()
    close_reason: CloseReason | None = None


def publish(
    unit: Journal, job: Job, kind: ChangeKind, *, changed_fields: Sequence[str] = ()
) -> None:
    """Publishes one change in its transaction. `job` is the state after the change."""
    event = event_of(job, kind, changed_fields=changed_fields)
    publish_all(unit, [event], job.organization_id)


def event_of(job: Job, kind: ChangeKind, *, changed_fields: Sequence[str] = ()) -> JobEvent:
    """The change to publish. `job` is the state after the change."""
    return JobEvent(
        number=job.number,
        job_id=job.job_id,
        employer_user_id=job.employer_user_id,
        source=job.source,
        kind=kind,
        changed_fields=tuple(changed_fields),
        close_reason=job.publication.close_reason if kind is ChangeKind.CLOSED else None,
    )


def kind_of_hold(before: Job, after: Job) -> ChangeKind:
    """Returns the kind of change: a hold closes an open role, its removal reopens it."""
    was, now_is = before.publication.is_open, after.publication.is_open
    if was == now_is:
        return ChangeKind.OPERATIONS_UPDATED
    return ChangeKind.REOPENED if now_is else ChangeKind.CLOSED


def publish_pending(unit: Journal, before: Job | None, after: Job) -> None:
    """Publishes that a job waits for an approval, if it didn't before."""
    pending = JobState.PENDING_APPROVAL
    was = before is not None and before.posting.publication.state is pending
    if after.posting.publication.state is pending and not was:
        publish(unit, after, ChangeKind.PENDING)


def publish_all(
    unit: Journal,
    events: Sequence[JobEvent],
    organization_id: str,
    *,
    sync_run_id: str = "",
) -> None:
    """Publishes changes of one organization's jobs, in order."""
    JobChangeLog(unit.session).append(
        organization_id,
        [LogEntry(each.number, each.employer_user_id, each.kind) for each in events],
        unit.now,
    )
    for kind, same_kind in groupby(events, attrgetter("kind")):
        payloads = [_payload(each, sync_run_id) for each in same_kind]
        unit.emit_all(_EVENTS[kind], payloads, organization_id=organization_id)


def _payload(event: JobEvent, sync_run_id: str) -> dict[str, object]:
    payload: dict[str, object] = {
        "jobId": event.job_id,
        "employerUserId": event.employer_user_id,
        "source": event.source.value,
    }
    if event.changed_fields:
        payload["changedFields"] = event.changed_fields
    if sync_run_id:
        payload["syncRunId"] = sync_run_id
    if event.close_reason is not None:
        payload["closeReason"] = event.close_reason.value
    return payload
