"""Sync engine: runs one batch in one transaction.

It finds the integration and the run, plans, applies the plan, and ends the run after its last
batch. A dry run passes the same steps without the writes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from xaigh.ats.v1 import sync_pb2
from xaigh_server.ats.apply import Plan, apply_plan
from xaigh_server.ats.batch import Batch, BatchHeader, BatchKind
from xaigh_server.ats.closing import complete_run, policy
from xaigh_server.ats.errors import BatchConflict, IntegrationAmbiguous, ProviderMismatch
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.messages import reply_to_pb
from xaigh_server.ats.normalize import mapping_of
from xaigh_server.ats.plan import BatchPlanner
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.ats.repository.runs import Runs, StoredBatch
from xaigh_server.ats.runs import LEASE, BatchFacts, Run, RunState, check_may_begin, count
from xaigh_server.errors import AlreadyExists, ConcurrentUpdate, FieldInvalid, NotFound
from xaigh_server.jobs.employer_access import check_employer, may_access_all, needs_employers
from xaigh_server.rpc.unit_of_work import UnitOfWork

_MANY = 1000


def find_integration(unit: UnitOfWork, header: BatchHeader) -> Integration:
    """The integration that a batch belongs to, ready to sync.

    Raises NotFound, ProviderMismatch, IntegrationAmbiguous or IntegrationInactive.
    """
    if header.employer_id:
        check_employer(unit, header.employer_id)
    if header.integration_id:
        found = own_integration(unit, header.integration_id)
        if header.provider and header.provider != found.provider:
            raise ProviderMismatch(given=header.provider, actual=found.provider)
    else:
        found = _only_integration(unit, header)
    found.check_syncs(dry_run=header.dry_run)
    return found


def own_integration(unit: UnitOfWork, integration_id: str) -> Integration:
    """The integration. Raises NotFound unless all of its employers are on the grant."""
    found = Integrations(unit.session).find(integration_id)
    if (
        found is None
        or found.organization_id != unit.organization_id
        or not needs_employers(unit, found.employer_ids)
    ):
        raise NotFound("integration", integration_id)
    return found


def own_integrations(unit: UnitOfWork, wanted: IntegrationFilter) -> list[Integration]:
    """All integrations that match and that the caller may reach, in the order of their making."""
    found: list[Integration] = []
    after = 0
    while True:
        page = Integrations(unit.session).listing(
            replace(wanted, organization_id=unit.organization_id), after=after, limit=_MANY
        )
        found += [each for each in page if may_access_all(unit, each.employer_ids)]
        if len(page) < _MANY:
            return found
        after = page[-1].number


def employer_of(integration: Integration, header: BatchHeader) -> str:
    """The employer that a batch's records belong to. Raises FieldInvalid."""
    if header.employer_id in integration.employer_ids:
        return header.employer_id
    if header.employer_id:
        raise FieldInvalid.at("employerUserId", "The integration doesn't speak for this employer.")
    if len(integration.employer_ids) == 1:
        return integration.employer_ids[0]
    raise FieldInvalid.at("employerUserId", "The integration speaks for several: name one.")


def take_batch(unit: UnitOfWork, batch: Batch) -> sync_pb2.SyncJobsResponse:
    """Takes a batch and answers each of its records; a batch that came before is answered again."""
    header = batch.header
    integration = find_integration(unit, header)
    before = batch.integration
    if (integration.integration_id, mapping_of(integration)) != (
        before.integration_id,
        mapping_of(before),
    ):
        raise ConcurrentUpdate("The integration changed while the batch was read: send it again.")
    employer_id = employer_of(integration, header)
    run = _find_run(unit, integration, header)
    if run is not None:
        earlier = _earlier(unit, run, batch)
        if earlier is not None:
            return earlier
        run.check_takes_batches(unit.now)
    begun = run is None
    if run is None:
        run = _begin(unit, integration, header)
    planner = BatchPlanner(
        unit,
        integration=integration,
        run=run,
        employer_id=employer_id,
        batch=batch,
    )
    plan = planner.plan()
    after = _with_batch(run, plan, header, employer_id, unit.now)
    if header.dry_run:
        closed = complete_run(unit, integration, after, dry_run=plan)
        unit.forget()
        return reply_to_pb(closed, header, plan, unit.now)
    return _write(unit, batch, integration, begun, after, plan)


def _write(
    unit: UnitOfWork,
    batch: Batch,
    integration: Integration,
    begun: bool,
    run: Run,
    plan: Plan,
) -> sync_pb2.SyncJobsResponse:
    header = batch.header
    if begun:
        Runs(unit.session).add(run)
    apply_plan(unit, plan, integration=integration, run=run, policy=policy(run, integration.guard))
    after = complete_run(unit, integration, run)
    Runs(unit.session).store(after)
    reply = reply_to_pb(after, header, plan, unit.now)
    if header.batch_index is not None and header.replayable:
        Runs(unit.session).add_batch(
            run.number,
            header.batch_index,
            StoredBatch(fingerprint=batch.digest, reply=reply.SerializeToString()),
        )
    unit.audit(
        integration.integration_id,
        run.sync_run_id,
        after={
            "batchIndex": header.batch_index or 0,
            "runState": after.state.value,
            "closeState": after.close.state.value,
            "closeCount": after.close.count,
            "heldFields": [] if after.drift is None else list(after.drift.names),
            "counts": {outcome.value: number for outcome, number in plan.tally.items()},
        },
    )
    return reply


def _only_integration(unit: UnitOfWork, header: BatchHeader) -> Integration:
    wanted = IntegrationFilter(provider=header.provider, employer_id=header.employer_id)
    found = own_integrations(unit, wanted)
    if not found:
        raise NotFound("integration", f"{header.provider}/{header.employer_id}")
    active = [each for each in found if each.is_active]
    if len(active) > 1 or (not active and len(found) > 1):
        raise IntegrationAmbiguous([each.integration_id for each in active or found])
    only = (active or found)[0]
    needs_employers(unit, only.employer_ids)  # without them it wouldn't have been found
    return only


def _find_run(unit: UnitOfWork, integration: Integration, header: BatchHeader) -> Run | None:
    if not header.sync_run_id:
        return None
    run = Runs(unit.session).find(unit.organization_id, header.sync_run_id)
    if run is not None and run.integration_id != integration.integration_id:
        raise AlreadyExists("sync run", "Another integration has a run of this id.")
    return run


def _earlier(unit: UnitOfWork, run: Run, batch: Batch) -> sync_pb2.SyncJobsResponse | None:
    index = batch.header.batch_index
    stored = None if index is None else Runs(unit.session).batch(run.number, index)
    if stored is None or index is None:
        return None
    if stored.fingerprint != batch.digest:
        raise BatchConflict(run.sync_run_id, index)
    unit.forget()
    reply = sync_pb2.SyncJobsResponse.FromString(stored.reply)
    reply.replayed = True
    return reply


def _begin(unit: UnitOfWork, integration: Integration, header: BatchHeader) -> Run:
    """A new run, if no other run blocks it. An abandoned run is taken over."""
    now = unit.now
    generated = header.generated_time
    order_time = min(generated, now) if generated else now
    partial = header.kind is BatchKind.PARTIAL
    if not partial:
        _take_over(unit, integration, order_time, dry_run=header.dry_run)
    return Run(
        number=Runs(unit.session).new_number(),
        sync_run_id=header.sync_run_id or unit.new_id("run"),
        organization_id=integration.organization_id,
        integration_id=integration.integration_id,
        provider=integration.provider,
        state=RunState.PARTIAL if partial else RunState.OPEN,
        begin_time=now,
        last_batch_time=now,
        end_time=now if partial else None,
        lease_expire_time=None if partial else now + LEASE,
        generated_time=generated,
        order_time=order_time,
    )


def _take_over(
    unit: UnitOfWork, integration: Integration, order_time: datetime, *, dry_run: bool
) -> None:
    open_run = integration.sync_state.open_run
    under_way = (
        Runs(unit.session).numbered([open_run]).get(open_run) if open_run is not None else None
    )
    check_may_begin(
        order_time,
        now=unit.now,
        under_way=under_way,
        last_completed=Runs(unit.session).last_completed(integration.integration_id),
    )
    if under_way is not None and under_way.state is RunState.OPEN and not dry_run:
        Runs(unit.session).store(under_way.superseded(unit.now))


def _with_batch(run: Run, plan: Plan, header: BatchHeader, employer_id: str, now: datetime) -> Run:
    expected = header.expected_total
    alone = header.kind is not BatchKind.IN_RUN
    if expected is None and alone:
        expected = plan.newly_seen
    facts = BatchFacts(
        employer_id=employer_id,
        counts=count(plan.tally),
        newly_seen=plan.newly_seen,
        unreadable=plan.unreadable,
        whole=header.says_whole,
        expected_total=expected,
        close_missing=header.close_missing,
        withheld=plan.withheld,
    )
    return run.with_batch(facts, now).judged(now, last_chance=alone)
