"""The log of what happened to jobs, which watchers follow. Its order is that of the commits.

Old entries may be thinned out, never so that a watcher who comes back hears nothing of a change: of
one kind of change of one job, the last entry stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select

from xaigh_server.db.session import Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.jobs.model import ChangeKind, JobChange
from xaigh_server.jobs.tables import job_changes as _C

_LOG = insert(_C)
_LOGGED = ("organization_id", "employer_user_id", "job_number", "kind", "changed_time")
_HEAD = select(func.coalesce(func.max(_C.c.sequence), 0))
_CHANGES = (
    select(_C.c.sequence, _C.c.job_number, _C.c.kind, _C.c.changed_time)
    .where(
        _C.c.organization_id == bindparam("organization_id"),
        _C.c.sequence > bindparam("after"),
        _C.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)),
    )
    .order_by(_C.c.sequence)
    .limit(bindparam("limit"))
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


class LogEntry(NamedTuple):
    """A change of a job, for the log."""

    number: int
    employer_user_id: str
    kind: ChangeKind


class JobChangeLog:
    """The log of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, organization_id: str, entries: Sequence[LogEntry], time: datetime) -> None:
        """Tells watchers of changes, in order."""
        changed = to_micros(time)
        rows = [
            (organization_id, employer_user_id, number, kind.value, changed)
            for number, employer_user_id, kind in entries
        ]
        self._session.run_rows(_LOG, _LOGGED, rows)

    def head(self) -> int:
        """The sequence of the last change of any job; 0 before the first."""
        return int(self._session.scalar(_HEAD))

    def changes(
        self, organization_id: str, employer_ids: Sequence[str], *, after: int, limit: int
    ) -> list[JobChange]:
        """The changes that follow a sequence, oldest first. A later commit never comes before."""
        rows = self._session.all(
            _CHANGES,
            organization_id=organization_id,
            employer_ids=list(employer_ids),
            after=after,
            limit=limit,
        )
        return [
            JobChange(
                sequence=row.sequence,
                job_number=row.job_number,
                kind=ChangeKind(row.kind),
                changed_time=from_micros(row.changed_time),
            )
            for row in rows
        ]

    def superseded(self, *, before: datetime, limit: int) -> list[int]:
        """The sequences of entries older than a time that a later one of their kind repeats.

        Reads the whole log, a second or two for a million entries: not for a call to wait for.
        """
        rows = self._session.all(_SUPERSEDED, before=to_micros(before), limit=limit)
        return [row.sequence for row in rows]

    def delete(self, sequences: Sequence[int]) -> int:
        """Deletes entries. Returns how many there were."""
        return len(self._session.all(_DELETE, sequences=list(sequences))) if sequences else 0
