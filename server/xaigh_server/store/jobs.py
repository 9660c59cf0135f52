"""The jobs of one business database.

Every read is of one organization's jobs, and of the employers given: a repository can't be asked
for somebody else's job by its id alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, insert, select, update

from xaigh_server.domain.jobs import (
    NO_OPERATIONS,
    ChangeKind,
    CloseReason,
    Job,
    JobChange,
    JobFilter,
    JobLink,
    JobState,
    OperationsHalf,
    Posting,
    Publication,
    Source,
    WorkforceSums,
)
from xaigh_server.store.session import Row, Session, upsert
from xaigh_server.store.tables.ats import ats_mirrors as _M
from xaigh_server.store.tables.jobs import job_changes as _C
from xaigh_server.store.tables.jobs import job_operations as _O
from xaigh_server.store.tables.jobs import job_postings as _P
from xaigh_server.store.times import from_micros, to_micros

_JOB = (
    select(
        _P.c.number,
        _P.c.job_id,
        _P.c.organization_id,
        _P.c.employer_user_id,
        _P.c.source,
        _P.c.title,
        _P.c.slots,
        _P.c.external_reference,
        _P.c.state,
        _P.c.listed,
        _P.c.close_reason,
        _P.c.close_note,
        _P.c.closed_time,
        _P.c.reopened_time,
        _P.c.content,
        _P.c.pay,
        _P.c.application,
        _P.c.revision,
        _P.c.created_time,
        _P.c.updated_time,
        _O.c.document,
        _O.c.hold_reason,
        _O.c.hold_time,
        _O.c.matching,
        _O.c.slots_filled,
        _O.c.open_offers,
        _O.c.expected,
        _O.c.checked_in,
        _O.c.no_shows,
        _O.c.revision.label("operations_revision"),
        _O.c.updated_time.label("operations_updated_time"),
        _M.c.provider,
        _M.c.external_job_id,
        _M.c.integration_id,
        _M.c.raw_hash,
        _M.c.content_hash,
        _M.c.provider_updated_time,
        _M.c.first_seen_time,
        _M.c.last_seen_time,
        _M.c.last_run_id,
    )
    .select_from(_P)
    .outerjoin(_O, _O.c.number == _P.c.number)
    .outerjoin(_M, _M.c.number == _P.c.number)
)
_BY_ID = _JOB.where(_P.c.job_id == bindparam("job_id"))
_POSTINGS = select(
    _P.c.number,
    _P.c.title,
    _P.c.slots,
    _P.c.external_reference,
    _P.c.state,
    _P.c.listed,
    _P.c.close_reason,
    _P.c.close_note,
    _P.c.closed_time,
    _P.c.reopened_time,
    _P.c.content,
    _P.c.pay,
    _P.c.application,
    _P.c.revision,
    _P.c.updated_time,
).where(_P.c.number.in_(bindparam("numbers", expanding=True)))
_BY_NUMBERS = _JOB.where(_P.c.number.in_(bindparam("numbers", expanding=True)))
_LAST_NUMBER = select(func.coalesce(func.max(_P.c.number), 0))
_INSERT = insert(_P)
_UPDATE = (
    update(_P)
    .where(_P.c.number == bindparam("at_number"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "title",
                "slots",
                "external_reference",
                "state",
                "listed",
                "close_reason",
                "close_note",
                "closed_time",
                "reopened_time",
                "content",
                "pay",
                "application",
                "revision",
                "updated_time",
            )
        }
    )
)
# Leaves out what indexes hold: to write those columns would be to write the indexes.
_UPDATE_CONTENT = (
    update(_P)
    .where(_P.c.number == bindparam("at_number"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "title",
                "slots",
                "content",
                "pay",
                "application",
                "revision",
                "updated_time",
            )
        }
    )
)
_STORE_OPERATIONS = upsert(
    _O,
    key=("number",),
    update=(
        "document",
        "hold_reason",
        "hold_time",
        "matching",
        "slots_filled",
        "open_offers",
        "expected",
        "checked_in",
        "no_shows",
        "revision",
        "updated_time",
    ),
)
_LOG = insert(_C)
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
_OPEN = (_P.c.state == JobState.OPEN) & _O.c.hold_reason.is_(None)


def _sum_open(value: Any) -> Any:
    return func.coalesce(func.sum(case((_OPEN, func.coalesce(value, 0)), else_=0)), 0)


_SUMS = (
    select(
        func.count().label("jobs"),
        _sum_open(1).label("open_jobs"),
        _sum_open(_O.c.matching).label("matching_jobs"),
        _sum_open(_P.c.slots).label("slots"),
        _sum_open(_O.c.slots_filled).label("slots_filled"),
        _sum_open(_O.c.open_offers).label("open_offers"),
        _sum_open(_O.c.expected).label("expected"),
        _sum_open(_O.c.checked_in).label("checked_in"),
        _sum_open(_O.c.no_shows).label("no_shows"),
    )
    .select_from(_P)
    .outerjoin(_O, _O.c.number == _P.c.number)
    .where(
        _P.c.organization_id == bindparam("organization_id"),
        _P.c.employer_user_id == bindparam("employer_id"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A change of a job, for the log."""

    number: int
    employer_user_id: str
    kind: ChangeKind


class Jobs:
    """The jobs of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, job_id: str) -> Job | None:
        """The job, whoever's it is: the caller compares its organization and employer."""
        row = self._session.one(_BY_ID, job_id=job_id)
        return None if row is None else _job(row)

    def numbered(self, numbers: Sequence[int]) -> dict[int, Job]:
        """Jobs by their numbers."""
        if not numbers:
            return {}
        rows = self._session.all(_BY_NUMBERS, numbers=list(numbers))
        return {row.number: _job(row) for row in rows}

    def listing(self, wanted: JobFilter, *, before: int | None = None, limit: int) -> list[Job]:
        """Jobs that match, newest first, from those made before the one numbered `before`."""
        params = _filter_params(wanted)
        if before is not None:
            params["before"] = before
        params["limit"] = limit
        return [_job(row) for row in self._session.all(_listing(frozenset(params)), **params)]

    def next_number(self) -> int:
        """The number for a job to be added. Writes are serial, so nobody else gets it."""
        return int(self._session.scalar(_LAST_NUMBER)) + 1

    def add(self, job: Job) -> None:
        """Adds a direct job with its client's half."""
        self._session.run(_INSERT, _job_values(job, None))

    def add_mirrored(self, jobs: Sequence[Job], integration_id: str) -> None:
        """Adds mirrored jobs with their client's halves. Their mirrors are added after them."""
        self._session.run(_INSERT, [_job_values(job, integration_id) for job in jobs])

    def postings(self, numbers: Sequence[int]) -> dict[int, Posting]:
        """The client's halves of jobs, by their numbers."""
        if not numbers:
            return {}
        rows = self._session.all(_POSTINGS, numbers=list(numbers))
        return {row.number: _posting(row) for row in rows}

    def store_posting(self, number: int, posting: Posting) -> None:
        """Writes the client's half, and nothing of the other."""
        self.store_postings([(number, posting)])

    def store_postings(self, changed: Sequence[tuple[int, Posting]]) -> None:
        """Writes the client's halves of many jobs, and nothing of the others."""
        rows = [
            {
                "at_number": number,
                **{f"new_{name}": value for name, value in _posting_values(posting).items()},
            }
            for number, posting in changed
        ]
        self._session.run(_UPDATE, rows)

    def store_contents(self, changed: Sequence[tuple[int, Posting]]) -> None:
        """Like `store_postings`, for roles that are offered, and called, as they were."""
        rows = [
            {
                "at_number": number,
                "new_title": posting.title,
                "new_slots": posting.slots,
                "new_content": posting.content,
                "new_pay": posting.pay,
                "new_application": posting.application,
                "new_revision": posting.revision,
                "new_updated_time": to_micros(posting.updated_time),
            }
            for number, posting in changed
        ]
        self._session.run(_UPDATE_CONTENT, rows)

    def store_operations(self, number: int, half: OperationsHalf) -> None:
        """Writes the operations half, and nothing of the other."""
        self._session.run(
            _STORE_OPERATIONS,
            {
                "number": number,
                "document": half.document,
                "hold_reason": half.hold_reason,
                "hold_time": to_micros(half.hold_time),
                "matching": int(half.matching),
                "slots_filled": half.slots_filled,
                "open_offers": half.open_offers,
                "expected": half.expected,
                "checked_in": half.checked_in,
                "no_shows": half.no_shows,
                "revision": half.revision,
                "updated_time": to_micros(half.updated_time),
            },
        )

    def log(self, organization_id: str, entries: Sequence[LogEntry], time: datetime) -> None:
        """Tells watchers of changes, in order."""
        changed = to_micros(time)
        self._session.run(
            _LOG,
            [
                {
                    "organization_id": organization_id,
                    "employer_user_id": entry.employer_user_id,
                    "job_number": entry.number,
                    "kind": entry.kind.value,
                    "changed_time": changed,
                }
                for entry in entries
            ],
        )

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

    def sums(self, organization_id: str, employer_id: str) -> WorkforceSums:
        """The sums over an employer's jobs."""
        row = self._session.one(_SUMS, organization_id=organization_id, employer_id=employer_id)
        if row is None:
            return WorkforceSums()
        return WorkforceSums(
            open_jobs=int(row.open_jobs),
            closed_jobs=int(row.jobs) - int(row.open_jobs),
            matching_jobs=int(row.matching_jobs),
            slots=int(row.slots),
            slots_filled=int(row.slots_filled),
            open_offers=int(row.open_offers),
            expected=int(row.expected),
            checked_in=int(row.checked_in),
            no_shows=int(row.no_shows),
        )


@lru_cache(maxsize=256)
def _listing(names: frozenset[str]) -> Select[Any]:
    """The list's statement for one set of conditions."""
    found = _JOB.where(_P.c.organization_id == bindparam("organization_id"))
    if "employer_id" in names:
        found = found.where(_P.c.employer_user_id == bindparam("employer_id"))
    else:
        found = found.where(_P.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)))
    for name in ("source", "external_reference", "integration_id"):
        if name in names:
            found = found.where(_P.c[name] == bindparam(name))
    if "external_reference" in names:
        found = found.where(_P.c.external_reference != "")  # so the partial index serves
    if "state" in names:
        found = found.where(case((_OPEN, "OPEN"), else_="CLOSED") == bindparam("state"))
    if "listed" in names:
        found = found.where(_P.c.listed == bindparam("listed"))
    if "before" in names:
        found = found.where(_P.c.number < bindparam("before"))
    return found.order_by(_P.c.number.desc()).limit(bindparam("limit"))


def _filter_params(wanted: JobFilter) -> dict[str, Any]:
    params: dict[str, Any] = {"organization_id": wanted.organization_id}
    if len(wanted.employer_ids) == 1:
        params["employer_id"] = wanted.employer_ids[0]
    else:
        params["employer_ids"] = list(wanted.employer_ids)
    for name in ("source", "external_reference", "integration_id"):
        if value := getattr(wanted, name):
            params[name] = value
    if state := ("OPEN" if wanted.published else wanted.state):
        params["state"] = state
    if wanted.published:
        params["listed"] = 1
    return params


def _posting_values(posting: Posting) -> dict[str, Any]:
    """The columns of the client's half."""
    publication = posting.publication
    reason = publication.close_reason
    return {
        "title": posting.title,
        "slots": posting.slots,
        "external_reference": posting.external_reference,
        "state": publication.state.value,
        "listed": int(publication.listed),
        "close_reason": None if reason is None else reason.value,
        "close_note": publication.close_note,
        "closed_time": to_micros(publication.closed_time),
        "reopened_time": to_micros(publication.reopened_time),
        "content": posting.content,
        "pay": posting.pay,
        "application": posting.application,
        "revision": posting.revision,
        "updated_time": to_micros(posting.updated_time),
    }


def _job_values(job: Job, integration_id: str | None) -> dict[str, Any]:
    return {
        "number": job.number,
        "job_id": job.job_id,
        "organization_id": job.organization_id,
        "employer_user_id": job.employer_user_id,
        "source": job.source.value,
        "integration_id": integration_id,
        "created_time": to_micros(job.created_time),
        **_posting_values(job.posting),
    }


def _job(row: Row) -> Job:
    return Job(
        number=row.number,
        job_id=row.job_id,
        organization_id=row.organization_id,
        employer_user_id=row.employer_user_id,
        source=Source(row.source),
        posting=_posting(row),
        operations=NO_OPERATIONS if row.document is None else _operations(row),
        link=None if row.provider is None else _link(row),
        created_time=from_micros(row.created_time),
    )


def _posting(row: Row) -> Posting:
    reason = row.close_reason
    return Posting(
        title=row.title,
        slots=row.slots,
        external_reference=row.external_reference,
        content=row.content,
        pay=row.pay,
        application=row.application,
        publication=Publication(
            state=JobState(row.state),
            listed=bool(row.listed),
            close_reason=None if reason is None else CloseReason(reason),
            close_note=row.close_note,
            closed_time=from_micros(row.closed_time),
            reopened_time=from_micros(row.reopened_time),
        ),
        revision=row.revision,
        updated_time=from_micros(row.updated_time),
    )


def _operations(row: Row) -> OperationsHalf:
    return OperationsHalf(
        document=row.document,
        hold_reason=row.hold_reason,
        hold_time=from_micros(row.hold_time),
        matching=bool(row.matching),
        slots_filled=row.slots_filled,
        open_offers=row.open_offers,
        expected=row.expected,
        checked_in=row.checked_in,
        no_shows=row.no_shows,
        revision=row.operations_revision,
        updated_time=from_micros(row.operations_updated_time),
    )


def _link(row: Row) -> JobLink:
    return JobLink(
        provider=row.provider,
        external_job_id=row.external_job_id,
        integration_id=row.integration_id,
        raw_hash=row.raw_hash,
        content_hash=row.content_hash,
        provider_updated_time=from_micros(row.provider_updated_time),
        first_seen_time=from_micros(row.first_seen_time),
        last_seen_time=from_micros(row.last_seen_time),
        last_run_id=row.last_run_id,
    )
