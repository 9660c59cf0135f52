"""One batch against the mirrors of its integration, inside the transaction.

A plan is made first and written after: a rehearsal makes the same plan and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from xaigh_server.ats.apply import Plan
from xaigh_server.ats.content import Content, changed_fields, with_omitted
from xaigh_server.ats.intake.raw_records import size_of
from xaigh_server.ats.intake.reading import Reading, RecordReader
from xaigh_server.ats.intake.structs import Record, plain
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.plan_builder import PlanBuilder, facts_of
from xaigh_server.ats.providers.record import Note
from xaigh_server.ats.record_decisions import (
    Incoming,
    Mirror,
    RecordDecision,
    RecordOutcome,
    clamped,
    decide,
    first_sight,
)
from xaigh_server.ats.repository.mirrors import KnownMirrors, Mirrors, NewMirror
from xaigh_server.ats.runs import Run, RunState
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.jobs.model import Job, Posting, Publication, Source
from xaigh_server.jobs.repository import Jobs, NewContent, StoredContent
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.worker_pool.isolation import INLINE_BYTES


class _Change(NamedTuple):
    """A record that may change its mirror, before its content is compared."""

    reading: Reading
    mirror: Mirror
    verdict: RecordDecision
    updated: datetime | None
    warnings: tuple[Note, ...]

    @property
    def is_offered_alike(self) -> bool:
        """Whether the role is offered, or not, as it was before."""
        verdict, mirror = self.verdict, self.mirror
        return verdict.state is mirror.state and verdict.listed is mirror.listed


class BatchPlanner:
    """Plans one batch of one run for one employer of an integration."""

    def __init__(
        self,
        unit: UnitOfWork,
        *,
        integration: Integration,
        run: Run,
        employer_id: str,
        reader: RecordReader,
        records: Sequence[Record],
    ) -> None:
        """`records` are those of the batch, should a mirror have changed since they were read."""
        self._unit = unit
        self._integration = integration
        self._run = run
        self._employer_id = employer_id
        self._reader = reader
        self._records = records
        self._order_time = run.order_time
        self._whole_runs = run.state is not RunState.PARTIAL
        self._ledger = PlanBuilder(unit, integration=integration, run=run, employer_id=employer_id)
        self._changes: list[_Change] = []
        self._next_number = 0

    def plan(self, readings: Sequence[Reading], earlier: KnownMirrors | None) -> Plan:
        """Decides on every record, in the order of the request.

        `earlier` is what was known of the roles when the records were read, where it is at hand.
        """
        ids = dict.fromkeys(reading.job_id for reading in readings if reading.job_id)
        mirrors = Mirrors(self._unit.session).known(list(ids), earlier).by_job
        for reading in readings:
            if not reading.repeats:
                self._decide(reading, mirrors.get(reading.job_id))
        self._settle_changes()
        return self._ledger.close(readings, mirrors)

    def _decide(self, reading: Reading, mirror: Mirror | None) -> None:
        refusal = self._foreign(mirror)
        if reading.known and not refusal:
            if mirror is not None and self._reader.says_what_is_known(reading.raw_hash, mirror):
                self._ledger.see(mirror)
                self._ledger.answer(reading, RecordOutcome.UNCHANGED)
                return
            # The mirror changed since the record was read: then it has to be read in full.
            sent = self._records[reading.at]
            if size_of(sent) > INLINE_BYTES:
                raise ConcurrentUpdate  # a repeat has it read where large records are read
            reading = self._reader.read(reading.at, plain(sent), reading.raw_hash)
        if reading.rejections or refusal:
            own = mirror is not None and mirror.integration_id == self._integration.integration_id
            if mirror is not None and own:
                self._ledger.see(mirror)
            self._ledger.answer(
                reading,
                RecordOutcome.REJECTED,
                rejections=(*reading.rejections, *refusal),
                has_mirror=mirror is not None,
            )
        elif reading.incoming is not None and mirror is None:
            self._create(reading, reading.incoming)
        elif reading.incoming is not None and mirror is not None:
            self._weigh(reading, reading.incoming, mirror)

    def _foreign(self, mirror: Mirror | None) -> tuple[Note, ...]:
        if mirror is None:
            return ()
        if mirror.integration_id != self._integration.integration_id:
            message = "Another integration keeps this role's mirror."
            return (Note("MIRROR_OF_ANOTHER_INTEGRATION", "", message),)
        if mirror.employer_user_id != self._employer_id:
            message = "The role belongs to another employer of this integration."
            return (Note("EMPLOYER_MISMATCH", "", message),)
        return ()

    def _create(self, reading: Reading, incoming: Incoming) -> None:
        assert reading.content is not None and reading.offer is not None  # it was taken
        verdict = first_sight(incoming)
        updated, late = clamped(incoming, self._unit.now)
        publication = verdict.publication(Publication(), self._unit.now)
        job = Job(
            number=self._number(),
            job_id=incoming.job_id,
            organization_id=self._integration.organization_id,
            employer_user_id=self._employer_id,
            source=Source.CLIENT_ATS,
            posting=self._posting(reading.content, reading.offer.title, publication, revision=1),
            created_time=self._unit.now,
        )
        self._ledger.plan.jobs.append(job)
        self._ledger.plan.new_mirrors.append(
            NewMirror(
                integration_id=self._integration.integration_id,
                provider=self._integration.provider,
                external_job_id=incoming.external_job_id,
                facts=facts_of(job.number, reading, updated),
            )
        )
        self._ledger.plan.newly_seen += 1
        self._ledger.tell(
            job.number, reading, RecordOutcome.CREATED, publication.state, None, None, ()
        )
        self._ledger.answer(reading, RecordOutcome.CREATED, warnings=late)

    def _weigh(self, reading: Reading, incoming: Incoming, mirror: Mirror) -> None:
        updated, late = clamped(incoming, self._unit.now)
        verdict = decide(mirror, incoming, updated=updated, order_time=self._order_time)
        if verdict.outcome is RecordOutcome.STALE_SKIPPED:
            self._ledger.see(mirror)
            self._ledger.answer(reading, RecordOutcome.STALE_SKIPPED, warnings=late)
        elif verdict.outcome is RecordOutcome.UNCHANGED:
            self._ledger.keep(reading, mirror, updated)
            self._ledger.answer(reading, RecordOutcome.UNCHANGED, warnings=late)
        else:
            warnings = (*late, *verdict.warnings, *self._conflict(mirror))
            self._changes.append(_Change(reading, mirror, verdict, updated, warnings))

    def _settle_changes(self) -> None:
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
                self._settle_content(change, contents[number])
            else:
                self._settle(change, postings[number])

    def _settle_content(self, change: _Change, before: StoredContent) -> None:
        """A change of what a role says: whether it is offered stays."""
        reading, mirror = change.reading, change.mirror
        offer = reading.offer
        assert offer is not None  # it was taken
        new, fields = self._compared(reading, Content(*before[:3]))
        self._ledger.keep(reading, mirror, change.updated)
        if not fields:
            self._ledger.answer(reading, RecordOutcome.UNCHANGED, warnings=change.warnings)
            return
        fields.sort()
        self._ledger.plan.contents.append(
            NewContent(mirror.number, offer.title, *new, before.revision + 1)
        )
        outcome = change.verdict.outcome
        self._ledger.tell(mirror.number, reading, outcome, mirror.state, None, mirror, fields)
        self._ledger.answer(
            reading, outcome, changed_fields=tuple(fields), warnings=change.warnings
        )

    def _settle(self, change: _Change, before: Posting) -> None:
        """A change of whether a role is offered, and perhaps of what it says."""
        reading, mirror, verdict = change.reading, change.mirror, change.verdict
        offer = reading.offer
        assert offer is not None  # it was taken
        old = Content(before.content, before.pay, before.application)
        new, fields = self._compared(reading, old)
        publication = verdict.publication(before.publication, self._unit.now)
        if (publication.state, publication.listed) != (
            before.publication.state,
            before.publication.listed,
        ):
            fields.append("publicationStatus")
        self._ledger.keep(reading, mirror, change.updated)
        if not fields:
            self._ledger.answer(reading, RecordOutcome.UNCHANGED, warnings=change.warnings)
            return
        fields.sort()
        posting = self._posting(new, offer.title, publication, revision=before.revision + 1)
        self._ledger.plan.postings.append((mirror.number, posting))
        reason = publication.close_reason if verdict.outcome is RecordOutcome.CLOSED else None
        self._ledger.tell(
            *(mirror.number, reading, verdict.outcome, publication.state, reason, mirror, fields)
        )
        self._ledger.answer(
            reading, verdict.outcome, changed_fields=tuple(fields), warnings=change.warnings
        )

    def _compared(self, reading: Reading, old: Content) -> tuple[Content, list[str]]:
        """What a record says, with what its form can't carry, and the fields that differ."""
        new = reading.content
        assert new is not None  # it was taken
        if reading.omitted:
            new = with_omitted(new, old, reading.omitted)
        return new, changed_fields(old, new)

    def _conflict(self, mirror: Mirror) -> tuple[Note, ...]:
        if not self._whole_runs or mirror.seen_run != self._run.number:
            return ()
        message = "An earlier batch of the run held the role with other content."
        return (Note("DUPLICATE_IN_RUN", "", message),)

    def _posting(
        self, content: Content, title: str, publication: Publication, *, revision: int
    ) -> Posting:
        return Posting(
            title=title,
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
        if not self._next_number:
            self._next_number = Jobs(self._unit.session).next_number()
        number = self._next_number
        self._next_number += 1
        return number
