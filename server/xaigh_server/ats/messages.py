"""Conversion of syncs to messages: outcomes, runs, events, integrations and their status."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from xaigh.ats.v1 import integration_pb2, sync_event_pb2, sync_pb2, sync_run_pb2
from xaigh.jobs.v1 import ats_job_link_pb2, job_pb2
from xaigh_server.ats.apply import Plan, RecordResult
from xaigh_server.ats.batch import BatchHeader
from xaigh_server.ats.drift import DriftedField, FieldDrift
from xaigh_server.ats.integrations import (
    STALE_AFTER,
    ApplyMode,
    Integration,
    MassCloseGuard,
)
from xaigh_server.ats.providers.record import Note, WorkdayIdentity
from xaigh_server.ats.repository.events import StoredEvent
from xaigh_server.ats.runs import Counts, MissingClose, Run, count
from xaigh_server.rpc.timestamps import set_time

PROVIDERS = dict(ats_job_link_pb2.AtsJobLink.Provider.items())
RUN_STATES = dict(sync_run_pb2.SyncRun.State.items())
SKIP_REASONS = dict(sync_run_pb2.MissingClose.Reason.items())
INTEGRATION_STATES = dict(integration_pb2.AtsIntegration.State.items())
_OUTCOMES = dict(sync_pb2.RecordOutcome.Outcome.items())
_CLOSE_STATES = dict(sync_run_pb2.MissingClose.State.items())
_DRIFT_STATES = dict(sync_run_pb2.FieldDrift.State.items())
_EVENT_TYPES = dict(sync_event_pb2.AtsJobSyncEvent.Type.items())
_JOB_STATES = dict(job_pb2.PublicationStatus.State.items())
_CLOSE_REASONS = dict(job_pb2.PublicationStatus.CloseReason.items())
_MODES = dict(job_pb2.ApplicationDestination.Mode.items())
_IDENTITIES = dict(integration_pb2.AtsIntegration.WorkdayIdentity.items())


def provider_word(number: int) -> str:
    """A provider's word; empty for none."""
    value = ats_job_link_pb2.AtsJobLink.Provider.DESCRIPTOR.values_by_number.get(number)
    return value.name if value is not None and number else ""


def reply_to_pb(
    run: Run, header: BatchHeader, plan: Plan, now: datetime
) -> sync_pb2.SyncJobsResponse:
    """The answer to a batch."""
    reply = sync_pb2.SyncJobsResponse(
        sync_run_id=run.sync_run_id,
        integration_id=run.integration_id,
        batch_index=header.batch_index or 0,
        counts=counts_to_pb(count(plan.tally)),
        run=run_to_pb(run, now),
        validate_only=header.dry_run,
    )
    for result in plan.results:
        _add_outcome(reply, result)
    return reply


def _add_outcome(reply: sync_pb2.SyncJobsResponse, result: RecordResult) -> None:
    """Says what became of one record. In place: a list of messages would be copied."""
    message = reply.outcomes.add()
    message.index = result.at
    message.external_job_id = result.external_job_id
    message.job_id = result.job_id
    message.outcome = _OUTCOMES[result.outcome]
    if result.changed_fields:
        message.changed_fields.extend(result.changed_fields)
    if result.warnings:
        message.warnings.extend(_notes(result.warnings))
    if result.rejections:
        message.rejections.extend(_notes(result.rejections))


def counts_to_pb(counts: Counts) -> sync_run_pb2.SyncCounts:
    """Outcomes, counted."""
    return sync_run_pb2.SyncCounts(
        created=counts.created,
        updated=counts.updated,
        unchanged=counts.unchanged,
        reopened=counts.reopened,
        closed=counts.closed,
        rejected=counts.rejected,
        stale_skipped=counts.stale_skipped,
    )


def run_to_pb(stored: Run, now: datetime) -> sync_run_pb2.SyncRun:
    """The state of the run at a time."""
    run = stored.shown(now)
    message = sync_run_pb2.SyncRun(
        sync_run_id=run.sync_run_id,
        integration_id=run.integration_id,
        provider=PROVIDERS[run.provider],
        state=RUN_STATES[run.state],
        employer_user_ids=run.employer_ids,
        expected_total=run.expected_total,
        seen_total=run.seen_total,
        unreadable_total=run.unreadable_total,
        batch_total=run.batch_total,
        counts=counts_to_pb(run.counts),
        close=_close_to_pb(run.close),
        organization_id=run.organization_id,
    )
    if run.drift is not None:
        _add_drift(message.drift, run.drift)
    message.begin_time.FromDatetime(run.begin_time)
    message.last_batch_time.FromDatetime(run.last_batch_time)
    set_time(message.end_time, run.end_time)
    set_time(message.lease_expire_time, run.lease_expire_time)
    set_time(message.generated_at, run.generated_time)
    return message


def event_to_pb(stored: StoredEvent) -> sync_event_pb2.AtsJobSyncEvent:
    """One sync event."""
    event = stored.event
    message = sync_event_pb2.AtsJobSyncEvent(
        event_id=event.event_id,
        type=_EVENT_TYPES[event.type],
        job_id=stored.job_id,
        external_job_id=stored.external_job_id,
        employer_user_id=event.employer_user_id,
        integration_id=event.integration_id,
        provider=PROVIDERS[stored.provider],
        sync_run_id=stored.sync_run_id,
        organization_id=stored.organization_id,
        raw_hash_before=event.raw_hash_before,
        raw_hash_after=event.raw_hash_after,
        changed_fields=event.changed_fields,
        close_policy=event.close_policy,
        request_id=event.request_id,
        client_request_id=event.client_request_id,
    )
    if event.state_before:
        message.state_before = _JOB_STATES[event.state_before]
    if event.state_after:
        message.state_after = _JOB_STATES[event.state_after]
    if event.close_reason:
        message.close_reason = _CLOSE_REASONS[event.close_reason]
    message.event_time.FromDatetime(event.time)
    return message


def integration_to_pb(integration: Integration) -> integration_pb2.AtsIntegration:
    """An integration, with every default said."""
    message = integration_pb2.AtsIntegration(
        integration_id=integration.integration_id,
        organization_id=integration.organization_id,
        provider=PROVIDERS[integration.provider],
        board=integration.board,
        employer_user_ids=integration.employer_ids,
        display_name=integration.display_name,
        state=INTEGRATION_STATES[integration.state],
        apply_mode=_MODES[integration.apply_mode],
        forward_target=integration.forward_target,
        field_map=integration.field_map,
        status_map=integration.status_map,
        etag=integration.etag,
    )
    if integration.provider == "WORKDAY":
        message.workday_identity = _IDENTITIES[integration.workday_identity]
    message.stale_after.FromTimedelta(integration.stale_after)
    message.guard.min_roles = integration.guard.min_roles
    message.guard.percent = integration.guard.percent
    message.create_time.FromDatetime(integration.created_time)
    message.update_time.FromDatetime(integration.updated_time)
    set_time(message.activate_time, integration.activated_time)
    if integration.pending is not None:
        terms = integration.pending.terms
        change = message.pending_change
        change.board = terms.board
        change.employer_user_ids.extend(terms.employer_ids)
        change.apply_mode = _MODES[terms.apply_mode]
        change.forward_target = terms.forward_target
        change.guard.min_roles = terms.guard.min_roles
        change.guard.percent = terms.guard.percent
        change.propose_time.FromDatetime(integration.pending.proposed_time)
    return message


def settings_of(message: integration_pb2.AtsIntegration) -> dict[str, object]:
    """What an integration's settings are by its message; absent ones are the defaults."""
    guard = MassCloseGuard()
    if message.guard.HasField("min_roles"):
        guard = MassCloseGuard(min_roles=message.guard.min_roles, percent=guard.percent)
    if message.guard.HasField("percent"):
        guard = MassCloseGuard(min_roles=guard.min_roles, percent=message.guard.percent)
    stale: timedelta = STALE_AFTER
    if message.HasField("stale_after"):
        stale = message.stale_after.ToTimedelta()
    forwards = message.apply_mode == job_pb2.ApplicationDestination.APPLICATION_FORWARD
    posting = message.workday_identity == integration_pb2.AtsIntegration.POSTING
    return {
        "board": message.board.strip(),
        "employer_ids": tuple(sorted(message.employer_user_ids)),
        "display_name": message.display_name,
        "apply_mode": ApplyMode.APPLICATION_FORWARD if forwards else ApplyMode.ATS_REDIRECT,
        "forward_target": message.forward_target,
        "stale_after": stale,
        "guard": guard,
        "field_map": dict(message.field_map),
        "status_map": dict(message.status_map),
        "workday_identity": (WorkdayIdentity.POSTING if posting else WorkdayIdentity.REQUISITION),
    }


def _notes(notes: Iterable[Note]) -> Iterable[sync_pb2.RecordNote]:
    return (
        sync_pb2.RecordNote(code=note.code, field=note.field, message=note.message)
        for note in notes
    )


def _add_drift(message: sync_run_pb2.FieldDrift, drift: FieldDrift) -> None:
    message.state = _DRIFT_STATES[drift.state]
    message.fields.extend(drifted_field_to_pb(field) for field in drift.fields)
    set_time(message.confirm_by_time, drift.confirm_by_time)
    set_time(message.confirm_time, drift.confirmed_time)


def drifted_field_to_pb(
    field: DriftedField, *, with_examples: bool = True
) -> sync_run_pb2.DriftedField:
    """A held field, with its examples or without."""
    return sync_run_pb2.DriftedField(
        field=field.name,
        lost_count=field.lost,
        had_count=field.had,
        confirmed=field.confirmed,
        examples=[
            sync_run_pb2.DriftedRole(
                job_id=role.job_id, external_job_id=role.external_job_id, title=role.title
            )
            for role in (field.examples if with_examples else ())
        ],
    )


def _close_to_pb(close: MissingClose) -> sync_run_pb2.MissingClose:
    message = sync_run_pb2.MissingClose(
        state=_CLOSE_STATES[close.state],
        count=close.count,
        open_count=close.open_count,
        roles=[
            sync_run_pb2.MissingRole(
                job_id=role.job_id, external_job_id=role.external_job_id, title=role.title
            )
            for role in close.roles
        ],
    )
    if close.reason is not None:
        message.reason = SKIP_REASONS[close.reason]
    set_time(message.confirm_by_time, close.confirm_by_time)
    set_time(message.close_time, close.closed_time)
    return message
