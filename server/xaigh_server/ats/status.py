"""Sync status of an organization: per integration, per provider and in total."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from google.protobuf.descriptor import Descriptor

from xaigh.ats.v1 import sync_status_pb2 as pb
from xaigh_server.ats.drift import DriftState, FieldDrift
from xaigh_server.ats.integrations import Integration, SyncState, is_stale, stale_since
from xaigh_server.ats.messages import (
    INTEGRATION_STATES,
    PROVIDERS,
    RUN_STATES,
    SKIP_REASONS,
    drifted_field_to_pb,
)
from xaigh_server.ats.repository.mirrors import Mirrors, RoleCounts
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.runs import CloseState, Run
from xaigh_server.jobs.ownership import Owner, Ownership
from xaigh_server.rpc import masks
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

_WRITERS = {
    Owner.CLIENT: pb.FieldOwnership.CLIENT_ATS,
    Owner.INTEGRATOR: pb.FieldOwnership.INTEGRATOR,
    Owner.SERVICE: pb.FieldOwnership.SERVICE,
}


def status_of(
    unit: UnitOfWork, integrations: Sequence[Integration], fields: Sequence[pb.FieldOwnership]
) -> pb.SyncStatus:
    """The status of these integrations."""
    counts = Mirrors(unit.session).counts([each.integration_id for each in integrations])
    runs = Runs(unit.session).numbered(
        number for each in integrations for number in _runs_of(each.sync_state)
    )
    found = [
        _integration(each, counts[each.integration_id], runs, unit.now) for each in integrations
    ]
    status = pb.SyncStatus(integrations=found, field_ownership=fields)
    for name, number in PROVIDERS.items():
        own = [each for each in found if number and each.provider == number]
        if own:
            status.providers.append(_provider(PROVIDERS[name], own))
    status.provider_count = len(status.providers)
    _add(status.totals, found)
    status.status_time.FromDatetime(unit.now)
    return status


def ownership_to_pb(ownership: Ownership, message: Descriptor) -> list[pb.FieldOwnership]:
    """Who writes which field of a mirrored job, from the declaration in the protos."""
    return [
        pb.FieldOwnership(field=masks.json_path(message, path), writer=_WRITERS[owner])
        for path, owner in ownership
        if owner in _WRITERS
    ]


def _integration(
    integration: Integration, roles: RoleCounts, runs: dict[int, Run], now: datetime
) -> pb.IntegrationStatus:
    sync_state = integration.sync_state
    message = pb.IntegrationStatus(
        integration_id=integration.integration_id,
        provider=PROVIDERS[integration.provider],
        board=integration.board,
        employer_user_ids=integration.employer_ids,
        state=INTEGRATION_STATES[integration.state],
        roles=pb.RoleCounts(managed=roles.managed, open=roles.open, closed=roles.closed),
        stale=is_stale(integration, now),
    )
    last = runs.get(sync_state.last_run or 0)
    if last is not None:
        message.last_attempt_time.FromDatetime(last.last_batch_time)
        message.last_attempt_result = RUN_STATES[last.shown(now).state]
        message.last_sync_run_id = last.sync_run_id
    set_time(message.last_completed_time, sync_state.last_completed_time)
    if message.stale:
        set_time(message.stale_since_time, stale_since(integration))
    held = runs.get(sync_state.held_run or 0)
    if held is not None and held.close.shown(now).state is CloseState.HELD:
        _pending(held, message.pending_close)
    drifted = runs.get(sync_state.drift_run or 0)
    if drifted is not None and drifted.drift is not None:
        _pending_drift(drifted, drifted.drift.shown(now), message)
    return message


def _runs_of(sync_state: SyncState) -> tuple[int | None, ...]:
    return sync_state.last_run, sync_state.held_run, sync_state.drift_run


def _pending_drift(run: Run, drift: FieldDrift, message: pb.IntegrationStatus) -> None:
    if drift.state is DriftState.HELD:
        pending = message.pending_drift
        pending.sync_run_id = run.sync_run_id
        pending.fields.extend(
            drifted_field_to_pb(field, with_examples=False) for field in drift.fields
        )
        set_time(pending.confirm_by_time, drift.confirm_by_time)


def _pending(run: Run, message: pb.PendingClose) -> None:
    message.sync_run_id = run.sync_run_id
    message.close_count = run.close.count
    message.open_count = run.close.open_count
    if run.close.reason is not None:
        message.reason = SKIP_REASONS[run.close.reason]
    set_time(message.confirm_by_time, run.close.confirm_by_time)


def _provider(number: Any, own: Sequence[pb.IntegrationStatus]) -> pb.ProviderStatus:
    message = pb.ProviderStatus(provider=number, integration_count=len(own))
    _add(message.roles, own)
    tried = [each for each in own if each.HasField("last_attempt_time")]
    if tried:
        last = max(tried, key=lambda each: each.last_attempt_time.ToNanoseconds())
        message.last_attempt_time.CopyFrom(last.last_attempt_time)
        message.last_attempt_result = last.last_attempt_result
    completed = [each for each in own if each.HasField("last_completed_time")]
    if completed:
        latest = max(completed, key=lambda each: each.last_completed_time.ToNanoseconds())
        message.last_completed_time.CopyFrom(latest.last_completed_time)
    stale = [each for each in own if each.stale]
    if stale:
        message.stale = True
        first = min(stale, key=lambda each: each.stale_since_time.ToNanoseconds())
        message.stale_since_time.CopyFrom(first.stale_since_time)
    message.pending_close_count = sum(each.pending_close.close_count for each in own)
    return message


def _add(sums: pb.RoleCounts, own: Sequence[pb.IntegrationStatus]) -> None:
    sums.managed = sum(each.roles.managed for each in own)
    sums.open = sum(each.roles.open for each in own)
    sums.closed = sum(each.roles.closed for each in own)
