"""Plan of one batch: its results and the rows to write, and the function that writes them.

The number of statements is fixed; each writes the rows of all records of the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xaigh_server.ats.events import SyncEvent
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.providers.record import Note
from xaigh_server.ats.record_decisions import Mirror, RecordOutcome
from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.ats.repository.mirrors import MirrorFacts, Mirrors, NewMirror, SeenInRun
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.runs import Run, RunState
from xaigh_server.jobs.change_log import JobEvent, publish_all
from xaigh_server.jobs.model import Job, Posting
from xaigh_server.jobs.repository import Jobs, NewContent
from xaigh_server.rpc.unit_of_work import UnitOfWork


class RecordResult(NamedTuple):
    """Result of one record of a batch."""

    at: int
    external_job_id: str
    job_id: str
    outcome: RecordOutcome
    changed_fields: tuple[str, ...] = ()
    warnings: tuple[Note, ...] = ()
    rejections: tuple[Note, ...] = ()


@dataclass(slots=True, kw_only=True)
class Plan:
    """The effects of a batch: an answer for each record, and the rows to write."""

    results: list[RecordResult] = field(default_factory=list)
    tally: Counter[RecordOutcome] = field(default_factory=Counter)
    """How many records had each outcome."""
    jobs: list[Job] = field(default_factory=list)
    new_mirrors: list[NewMirror] = field(default_factory=list)
    contents: list[NewContent] = field(default_factory=list)
    """New content of roles whose offer is unchanged."""
    postings: list[tuple[int, Posting]] = field(default_factory=list)
    """Job numbers and new client halves of roles whose offer has changed."""
    facts: list[MirrorFacts] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    noted_ids: list[str] = field(default_factory=list)
    events: list[SyncEvent] = field(default_factory=list)
    job_events: list[JobEvent] = field(default_factory=list)
    newly_seen: int = 0
    unreadable: int = 0
    withheld_again: list[int] = field(default_factory=list)
    """Mirrors whose records, like those before them, lack fields that the roles have."""
    withheld: int = 0
    """How many records lack fields that their roles have."""
    mirrors: Mapping[str, Mirror] = field(default_factory=dict)
    """The mirrors of the records before the batch, by job id."""
    opened: int = 0
    """How many more roles are open than before; negative where more were closed."""

    @property
    def numbers(self) -> set[int]:
        """The mirrors that the batch held."""
        return {*self.seen, *(fact.number for fact in self.facts)}


def apply_plan(
    unit: UnitOfWork, plan: Plan, *, integration: Integration, run: Run, policy: str
) -> None:
    """Writes what a plan does. The run's own row must be there."""
    partial = run.state is RunState.PARTIAL
    seen_in_run = SeenInRun(
        time=unit.now,
        order_time=run.order_time,
        run=run.number,
        run_id=run.sync_run_id,
        partial=partial,
    )
    Jobs(unit.session).add_mirrored(plan.jobs, integration.integration_id)
    Mirrors(unit.session).add(plan.new_mirrors, seen_in_run)
    Jobs(unit.session).store_contents(plan.contents, unit.now)
    Jobs(unit.session).store_postings(plan.postings)
    Mirrors(unit.session).write(plan.facts, seen_in_run)
    Mirrors(unit.session).seen(plan.seen, seen_in_run)
    Mirrors(unit.session).withhold_again(plan.withheld_again, run=run.number)
    if not partial:
        Runs(unit.session).note_ids(run.number, plan.noted_ids)
    SyncEvents(unit.session).add(
        plan.events,
        run=run.number,
        policy=policy,
        request_id=unit.call.request_id,
        client_request_id=unit.call.client_request_id,
    )
    publish_all(unit, plan.job_events, integration.organization_id, sync_run_id=run.sync_run_id)
