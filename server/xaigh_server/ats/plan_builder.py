"""Builder of the plan of one batch: it collects answers, rows to write and events to publish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from xaigh_server.ats.apply import Plan, RecordResult
from xaigh_server.ats.events import SyncEvent, SyncEventType
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.normalize import ParsedRecord
from xaigh_server.ats.providers.record import Note
from xaigh_server.ats.record_decisions import Mirror, RecordOutcome
from xaigh_server.ats.repository.mirrors import MirrorFacts
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.runs import Run
from xaigh_server.identity import base62
from xaigh_server.jobs.change_log import JobEvent
from xaigh_server.jobs.model import ChangeKind, CloseReason, JobState, Source
from xaigh_server.rpc.unit_of_work import UnitOfWork

_EVENTS = {
    RecordOutcome.CREATED: SyncEventType.CREATED,
    RecordOutcome.UPDATED: SyncEventType.UPDATED,
    RecordOutcome.REOPENED: SyncEventType.REOPENED,
    RecordOutcome.CLOSED: SyncEventType.CLOSED,
}
_KINDS = {
    RecordOutcome.CREATED: ChangeKind.CREATED,
    RecordOutcome.UPDATED: ChangeKind.UPDATED,
    RecordOutcome.REOPENED: ChangeKind.REOPENED,
    RecordOutcome.CLOSED: ChangeKind.CLOSED,
}


class PlanBuilder:
    """Collects the plan of one batch of one run."""

    def __init__(
        self, unit: UnitOfWork, *, integration: Integration, run: Run, employer_id: str
    ) -> None:
        self.plan = Plan()
        self._unit = unit
        self._integration = integration
        self._run = run
        self._employer_id = employer_id
        self._results: dict[int, RecordResult] = {}
        self._event_ids = base62.sequential_ids(unit.new_id("sev"))

    def answer(
        self,
        record: ParsedRecord,
        outcome: RecordOutcome,
        *,
        changed_fields: tuple[str, ...] = (),
        warnings: tuple[Note, ...] = (),
        rejections: tuple[Note, ...] = (),
        has_mirror: bool = True,
    ) -> None:
        """What becomes of a record. The record's own warnings come before these.

        Without a mirror, the answer has no job id.
        """
        self._results[record.at] = RecordResult(
            record.at,
            record.external_job_id,
            record.job_id if has_mirror else "",
            outcome,
            changed_fields,
            (*record.warnings, *warnings),
            rejections,
        )

    def keep(
        self,
        record: ParsedRecord,
        mirror: Mirror,
        updated: datetime | None,
        *,
        valued: int,
        withheld: int,
    ) -> None:
        """A record was read in full and its mirror stays or changes: its facts are kept.

        `valued` and `withheld` are the mirror's sets of fields afterwards.
        """
        before = mirror.updated_time
        newest = updated if before is None or (updated and updated > before) else before
        self.plan.facts.append(facts_of(mirror.number, record, newest, valued, withheld))
        self.plan.withheld += withheld != 0
        self._count_seen(mirror)

    def see(self, mirror: Mirror) -> None:
        """A record only says that its role is still there."""
        self.plan.seen.append(mirror.number)
        self._count_seen(mirror)

    def see_again(self, mirror: Mirror) -> None:
        """A record is the one before, which lacked fields that the role has."""
        self.see(mirror)
        self.plan.withheld_again.append(mirror.number)
        self.plan.withheld += 1

    def record_change(
        self,
        number: int,
        record: ParsedRecord,
        outcome: RecordOutcome,
        state: JobState,
        reason: CloseReason | None,
        mirror: Mirror | None,
        fields: Sequence[str],
    ) -> None:
        """A role was made or changed: `state` is as it is now, `mirror` as it was before."""
        was_open = mirror is not None and mirror.state is JobState.OPEN
        self.plan.opened += int(state is JobState.OPEN) - int(was_open)
        self.plan.events.append(
            SyncEvent(
                next(self._event_ids),
                _EVENTS[outcome],
                number,
                self._employer_id,
                self._integration.integration_id,
                "" if mirror is None else mirror.raw_hash,
                record.raw_hash,
                "" if mirror is None else mirror.state.value,
                state.value,
                self._unit.now,
                tuple(fields),
                None if reason is None else reason.value,
            )
        )
        self.plan.job_events.append(
            JobEvent(
                number,
                record.job_id,
                self._employer_id,
                Source.CLIENT_ATS,
                _KINDS[outcome],
                tuple(fields),
                reason,
            )
        )

    def close(self, records: Sequence[ParsedRecord], mirrors: dict[str, Mirror]) -> Plan:
        """The plan, once every record was decided on; answers in the order of the request."""
        self.plan.mirrors = mirrors
        self._note_unmirrored(records, mirrors)
        self._answer_repeats([record for record in records if record.repeats])
        self.plan.results = [self._results[record.at] for record in records]
        self.plan.tally = Counter([result.outcome for result in self.plan.results])
        return self.plan

    def _count_seen(self, mirror: Mirror) -> None:
        if mirror.seen_run != self._run.number:
            self.plan.newly_seen += 1

    def _note_unmirrored(self, records: Sequence[ParsedRecord], mirrors: dict[str, Mirror]) -> None:
        """Counts the ids that no mirror of this integration keeps: they were seen all the same."""
        ids: dict[str, None] = {}
        for record in records:
            if not record.external_job_id:
                self.plan.unreadable += 1
                continue
            mirror = mirrors.get(record.job_id)
            foreign = (
                mirror is not None and mirror.integration_id != self._integration.integration_id
            )
            refused = self._results.get(record.at)
            if foreign or (
                mirror is None and refused is not None and refused.outcome is RecordOutcome.REJECTED
            ):
                ids[record.external_job_id] = None
        if not ids:
            return
        known = Runs(self._unit.session).held_ids(self._run.number, list(ids))
        self.plan.noted_ids = [each for each in ids if each not in known]
        self.plan.newly_seen += len(self.plan.noted_ids)

    def _answer_repeats(self, records: Sequence[ParsedRecord]) -> None:
        if not records:
            return
        answered = {result.external_job_id: result for result in self._results.values()}
        for record in records:
            self._repeat(record, answered[record.external_job_id])

    def _repeat(self, record: ParsedRecord, first: RecordResult) -> None:
        refused = first.outcome is RecordOutcome.REJECTED
        outcome = RecordOutcome.REJECTED if refused else RecordOutcome.UNCHANGED
        has_mirror = bool(first.job_id)
        self.answer(record, outcome, rejections=first.rejections, has_mirror=has_mirror)


def facts_of(
    number: int, record: ParsedRecord, updated: datetime | None, valued: int, withheld: int = 0
) -> MirrorFacts:
    """What a record that was taken leaves behind beside its content."""
    incoming = record.incoming
    assert incoming is not None  # it was taken
    return MirrorFacts(
        number,
        record.raw_hash,
        incoming.content_hash,
        incoming.mapping,
        updated,
        record.expires_time,
        record.warnings,
        valued,
        withheld,
    )
