"""Authoritative close: closes the roles that a complete run lacks, or holds a suspicious close.

`decide_close` and `check_confirm` are the rules, without a database. `complete_run` carries them
out at the end of a run, `confirm_close` after a caller confirms a held close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from xaigh_server.ats.apply import Plan
from xaigh_server.ats.drift_guard import settle_drift, state_after_drift
from xaigh_server.ats.errors import CloseCountMismatch, CloseNotPending
from xaigh_server.ats.events import SyncEvent, SyncEventType
from xaigh_server.ats.integrations import Integration, MassCloseGuard, SyncState
from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.ats.repository.mirrors import Mirrors, MissingJob
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.runs import (
    CloseState,
    MissingClose,
    MissingRole,
    Run,
    RunState,
    SkipReason,
)
from xaigh_server.jobs.change_log import JobEvent, publish_all
from xaigh_server.jobs.model import ChangeKind, CloseReason, JobState, Source
from xaigh_server.rpc.unit_of_work import UnitOfWork

CONFIRMABLE = timedelta(days=1)
SHOWN_ROLES = 100


def decide_close(
    run: Run,
    *,
    missing: int,
    open_count: int,
    roles: tuple[MissingRole, ...],
    guard: MassCloseGuard,
    now: datetime,
) -> MissingClose:
    """Decides on the missing roles of a run: close, hold or skip. Called once, at its completion.

    `open_count` is of the integration's open roles before anything is closed.
    """
    if run.state is not RunState.COMPLETED or not run.close_missing:
        return run.close
    held = _held_for(run, missing, open_count, guard)
    return MissingClose(
        state=CloseState.CLOSED if held is None else CloseState.HELD,
        reason=held,
        count=missing,
        open_count=open_count,
        roles=roles[:SHOWN_ROLES],
        confirm_by_time=None if held is None else now + CONFIRMABLE,
        closed_time=now if held is None else None,
    )


def check_confirm(run: Run, count: int, now: datetime) -> None:
    """Raises CloseNotPending or CloseCountMismatch unless this count may be closed now."""
    close = run.close.shown(now)
    if close.state is not CloseState.HELD:
        raise CloseNotPending(run.sync_run_id, close.state)
    if close.count != count:
        raise CloseCountMismatch(given=count, held=close.count)


def policy(run: Run, guard: MassCloseGuard) -> str:
    """What the run's closes are held to, in words, for the record; empty where it closes none."""
    return f"closeMissing; {guard}" if run.close_missing else ""


def _held_for(run: Run, missing: int, open_count: int, guard: MassCloseGuard) -> SkipReason | None:
    if not missing:
        return None
    if run.seen_total == 0:
        return SkipReason.EMPTY_FEED
    return SkipReason.MASS_CLOSE if guard.holds(missing, open_count) else None


def complete_run(
    unit: UnitOfWork, integration: Integration, run: Run, *, dry_run: Plan | None = None
) -> Run:
    """The run as it is after its batch. A complete run closes, or holds, what is missing.

    It speaks for every employer of the integration, whether or not a batch named it. The fields
    that its records lacked are cleared or held, too.
    With `dry_run`, the batch's plan that wasn't written, nothing here is written either.
    """
    run = settle_drift(unit, integration, run, dry_run=dry_run)
    if run.state is not RunState.COMPLETED:
        if dry_run is None:
            _store_state(unit, integration, run)
        return run
    missing = Mirrors(unit.session).missing(integration.integration_id, run=run.number)
    roles = Mirrors(unit.session).counts([integration.integration_id])[integration.integration_id]
    open_count = roles.open
    if dry_run is not None:
        held = dry_run.numbers
        missing = [role for role in missing if role.number not in held]
        open_count += dry_run.opened
    gone = [role for role in missing if role.employer_user_id in integration.employer_ids]
    close = decide_close(
        run,
        missing=len(gone),
        open_count=open_count,
        roles=tuple(_shown(role) for role in gone[:SHOWN_ROLES]),
        guard=integration.guard,
        now=unit.now,
    )
    after = replace(run, close=close)
    if dry_run is None:
        _record_missing(unit, integration, after, gone)
        _store_state(unit, integration, after)
        _publish_run(unit, integration, after)
    return after


def confirm_close(unit: UnitOfWork, integration: Integration, run: Run, count: int) -> Run:
    """Closes what a run held back, less what came back since."""
    check_confirm(run, count, unit.now)
    integration.check_syncs(dry_run=False)
    gone = Mirrors(unit.session).held(integration.integration_id, run=run.number)
    events = closed_events(unit, integration, gone, CloseReason.ATS_MISSING)
    _close_missing(unit, integration, run, gone, events=events)
    close = replace(
        run.close,
        state=CloseState.CONFIRMED,
        count=len(gone),
        confirm_by_time=None,
        closed_time=unit.now,
    )
    after = replace(run, close=close)
    Runs(unit.session).store(after)
    sync_state = integration.sync_state
    if sync_state.held_run == run.number:
        Integrations(unit.session).store_state(
            integration.number, replace(sync_state, held_run=None)
        )
    return after


def _record_missing(
    unit: UnitOfWork, integration: Integration, run: Run, gone: Sequence[MissingJob]
) -> None:
    found = _missing_events(unit, integration, gone)
    if run.close.state is CloseState.CLOSED:
        closed = closed_events(unit, integration, gone, CloseReason.ATS_MISSING)
        both = [event for pair in zip(found, closed, strict=True) for event in pair]
        _close_missing(unit, integration, run, gone, events=both)
        return
    job_events = [
        event for event, role in zip(found, gone, strict=True) if role.missing_run is None
    ]
    Mirrors(unit.session).hold_back([role.number for role in gone], run=run.number)
    SyncEvents(unit.session).add(
        job_events,
        run=run.number,
        policy=policy(run, integration.guard),
        request_id=unit.call.request_id,
        client_request_id=unit.call.client_request_id,
    )


def _close_missing(
    unit: UnitOfWork,
    integration: Integration,
    run: Run,
    gone: Sequence[MissingJob],
    *,
    events: Sequence[SyncEvent],
) -> None:
    SyncEvents(unit.session).add(
        events,
        run=run.number,
        policy=policy(run, integration.guard),
        request_id=unit.call.request_id,
        client_request_id=unit.call.client_request_id,
    )
    close_roles(
        unit,
        integration,
        gone,
        reason=CloseReason.ATS_MISSING,
        order_time=run.order_time,
        sync_run_id=run.sync_run_id,
    )


def close_roles(
    unit: UnitOfWork,
    integration: Integration,
    roles: Sequence[MissingJob],
    *,
    reason: CloseReason,
    order_time: datetime,
    sync_run_id: str = "",
) -> None:
    """Closes open roles and publishes that. Their sync events are the caller's to write."""
    numbers = [role.number for role in roles]
    Mirrors(unit.session).close(numbers, reason=reason, now=unit.now, order_time=order_time)
    job_events = [
        JobEvent(
            number=role.number,
            job_id=role.job_id,
            employer_user_id=role.employer_user_id,
            source=Source.CLIENT_ATS,
            kind=ChangeKind.CLOSED,
            close_reason=reason,
        )
        for role in roles
    ]
    publish_all(unit, job_events, integration.organization_id, sync_run_id=sync_run_id)


def _store_state(unit: UnitOfWork, integration: Integration, run: Run) -> None:
    """Stores the run in the integration's sync state. A completed one supersedes a held close."""
    sync_state = replace(integration.sync_state, last_run=run.number)
    if run.state is RunState.OPEN:
        sync_state = replace(sync_state, open_run=run.number)
    elif sync_state.open_run == run.number or run.state is RunState.INCOMPLETE:
        sync_state = replace(sync_state, open_run=None)
    if run.state is RunState.COMPLETED:
        sync_state = _state_after_completion(unit, sync_state, run)
    sync_state = state_after_drift(unit, sync_state, run)
    Integrations(unit.session).store_state(integration.number, sync_state)


def _state_after_completion(unit: UnitOfWork, sync_state: SyncState, run: Run) -> SyncState:
    earlier = Runs(unit.session).numbered([sync_state.held_run])
    for held in earlier.values():
        if held.close.state is CloseState.HELD:
            close = replace(held.close, state=CloseState.SUPERSEDED, confirm_by_time=None)
            Runs(unit.session).store(replace(held, close=close))
    return replace(
        sync_state,
        open_run=None,
        held_run=run.number if run.close.state is CloseState.HELD else None,
        last_completed_time=unit.now,
        last_completed_order=run.order_time,
        stale_told_time=None,
    )


def _publish_run(unit: UnitOfWork, integration: Integration, run: Run) -> None:
    held = run.close.state is CloseState.HELD
    closed = run.close.state is CloseState.CLOSED
    payload = {
        "integrationId": integration.integration_id,
        "provider": integration.provider,
        "employerUserIds": sorted(integration.employer_ids),  # limits the receiving endpoints
        "syncRunId": run.sync_run_id,
        "closedCount": run.close.count if closed else 0,
        "heldCloseCount": run.close.count if held else 0,
        "lastCompletedTime": unit.now.isoformat().replace("+00:00", "Z"),
    }
    unit.emit("ats.run.completed", payload, organization_id=integration.organization_id)
    if held:
        unit.emit("ats.run.held", payload, organization_id=integration.organization_id)


def _missing_events(
    unit: UnitOfWork, integration: Integration, gone: Sequence[MissingJob]
) -> list[SyncEvent]:
    return [
        _event(unit, integration, role, SyncEventType.MISSING, JobState.OPEN, None) for role in gone
    ]


def closed_events(
    unit: UnitOfWork, integration: Integration, roles: Sequence[MissingJob], reason: CloseReason
) -> list[SyncEvent]:
    """The sync events of roles that are closed now."""
    return [
        _event(unit, integration, role, SyncEventType.CLOSED, JobState.CLOSED, reason)
        for role in roles
    ]


def _event(
    unit: UnitOfWork,
    integration: Integration,
    role: MissingJob,
    kind: SyncEventType,
    state: JobState,
    reason: CloseReason | None,
) -> SyncEvent:
    return SyncEvent(
        event_id=unit.new_id("sev"),
        type=kind,
        job_number=role.number,
        employer_user_id=role.employer_user_id,
        integration_id=integration.integration_id,
        raw_hash_before=role.raw_hash,
        raw_hash_after=role.raw_hash,
        state_before=JobState.OPEN.value,
        state_after=state.value,
        close_reason=None if reason is None else reason.value,
        time=unit.now,
    )


def _shown(role: MissingJob) -> MissingRole:
    return MissingRole(job_id=role.job_id, external_job_id=role.external_job_id, title=role.title)
