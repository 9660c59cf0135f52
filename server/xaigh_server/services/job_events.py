"""What is told of a change of a job: to watchers by the log, to webhooks by the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from xaigh_server.domain.jobs import ChangeKind, Job
from xaigh_server.services.unit import BusinessUnit
from xaigh_server.store.times import to_micros

_EVENTS = {
    ChangeKind.CREATED: "job.created",
    ChangeKind.UPDATED: "job.updated",
    ChangeKind.CLOSED: "job.closed",
    ChangeKind.REOPENED: "job.reopened",
    ChangeKind.OPERATIONS_UPDATED: "job.updated",
}


def tell(
    unit: BusinessUnit,
    job: Job,
    kind: ChangeKind,
    *,
    changed_fields: Sequence[str] = (),
    sync_run_id: str = "",
) -> None:
    """Tells of one change, in the transaction that makes it. `job` is as it is afterwards."""
    unit.jobs.log(job, kind, to_micros(unit.now))
    reason = job.publication.close_reason if kind is ChangeKind.CLOSED else None
    payload = {
        "jobId": job.job_id,
        "employerUserId": job.employer_user_id,
        "source": job.source.value,
    }
    details: dict[str, object] = {
        "changedFields": list(changed_fields),
        "syncRunId": sync_run_id,
        "closeReason": "" if reason is None else reason.value,
    }
    unit.emit(
        _EVENTS[kind],
        {**payload, **{name: value for name, value in details.items() if value}},
        organization_id=job.organization_id,
    )
