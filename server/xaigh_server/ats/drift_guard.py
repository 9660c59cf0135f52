"""Guard in a transaction: settles what a run's records lacked, once the run is complete.

`settle_drift` clears or holds the withheld fields at the end of a run, `confirm_drift` clears held
ones after a caller confirms them. drift.py has the rules, without a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xaigh_server.ats import drift
from xaigh_server.ats.apply import Plan
from xaigh_server.ats.content import Content, changed_fields, without
from xaigh_server.ats.drift import DriftedField, DriftExample, DriftState, FieldCount, FieldDrift
from xaigh_server.ats.errors import DriftFieldsMismatch, DriftNotPending
from xaigh_server.ats.events import SyncEvent, SyncEventType
from xaigh_server.ats.integrations import Integration, SyncState
from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.repository.withheld import Withheld, WithheldRole
from xaigh_server.ats.runs import Run, RunState
from xaigh_server.jobs.change_log import JobEvent, publish_all
from xaigh_server.jobs.model import ChangeKind, Source
from xaigh_server.jobs.repository import Jobs, NewContent
from xaigh_server.rpc.unit_of_work import UnitOfWork

_SETTLES = (RunState.COMPLETED, RunState.PARTIAL)  # a batch without a run is a run of one
_ANY_LATER = 2**62
_POLICY = "fieldDrift; at least 10 roles and more than half of them"


def settle_drift(
    unit: UnitOfWork, integration: Integration, run: Run, *, dry_run: Plan | None
) -> Run:
    """The run, once its clears were applied or held. An incomplete run drops its marks.

    A mark counts only for the run that made it, so nothing has to be written to drop it. With
    `dry_run`, the batch's plan that wasn't written, nothing is written here either.
    """
    if run.state not in _SETTLES or not run.withheld_total:
        return run
    withheld = Withheld(unit.session, integration.integration_id)
    counts = withheld.counts(run.number)
    if dry_run is not None:
        counts = _with_plan(counts, dry_run)
    held = drift.drifted(counts)
    held_bits = sum(drift.BITS[name] for name in held)
    after = replace(run, drift=_held(unit, withheld, run, held, dry_run)) if held else run
    if dry_run is None:
        _clear(unit, integration, after, ~held_bits, runs=(run.number, run.number))
        if held:
            _publish(unit, integration, after)
    return after


def confirm_drift(
    unit: UnitOfWork, integration: Integration, run: Run, names: Sequence[str]
) -> tuple[Run, int]:
    """Clears held fields, of the roles whose records still lack them. Returns how many those are.

    Raises DriftNotPending or DriftFieldsMismatch.
    """
    held = None if run.drift is None else run.drift.shown(unit.now)
    if held is None or held.state is not DriftState.HELD:
        raise DriftNotPending(run.sync_run_id, "" if held is None else held.state)
    for name in names:
        if name not in held.names:
            raise DriftFieldsMismatch(name, held=held.names)
    integration.check_syncs(dry_run=False)
    bits = sum(drift.BITS[name] for name in names)
    count = _clear(unit, integration, run, bits, runs=(run.number, _ANY_LATER))
    after = replace(run, drift=held.confirmed(names, unit.now))
    Runs(unit.session).store(after)
    sync_state = integration.sync_state
    if sync_state.drift_run == run.number:
        Integrations(unit.session).store_state(
            integration.number, replace(sync_state, drift_run=None)
        )
    return after, count


def state_after_drift(unit: UnitOfWork, sync_state: SyncState, run: Run) -> SyncState:
    """The integration's state after a run settled: the run replaces what an earlier one holds.

    A batch without a run replaces it only by a hold of its own.
    """
    holds = run.drift is not None and run.drift.state is DriftState.HELD
    if run.state is not RunState.COMPLETED and not holds:
        return sync_state
    for earlier in Runs(unit.session).numbered([sync_state.drift_run]).values():
        if earlier.drift is not None and earlier.drift.state is DriftState.HELD:
            ended = earlier.drift.shown(unit.now)
            if ended.state is DriftState.HELD:
                ended = ended.ended(DriftState.SUPERSEDED)
            Runs(unit.session).store(replace(earlier, drift=ended))
    return replace(sync_state, drift_run=run.number if holds else None)


def _held(
    unit: UnitOfWork,
    withheld: Withheld,
    run: Run,
    held: dict[str, FieldCount],
    dry_run: Plan | None,
) -> FieldDrift:
    fields = []
    for name, (lost, had) in held.items():
        roles: Sequence[WithheldRole] = ()
        if dry_run is None:
            limit = drift.SHOWN_EXAMPLES
            roles = withheld.first(drift.BITS[name], run=run.number, limit=limit)
        fields.append(
            DriftedField(
                name=name,
                lost=lost,
                had=had,
                examples=tuple(
                    DriftExample(
                        job_id=role.job_id, external_job_id=role.external_job_id, title=role.title
                    )
                    for role in roles
                ),
            )
        )
    return FieldDrift(
        state=DriftState.HELD,
        fields=tuple(fields),
        confirm_by_time=unit.now + drift.CONFIRMABLE,
    )


def _with_plan(counts: dict[str, FieldCount], plan: Plan) -> dict[str, FieldCount]:
    """The counts of a run with those of a batch that wasn't written."""
    withheld = {fact.number: fact.withheld for fact in plan.facts}
    again = set(plan.withheld_again)
    received = plan.numbers
    found = dict(counts)
    for mirror in plan.mirrors.values():
        if mirror.number in received:
            lost = mirror.withheld if mirror.number in again else withheld.get(mirror.number, 0)
            for name in drift.names_of(mirror.valued):
                was = found[name]
                is_lost = bool(lost & drift.BITS[name])
                found[name] = FieldCount(was.lost + is_lost, was.had + 1)
    return found


def _clear(
    unit: UnitOfWork, integration: Integration, run: Run, guarded: int, *, runs: tuple[int, int]
) -> int:
    """Clears these of the fields that these runs withheld. Returns of how many roles."""
    withheld = Withheld(unit.session, integration.integration_id)
    count = 0
    for page in withheld.pages(guarded & drift.ALL_GUARDED, runs=runs):
        roles = [(role, drift.chosen(role.withheld, guarded)) for role in page]
        _write(unit, integration, run, roles)
        withheld.settle(
            (role.number, role.valued & ~bits, role.withheld & ~bits) for role, bits in roles
        )
        count += len(roles)
    return count


def _write(
    unit: UnitOfWork, integration: Integration, run: Run, roles: Sequence[tuple[WithheldRole, int]]
) -> None:
    """Writes the roles without fields, as changes that everybody hears of."""
    contents = Jobs(unit.session).contents([role.number for role, _ in roles])
    changed, events, job_events = [], [], []
    for role, bits in roles:
        before = contents[role.number]
        old = Content(*before[:3])
        new = without(old, drift.members_of(bits))
        fields = tuple(sorted(changed_fields(old, new)))
        changed.append(
            NewContent(role.number, role.title, role.prospect, *new, before.revision + 1)
        )
        events.append(_event(unit, integration, role, fields))
        job_events.append(_job_event(role, fields))
    Jobs(unit.session).store_contents(changed, unit.now)
    SyncEvents(unit.session).add(
        events,
        run=run.number,
        policy=_POLICY,
        request_id=unit.call.request_id,
        client_request_id=unit.call.client_request_id,
    )
    publish_all(unit, job_events, integration.organization_id, sync_run_id=run.sync_run_id)


def _event(
    unit: UnitOfWork, integration: Integration, role: WithheldRole, fields: tuple[str, ...]
) -> SyncEvent:
    return SyncEvent(
        event_id=unit.new_id("sev"),
        type=SyncEventType.UPDATED,
        job_number=role.number,
        employer_user_id=role.employer_user_id,
        integration_id=integration.integration_id,
        raw_hash_before=role.raw_hash,
        raw_hash_after=role.raw_hash,
        state_before=role.state.value,
        state_after=role.state.value,
        time=unit.now,
        changed_fields=fields,
    )


def _job_event(role: WithheldRole, fields: tuple[str, ...]) -> JobEvent:
    return JobEvent(
        number=role.number,
        job_id=role.job_id,
        employer_user_id=role.employer_user_id,
        source=Source.CLIENT_ATS,
        kind=ChangeKind.UPDATED,
        changed_fields=fields,
    )


def _publish(unit: UnitOfWork, integration: Integration, run: Run) -> None:
    assert run.drift is not None  # it is held
    payload = {
        "integrationId": integration.integration_id,
        "provider": integration.provider,
        "employerUserIds": sorted(integration.employer_ids),  # limits the receiving endpoints
        "syncRunId": run.sync_run_id,
        "heldFields": list(run.drift.names),
    }
    unit.emit("ats.run.drifted", payload, organization_id=integration.organization_id)
