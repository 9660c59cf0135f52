"""Conversion between employers and messages."""

from __future__ import annotations

from datetime import datetime

from xaigh.employers.v1 import approval_policy_pb2, employer_pb2
from xaigh.jobs.v1 import job_pb2
from xaigh_server.ats.integrations import Integration, is_stale, stale_since
from xaigh_server.ats.messages import INTEGRATION_STATES, PROVIDERS
from xaigh_server.employers.model import ApprovalPolicy, closeout_state, end_time
from xaigh_server.jobs.messages import job_to_pb
from xaigh_server.jobs.model import Job
from xaigh_server.rpc.timestamps import get_time, set_time

_STATES = dict(job_pb2.PublicationStatus.State.items())
_CLOSEOUTS = dict(employer_pb2.Closeout.State.items())


def employer_job_to_pb(job: Job) -> employer_pb2.EmployerJob:
    """Converts what an employer's list shows of a job."""
    whole = job_to_pb(job)
    content, status = whole.job_content, whole.publication_status
    message = employer_pb2.EmployerJob(
        job_id=job.job_id,
        title=job.posting.title,
        state=_STATES[job.publication.state],
        slots=job.posting.slots,
        fill=whole.operations.fill,
        create_time=whole.create_time,
        update_time=whole.update_time,
    )
    for name in ("starts_at", "ends_at"):
        set_time(getattr(message, name), get_time(content, name))
    for name in ("submit_time", "close_time"):
        set_time(getattr(message, name), get_time(status, name))
    return message


def closeout_to_pb(job: Job) -> employer_pb2.Closeout:
    """Converts the closeout of an ended job."""
    operations = job_to_pb(job).operations
    message = employer_pb2.Closeout(
        job_id=job.job_id,
        title=job.posting.title,
        state=_CLOSEOUTS[closeout_state(job)],
        slots_filled=operations.fill.slots_filled,
        attendance=operations.attendance,
        payroll_handoff=operations.payroll_handoff,
    )
    set_time(message.end_time, end_time(job))
    return message


def employer_integration_to_pb(
    integration: Integration, now: datetime
) -> employer_pb2.EmployerIntegration:
    """Converts what an employer may know of an integration."""
    message = employer_pb2.EmployerIntegration(
        integration_id=integration.integration_id,
        provider=PROVIDERS[integration.provider],
        state=INTEGRATION_STATES[integration.state],
        stale=is_stale(integration, now),
    )
    if message.stale:
        set_time(message.stale_since_time, stale_since(integration))
    set_time(message.last_completed_time, integration.sync_state.last_completed_time)
    return message


def policy_to_pb(policy: ApprovalPolicy, environment: str) -> approval_policy_pb2.ApprovalPolicy:
    """Converts a policy."""
    message = approval_policy_pb2.ApprovalPolicy(
        organization_id=policy.organization_id,
        employer_user_id=policy.employer_user_id,
        environment=environment,
        approval_required=policy.required,
        reason=policy.reason,
        updated_by=policy.updated_by,
        etag=policy.etag,
    )
    set_time(message.update_time, policy.updated_time)
    return message
