"""Planner of one batch: decides on each record against its mirror, inside the transaction.

The plan is complete before anything is written, so a dry run makes the same plan.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from xaigh_server.ats import drift
from xaigh_server.ats.apply import Plan
from xaigh_server.ats.batch import Batch
from xaigh_server.ats.content import Content, Offer, changed_fields, with_omitted
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.match import Matcher
from xaigh_server.ats.normalize import Normalizer, ParsedRecord
from xaigh_server.ats.other_forms import OtherForms
from xaigh_server.ats.plan_builder import PlanBuilder, facts_of
from xaigh_server.ats.providers.record import Note, SyncRejection, SyncWarning
from xaigh_server.ats.record_decisions import (
    Incoming,
    Mirror,
    RecordDecision,
    RecordOutcome,
    clamped,
    decide,
    first_sight,
)
from xaigh_server.ats.records import plain, size_of
from xaigh_server.ats.repository.mirrors import Mirrors, NewMirror
from xaigh_server.ats.runs import Run, RunState
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.jobs.model import Job, Posting, Publication, Source
from xaigh_server.jobs.repository import Jobs, NewContent, StoredContent
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.worker_pool.pool import INLINE_BYTES


class _Change(NamedTuple):
    """A record that may change its mirror, before its content is compared."""

    record: ParsedRecord
    mirror: Mirror
    decision: RecordDecision
    updated: datetime | None
    warnings: tuple[Note, ...]
    withheld: int

    @property
    def valued(self) -> int:
        """The fields that the role has afterwards."""
        kept = self.mirror.valued & drift.bits_of(self.record.omitted)
        return self.record.valued | kept | self.withheld

    @property
    def is_offered_alike(self) -> bool:
        """Whether the role is offered, or not, as it was before."""
        decision, mirror = self.decision, self.mirror
        return decision.state is mirror.state and decision.listed is mirror.listed


class BatchPlanner:
    """Plans one batch of one run for one employer of an integration."""

    def __init__(
        self,
        unit: UnitOfWork,
        *,
        integration: Integration,
        run: Run,
        employer_id: str,
        batch: Batch,
    ) -> None:
        self._unit = unit
        self._integration = integration
        self._run = run
        self._employer_id = employer_id
        self._batch = batch
        self._matcher = Matcher(batch.integration, batch.now)
        self._order_time = run.order_time
        self._whole_runs = run.state is not RunState.PARTIAL
        self._builder = PlanBuilder(unit, integration=integration, run=run, employer_id=employer_id)
        self._changes: list[_Change] = []
        self._numbers: list[int] = []

    def plan(self) -> Plan:
        """Decides on every record, in the order of the request."""
        records = self._batch.outcomes
        ids = dict.fromkeys(record.job_id for record in records if record.job_id)
        session = self._unit.session
        mirrors = Mirrors(session).known(list(ids), self._batch.mirrors).by_job
        self._forms = OtherForms(session, self._integration.provider, records, mirrors)
        for record in records:
            if not record.repeats:
                self._decide(record, mirrors.get(record.job_id))
        self._apply_changes()
        return self._builder.close(records, mirrors)

    def _decide(self, record: ParsedRecord, mirror: Mirror | None) -> None:
        refusal = self._foreign(mirror)
        if record.known and not refusal:
            if mirror is not None and self._matcher.is_unchanged(record.raw_hash, mirror):
                self._see_unchanged(record, mirror)
                return
            # The mirror changed since `match`: then the record has to be normalized after all.
            sent = self._batch.records[record.at]
            if size_of(sent) > INLINE_BYTES:
                raise ConcurrentUpdate  # a repeat has a worker process normalize it
            normalizer = Normalizer(self._batch.integration, self._batch.now)
            record = normalizer.normalize(record.at, plain(sent), record.raw_hash)
        if record.rejections or refusal:
            own = mirror is not None and mirror.integration_id == self._integration.integration_id
            if mirror is not None and own:
                self._builder.see(mirror)
            self._builder.answer(
                record,
                RecordOutcome.REJECTED,
                rejections=(*record.rejections, *refusal),
                has_mirror=mirror is not None,
            )
        elif record.incoming is not None and mirror is None:
            if not self._refuse_other_form(record):
                self._create(record, record.incoming)
        elif record.incoming is not None and mirror is not None:
            self._update(record, record.incoming, mirror)

    def _see_unchanged(self, record: ParsedRecord, mirror: Mirror) -> None:
        """A record that is the one before: what that lacked, this lacks."""
        if mirror.withheld:
            self._builder.see_again(mirror)
            deferred = drift.warnings_of(mirror.withheld)
            self._builder.answer(record, RecordOutcome.UNCHANGED, warnings=deferred)
            return
        self._builder.see(mirror)
        self._builder.answer(record, RecordOutcome.UNCHANGED)

    def _foreign(self, mirror: Mirror | None) -> tuple[Note, ...]:
        if mirror is None:
            return ()
        if mirror.integration_id != self._integration.integration_id:
            message = "Another integration keeps this role's mirror."
            return (Note(SyncRejection.MIRROR_OF_ANOTHER_INTEGRATION, "", message),)
        if mirror.employer_user_id != self._employer_id:
            message = "The role belongs to another employer of this integration."
            return (Note(SyncRejection.EMPLOYER_MISMATCH, "", message),)
        return ()

    def _refuse_other_form(self, record: ParsedRecord) -> bool:
        """Refuses a role that another form's mirror stands for, and keeps that from missing."""
        other = self._forms.mirror(record)
        if other is None and not self._forms.is_made(record):
            self._forms.make(record)
            return False
        named = "another record of the batch" if other is None else other.external_job_id
        if other is not None and other.integration_id == self._integration.integration_id:
            self._builder.plan.seen.append(other.number)
        message = f"The role is mirrored as {named}, from another form of record: send one form."
        refusal = Note(SyncRejection.MIRROR_OF_ANOTHER_FORM, "", message)
        self._builder.answer(
            record, RecordOutcome.REJECTED, rejections=(refusal,), has_mirror=False
        )
        return True

    def _create(self, record: ParsedRecord, incoming: Incoming) -> None:
        assert record.content is not None and record.offer is not None  # it was taken
        decision = first_sight(incoming)
        updated, late = clamped(incoming, self._unit.now)
        publication = decision.publication(Publication(), self._unit.now)
        job = Job(
            number=self._number(),
            job_id=incoming.job_id,
            organization_id=self._integration.organization_id,
            employer_user_id=self._employer_id,
            source=Source.CLIENT_ATS,
            posting=self._posting(record.content, record.offer, publication, revision=1),
            created_time=self._unit.now,
        )
        self._builder.plan.jobs.append(job)
        self._builder.plan.new_mirrors.append(
            NewMirror(
                integration_id=self._integration.integration_id,
                provider=self._integration.provider,
                external_job_id=incoming.external_job_id,
                facts=facts_of(job.number, record, updated, record.valued),
                alias_job_id=record.alias_job_id or None,
            )
        )
        self._builder.plan.newly_seen += 1
        self._builder.record_change(
            job.number, record, RecordOutcome.CREATED, publication.state, None, None, ()
        )
        self._builder.answer(record, RecordOutcome.CREATED, warnings=late)

    def _update(self, record: ParsedRecord, incoming: Incoming, mirror: Mirror) -> None:
        updated, late = clamped(incoming, self._unit.now)
        withheld = drift.withheld(mirror.valued, record.valued, drift.bits_of(record.omitted))
        decision = decide(
            *(mirror, incoming),
            updated=updated,
            order_time=self._order_time,
            withheld=withheld,
        )
        if decision.outcome is RecordOutcome.STALE_SKIPPED:
            self._builder.see(mirror)
            self._builder.answer(record, RecordOutcome.STALE_SKIPPED, warnings=late)
        elif decision.outcome is RecordOutcome.UNCHANGED:
            valued = mirror.valued
            self._builder.keep(record, mirror, updated, valued=valued, withheld=withheld)
            warnings = (*late, *drift.warnings_of(withheld))
            self._builder.answer(record, RecordOutcome.UNCHANGED, warnings=warnings)
        else:
            conflict, deferred = self._conflict(mirror), drift.warnings_of(withheld)
            warnings = (*late, *decision.warnings, *conflict, *deferred)
            self._changes.append(_Change(record, mirror, decision, updated, warnings, withheld))

    def _apply_changes(self) -> None:
        """Compares contents: all the mirrors that may change are read at once.

        Most of them are offered as they were, and only what they say is read and written.
        """
        alike = [change for change in self._changes if change.is_offered_alike]
        others = [change for change in self._changes if not change.is_offered_alike]
        contents = Jobs(self._unit.session).contents([change.mirror.number for change in alike])
        postings = Jobs(self._unit.session).postings([change.mirror.number for change in others])
        for change in self._changes:
            number = change.mirror.number
            if number in contents:
                self._change_content(change, contents[number])
            else:
                self._change_offer(change, postings[number])

    def _change_content(self, change: _Change, before: StoredContent) -> None:
        """A change of what a role says: whether it is offered stays."""
        record, mirror = change.record, change.mirror
        offer = record.offer
        assert offer is not None  # it was taken
        new, fields = _compared(change, Content(*before[:3]))
        self._keep(change)
        if not fields:
            self._builder.answer(record, RecordOutcome.UNCHANGED, warnings=change.warnings)
            return
        fields.sort()
        self._builder.plan.contents.append(
            NewContent(mirror.number, offer.title, offer.prospect, *new, before.revision + 1)
        )
        outcome = change.decision.outcome
        self._builder.record_change(
            mirror.number, record, outcome, mirror.state, None, mirror, fields
        )
        self._builder.answer(
            record, outcome, changed_fields=tuple(fields), warnings=change.warnings
        )

    def _change_offer(self, change: _Change, before: Posting) -> None:
        """A change of whether a role is offered, and perhaps of what it says."""
        record, mirror, decision = change.record, change.mirror, change.decision
        offer = record.offer
        assert offer is not None  # it was taken
        old = Content(before.content, before.pay, before.application)
        new, fields = _compared(change, old)
        publication = decision.publication(before.publication, self._unit.now)
        if (publication.state, publication.listed) != (
            before.publication.state,
            before.publication.listed,
        ):
            fields.append("publicationStatus")
        self._keep(change)
        if not fields:
            self._builder.answer(record, RecordOutcome.UNCHANGED, warnings=change.warnings)
            return
        fields.sort()
        posting = self._posting(new, offer, publication, revision=before.revision + 1)
        self._builder.plan.postings.append((mirror.number, posting))
        reason = publication.close_reason if decision.outcome is RecordOutcome.CLOSED else None
        self._builder.record_change(
            *(mirror.number, record, decision.outcome, publication.state, reason, mirror, fields)
        )
        self._builder.answer(
            record, decision.outcome, changed_fields=tuple(fields), warnings=change.warnings
        )

    def _keep(self, change: _Change) -> None:
        self._builder.keep(
            *(change.record, change.mirror, change.updated),
            valued=change.valued,
            withheld=change.withheld,
        )

    def _conflict(self, mirror: Mirror) -> tuple[Note, ...]:
        if not self._whole_runs or mirror.seen_run != self._run.number:
            return ()
        message = "An earlier batch of the run held the role with other content."
        return (Note(SyncWarning.DUPLICATE_IN_RUN, "", message),)

    def _posting(
        self, content: Content, offer: Offer, publication: Publication, *, revision: int
    ) -> Posting:
        return Posting(
            title=offer.title,
            prospect=offer.prospect,
            slots=0,  # no ATS says how many are wanted
            external_reference="",
            content=content.content,
            pay=content.pay,
            application=content.application,
            publication=publication,
            revision=revision,
            updated_time=self._unit.now,
        )

    def _number(self) -> int:
        if not self._numbers:  # those of a whole batch cost one look-up
            count = len(self._batch.outcomes)
            self._numbers = Jobs(self._unit.session).new_numbers(count)[::-1]
        return self._numbers.pop()


def _compared(change: _Change, old: Content) -> tuple[Content, list[str]]:
    """What a record says, with what it can't carry or withholds, and the fields that differ."""
    new = change.record.content
    assert new is not None  # it was taken
    if change.record.omitted or change.withheld:
        kept = (*change.record.omitted, *drift.members_of(change.withheld))
        new = with_omitted(new, old, kept)
    return new, changed_fields(old, new)
