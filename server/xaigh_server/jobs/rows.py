"""Conversion between rows and jobs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, exists, func, select

from xaigh_server.db.session import Row
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.jobs.model import (
    NO_OPERATIONS,
    CloseReason,
    Job,
    JobHold,
    JobLink,
    JobState,
    OperationsHalf,
    Posting,
    Publication,
    Source,
)
from xaigh_server.jobs.tables import ats_mirrors as _M
from xaigh_server.jobs.tables import job_hold_orders as _H
from xaigh_server.jobs.tables import job_holds as _HELD
from xaigh_server.jobs.tables import job_operations as _O
from xaigh_server.jobs.tables import job_postings as _P

POSTING_COLUMNS = (
    "title",
    "slots",
    "external_reference",
    "state",
    "listed",
    "prospect",
    "close_reason",
    "close_note",
    "closed_time",
    "reopened_time",
    "submitted_time",
    "return_reason",
    "was_open",
    "written_by",
    "ends_time",
    "content",
    "pay",
    "application",
    "revision",
    "updated_time",
)
"""Columns of the client's half, which `posting_values` writes and `posting_of` reads."""
_POSTING = [_P.c[name] for name in POSTING_COLUMNS]
_FIRST_HOLD = (
    select(func.min(_HELD.c.hold_id))
    .where(_HELD.c.number == _P.c.number, _HELD.c.released == 0)
    .correlate(_P)
    .scalar_subquery()
)
HELD_BY_ROLLBACK = exists().where(_HELD.c.number == _P.c.number, _HELD.c.released == 0)
"""SQL for whether a rollback holds a job of `job_postings`."""
OPEN_NOW = (_P.c.state == JobState.OPEN) & _O.c.hold_reason.is_(None) & ~HELD_BY_ROLLBACK
"""SQL for whether a job of `job_postings`, joined with its operations, is open."""
JOB = (
    select(
        _P.c.number,
        _P.c.job_id,
        _P.c.organization_id,
        _P.c.employer_user_id,
        _P.c.source,
        _P.c.posted_by,
        _P.c.created_time,
        *_POSTING,
        _O.c.document,
        _O.c.hold_reason,
        _O.c.hold_time,
        _O.c.matching,
        _O.c.slots_filled,
        _O.c.open_offers,
        _O.c.expected,
        _O.c.checked_in,
        _O.c.no_shows,
        _O.c.payroll,
        _O.c.revision.label("operations_revision"),
        _O.c.updated_time.label("operations_updated_time"),
        _H.c.hold_id,
        _H.c.reason.label("rollback_reason"),
        _H.c.hold_time.label("rollback_time"),
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
    .outerjoin(_H, _H.c.hold_id == _FIRST_HOLD)
    .outerjoin(_M, _M.c.number == _P.c.number)
)
POSTINGS = select(_P.c.number, *_POSTING).where(
    _P.c.number.in_(bindparam("numbers", expanding=True))
)

# A dict look-up takes a tenth of the enum's time, and every job read makes several.
_SOURCES = {source.value: source for source in Source}
_STATES = {state.value: state for state in JobState}
_REASONS = {reason.value: reason for reason in CloseReason}


def posting_values(posting: Posting) -> dict[str, Any]:
    """Returns the columns of the client's half."""
    publication = posting.publication
    reason = publication.close_reason
    return {
        "title": posting.title,
        "slots": posting.slots,
        "external_reference": posting.external_reference,
        "state": publication.state.value,
        "listed": int(publication.listed),
        "prospect": int(posting.prospect),
        "close_reason": None if reason is None else reason.value,
        "close_note": publication.close_note,
        "closed_time": to_micros(publication.closed_time),
        "reopened_time": to_micros(publication.reopened_time),
        "submitted_time": to_micros(publication.submitted_time),
        "return_reason": publication.return_reason or None,
        "was_open": int(publication.was_open),
        "written_by": " ".join(publication.written_by) or None,
        "ends_time": to_micros(posting.ends_time),
        "content": posting.content,
        "pay": posting.pay,
        "application": posting.application,
        "revision": posting.revision,
        "updated_time": to_micros(posting.updated_time),
    }


def job_values(job: Job, integration_id: str | None) -> dict[str, Any]:
    return {
        "number": job.number,
        "job_id": job.job_id,
        "organization_id": job.organization_id,
        "employer_user_id": job.employer_user_id,
        "source": job.source.value,
        "posted_by": job.posted_by or None,
        "integration_id": integration_id,
        "created_time": to_micros(job.created_time),
        **posting_values(job.posting),
    }


def job_of(row: Row) -> Job:
    return Job(
        number=row.number,
        job_id=row.job_id,
        organization_id=row.organization_id,
        employer_user_id=row.employer_user_id,
        source=_SOURCES[row.source],
        posted_by=row.posted_by or "",
        posting=posting_of(row),
        operations=NO_OPERATIONS if row.document is None else _operations(row),
        link=None if row.provider is None else _link(row),
        hold=None if row.hold_id is None else _hold(row),
        created_time=from_micros(row.created_time),
    )


def posting_of(row: Row) -> Posting:
    reason = row.close_reason
    return Posting(
        title=row.title,
        slots=row.slots,
        external_reference=row.external_reference,
        prospect=bool(row.prospect),
        ends_time=from_micros(row.ends_time),
        content=row.content,
        pay=row.pay,
        application=row.application,
        publication=Publication(
            state=_STATES[row.state],
            listed=bool(row.listed),
            close_reason=None if reason is None else _REASONS[reason],
            close_note=row.close_note,
            closed_time=from_micros(row.closed_time),
            reopened_time=from_micros(row.reopened_time),
            submitted_time=from_micros(row.submitted_time),
            return_reason=row.return_reason or "",
            was_open=bool(row.was_open),
            written_by=tuple(row.written_by.split()) if row.written_by else (),
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
        payroll=row.payroll,
        revision=row.operations_revision,
        updated_time=from_micros(row.operations_updated_time),
    )


def _hold(row: Row) -> JobHold:
    return JobHold(
        hold_id=row.hold_id,
        reason=row.rollback_reason,
        hold_time=from_micros(row.rollback_time),
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
