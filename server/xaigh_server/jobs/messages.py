"""Conversion between jobs and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from xaigh.jobs.v1 import (
    ats_job_link_pb2,
    job_pb2,
    operations_pb2,
    published_job_pb2,
    workforce_pb2,
)
from xaigh_server.jobs.model import (
    Job,
    JobLink,
    OperationsHalf,
    Posting,
    Publication,
    WorkforceSums,
)
from xaigh_server.rpc.timestamps import clamp, get_time, set_time

_SOURCES = dict(job_pb2.Job.Source.items())
_STATES = dict(job_pb2.PublicationStatus.State.items())
_PAYROLL = {
    number: name if number else "" for name, number in operations_pb2.PayrollHandoff.State.items()
}
_REASONS = dict(job_pb2.PublicationStatus.CloseReason.items())
_PROVIDERS = dict(ats_job_link_pb2.AtsJobLink.Provider.items())


def job_to_pb(job: Job) -> job_pb2.Job:
    """Converts a job, with the fields derived from both halves."""
    message = job_pb2.Job(
        job_id=job.job_id,
        employer_user_id=job.employer_user_id,
        organization_id=job.organization_id,
        source=_SOURCES[job.source],
        etag=job.etag,
    )
    posting = job.posting
    _parse(message.job_content, posting.content)
    _parse(message.pay_range, posting.pay)
    _parse(message.application_destination, posting.application)
    _parse(message.operations, job.operations.document)
    if job.matched:
        message.operations.matching.active = True
    _publication_to_pb(job.publication, message.publication_status)
    if job.hold is not None:
        hold = message.publication_status.hold
        hold.hold_id, hold.reason = job.hold.hold_id, job.hold.reason
        set_time(hold.hold_time, job.hold.hold_time)
    if job.link is not None:
        _link_to_pb(job.link, message.ats_link)
    set_time(message.create_time, job.created_time)
    set_time(message.update_time, job.updated_time)
    return message


def published_to_pb(job: Job) -> published_job_pb2.PublishedJob:
    """Converts a job's public fields."""
    message = published_job_pb2.PublishedJob(
        job_id=job.job_id, employer_user_id=job.employer_user_id
    )
    _parse(message.job_content, job.posting.content)
    message.job_content.ClearField("external_reference")
    message.job_content.ClearField("requisition_id")
    _parse(message.pay_range, job.posting.pay)
    _parse(message.application_destination, job.posting.application)
    set_time(message.update_time, job.posting.updated_time)
    return message


def posting_of(
    message: job_pb2.Job, publication: Publication, *, revision: int, now: datetime
) -> Posting:
    """Extracts the client's half of a job; its publication is stored as columns."""
    return Posting(
        title=message.job_content.title,
        slots=message.job_content.slots,
        external_reference=message.job_content.external_reference,
        prospect=message.job_content.prospect,
        ends_time=get_time(message.job_content, "ends_at"),
        content=message.job_content.SerializeToString(),
        pay=message.pay_range.SerializeToString(),
        application=message.application_destination.SerializeToString(),
        publication=publication,
        revision=revision,
        updated_time=now,
    )


def operations_of(
    message: operations_pb2.Operations, *, revision: int, now: datetime
) -> OperationsHalf:
    """Converts the operations half. A hold without a `hold_time` begins now."""
    kept = operations_pb2.Operations()
    kept.CopyFrom(message)
    held = kept.HasField("matching") and kept.matching.HasField("hold")
    if held and not kept.matching.hold.HasField("hold_time"):
        set_time(kept.matching.hold.hold_time, now)
    if kept.HasField("matching"):
        kept.matching.ClearField("active")
    return OperationsHalf(
        document=kept.SerializeToString(),
        hold_reason=kept.matching.hold.reason if held else None,
        hold_time=get_time(kept.matching.hold, "hold_time") if held else None,
        matching=kept.matching.state == operations_pb2.Matching.RUNNING,
        slots_filled=kept.fill.slots_filled,
        open_offers=kept.fill.open_offers,
        expected=kept.attendance.expected,
        checked_in=kept.attendance.checked_in,
        no_shows=kept.attendance.no_shows,
        payroll=_PAYROLL[kept.payroll_handoff.state],
        revision=revision,
        updated_time=now,
    )


def sums_to_pb(
    employer_id: str, sums: WorkforceSums, now: datetime
) -> workforce_pb2.WorkforceStatus:
    """Converts the sums over an employer's jobs."""
    message = workforce_pb2.WorkforceStatus(
        employer_user_id=employer_id,
        open_jobs=sums.open_jobs,
        closed_jobs=sums.closed_jobs,
        pending_jobs=sums.pending_jobs,
        matching_jobs=sums.matching_jobs,
        slots=sums.slots,
        slots_filled=sums.slots_filled,
        open_offers=sums.open_offers,
        expected=sums.expected,
        checked_in=sums.checked_in,
        no_shows=sums.no_shows,
    )
    set_time(message.status_time, now)
    return message


def _parse(field: Any, wire: bytes) -> None:
    field.MergeFromString(wire)
    clamp(field)  # old rows may hold times out of range
    field.SetInParent()


def _publication_to_pb(publication: Publication, message: job_pb2.PublicationStatus) -> None:
    message.state = _STATES[publication.state]
    message.listed = publication.listed
    if publication.close_reason is not None:
        message.close_reason = _REASONS[publication.close_reason]
        message.close_note = publication.close_note
    set_time(message.close_time, publication.closed_time)
    set_time(message.reopen_time, publication.reopened_time)
    set_time(message.submit_time, publication.submitted_time)
    message.return_reason = publication.return_reason


def _link_to_pb(link: JobLink, message: ats_job_link_pb2.AtsJobLink) -> None:
    message.provider = _PROVIDERS[link.provider]
    message.external_job_id = link.external_job_id
    message.integration_id = link.integration_id
    message.raw_hash = link.raw_hash
    message.content_hash = link.content_hash
    message.last_sync_run_id = link.last_run_id
    set_time(message.first_seen_time, link.first_seen_time)
    set_time(message.last_seen_time, link.last_seen_time)
    set_time(message.provider_update_time, link.provider_updated_time)
