"""What is told of changes of jobs: to watchers by the log, to webhooks by the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from xaigh_server.jobs.change_log import JobChangeLog, LogEntry
from xaigh_server.jobs.model import ChangeKind, CloseReason, Job, Source
from xaigh_server.rpc.unit_of_work import UnitOfWork

_EVENTS = {
    ChangeKind.CREATED: "job.created",
    ChangeKind.UPDATED: "job.updated",
    ChangeKind.CLOSED: "job.closed",
    ChangeKind.REOPENED: "job.reopened",
    ChangeKind.OPERATIONS_UPDATED: "job.updated",
}


class JobEvent(NamedTuple):
    """One change of one job, as it is told. `close_reason` is of a close alone."""

    number: int
    job_id: str
    employer_user_id: str
    source: Source
    kind: ChangeKind
    changed_fields: tuple[str, ...] = ()
    close_reason: CloseReason | None = None


def tell(
    unit: UnitOfWork, job: Job, kind: ChangeKind, *, changed_fields: Sequence[str] = ()
) -> None:
    """Tells of one change, in the transaction that makes it. `job` is as it is afterwards."""
    news = JobEvent(
        number=job.number,
        job_id=job.job_id,
        employer_user_id=job.employer_user_id,
        source=job.source,
        kind=kind,
        changed_fields=tuple(changed_fields),
        close_reason=job.publication.close_reason if kind is ChangeKind.CLOSED else None,
    )
    tell_all(unit, [news], job.organization_id)


def tell_all(
    unit: UnitOfWork,
    news: Sequence[JobEvent],
    organization_id: str,
    *,
    sync_run_id: str = "",
) -> None:
    """Tells of many changes of one organization's jobs, in order."""
    JobChangeLog(unit.session).append(
        organization_id,
        [LogEntry(each.number, each.employer_user_id, each.kind) for each in news],
        unit.now,
    )
    for kind, alike in groupby(news, attrgetter("kind")):
        payloads = [_payload(each, sync_run_id) for each in alike]
        unit.emit_all(_EVENTS[kind], payloads, organization_id=organization_id)


def _payload(news: JobEvent, sync_run_id: str) -> dict[str, object]:
    payload: dict[str, object] = {
        "jobId": news.job_id,
        "employerUserId": news.employer_user_id,
        "source": news.source.value,
    }
    if news.changed_fields:
        payload["changedFields"] = news.changed_fields
    if sync_run_id:
        payload["syncRunId"] = sync_run_id
    if news.close_reason is not None:
        payload["closeReason"] = news.close_reason.value
    return payload
