"""Model of jobs. A job has two halves: the client's posting and our operations.

Only syncs write the posting of a mirrored job, only its integrator that of a direct job. Neither
ever writes the operations half, so closing and reopening leave it unchanged. Whether a role is
matched is not stored: it follows from both halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from xaigh_server.errors import DomainError, PreconditionViolation
from xaigh_server.rpc.etags import etag_of


class Source(StrEnum):
    """Origin of a job. It never changes."""

    DIRECT = "DIRECT"
    CLIENT_ATS = "CLIENT_ATS"


class JobState(StrEnum):
    """Whether the client offers the role. A direct job may need an approval for that."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    RETURNED = "RETURNED"


UNAPPROVED = frozenset({JobState.PENDING_APPROVAL, JobState.RETURNED})


class CloseReason(StrEnum):
    """Why a role is closed. LOCAL_HOLD isn't stored: it follows from the holds on the job."""

    CLOSED_BY_INTEGRATOR = "CLOSED_BY_INTEGRATOR"
    ATS_CLOSED = "ATS_CLOSED"
    ATS_UNPUBLISHED = "ATS_UNPUBLISHED"
    ATS_MISSING = "ATS_MISSING_FROM_AUTHORITATIVE_SYNC"
    ATS_DEACTIVATED = "ATS_INTEGRATION_DEACTIVATED"
    LOCAL_HOLD = "LOCAL_HOLD"


class ChangeKind(StrEnum):
    """Kind of a change in the log."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    OPERATIONS_UPDATED = "OPERATIONS_UPDATED"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"


class AtsIngestRequired(DomainError):
    """The client's ATS owns these fields, which only a sync writes. Nothing was written."""

    reason = "ATS_INGEST_REQUIRED"

    def __init__(self, fields: Sequence[str], *, subject: str) -> None:
        super().__init__(
            "The client's ATS owns " + ", ".join(fields) + ": only a sync writes them.",
            metadata={"fields": ",".join(fields)},
            preconditions=[
                PreconditionViolation(
                    type="ATS_INGEST_REQUIRED",
                    subject=f"{subject}#{field}",
                    description="Change it in the ATS and sync it.",
                )
                for field in fields
            ],
        )


class JobClosed(DomainError):
    """A closed direct job can't reopen; its operations half may still change."""

    reason = "JOB_CLOSED"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job {job_id} is closed.", metadata={"jobId": job_id})


class PostingNotPending(DomainError):
    """Only a posting that waits for an approval is approved or returned."""

    reason = "POSTING_NOT_PENDING"

    def __init__(self, state: JobState) -> None:
        super().__init__(
            f"The job is {state}: it doesn't wait for an approval.", metadata={"state": state}
        )


class JobNotHeld(DomainError):
    """No operator holds the job alone. The metadata name the rollback that holds it, if any."""

    reason = "JOB_NOT_HELD"

    def __init__(self, job: Job) -> None:
        held = {"holdId": job.hold.hold_id} if job.hold else {}
        super().__init__(
            f"No operator holds job {job.job_id} alone.", metadata={"jobId": job.job_id, **held}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Publication state. A closed one has a reason and a time, an open one neither.

    One that waits for an approval has a `submitted_time`, a returned one a `return_reason`.
    `was_open` says of both whether the role was open before. `written_by` are the ids of the keys
    that changed the content since the last approval.
    """

    state: JobState = JobState.OPEN
    listed: bool = True
    close_reason: CloseReason | None = None
    close_note: str = ""
    closed_time: datetime | None = None
    reopened_time: datetime | None = None
    submitted_time: datetime | None = None
    return_reason: str = ""
    was_open: bool = False
    written_by: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state is JobState.OPEN

    @property
    def never_open(self) -> bool:
        """Whether nobody was ever offered the role: it still waits for its first approval."""
        return self.state in UNAPPROVED and not self.was_open

    def closed(self, reason: CloseReason, now: datetime, note: str = "") -> Publication:
        """Returns the closed publication."""
        return replace(
            self,
            state=JobState.CLOSED,
            close_reason=reason,
            close_note=note,
            closed_time=now,
            submitted_time=None,
            return_reason="",
            was_open=False,
        )

    @classmethod
    def pending(cls, now: datetime) -> Publication:
        """Returns the publication of a new posting that waits for an approval."""
        return cls(state=JobState.PENDING_APPROVAL, submitted_time=now)

    def submitted(self, now: datetime, *, written_by: str) -> Publication:
        """Returns the publication that waits for an approval of what a key changed."""
        return replace(
            self,
            state=JobState.PENDING_APPROVAL,
            submitted_time=self.submitted_time or now,
            return_reason="",
            was_open=self.was_open or self.is_open,
            written_by=tuple(dict.fromkeys((*self.written_by, written_by))),
        )

    def approved(self) -> Publication:
        """Returns the open publication. Raises PostingNotPending."""
        self._check_pending()
        return Publication(listed=self.listed, reopened_time=self.reopened_time)

    def returned(self, reason: str) -> Publication:
        """Returns the publication that waits for another content. Raises PostingNotPending."""
        self._check_pending()
        return replace(self, state=JobState.RETURNED, submitted_time=None, return_reason=reason)

    def _check_pending(self) -> None:
        if self.state is not JobState.PENDING_APPROVAL:
            raise PostingNotPending(self.state)

    def reopened(self, now: datetime) -> Publication:
        """Returns the reopened publication, which drops all facts of the close."""
        return Publication(listed=self.listed, reopened_time=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The client's half. `content`, `pay` and `application` are serialized messages.

    `title`, `slots`, `external_reference`, `prospect` and `ends_time` repeat content for lists.
    """

    title: str
    slots: int
    external_reference: str
    prospect: bool = False
    ends_time: datetime | None = None
    content: bytes
    pay: bytes
    application: bytes
    publication: Publication
    revision: int = 1
    updated_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsHalf:
    """The operations half: the serialized message and the values that lists and sums read.

    `payroll` is the state of the hand-off to payroll, empty before there is one.

    A job whose operations were never written has the default, with revision 0.
    """

    document: bytes = b""
    hold_reason: str | None = None
    hold_time: datetime | None = None
    matching: bool = False
    slots_filled: int = 0
    open_offers: int = 0
    expected: int = 0
    checked_in: int = 0
    no_shows: int = 0
    payroll: str = ""
    revision: int = 0
    updated_time: datetime | None = None


NO_OPERATIONS = OperationsHalf()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHold:
    """A hold that an operator, or the rollback of a key, laid on a job.

    The reason is shown to the organization.
    """

    hold_id: str
    reason: str
    hold_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLink:
    """Link of a mirrored job to its record in the client's ATS. Hashes are SHA-256 in hex."""

    provider: str
    external_job_id: str
    integration_id: str
    raw_hash: str
    content_hash: str
    provider_updated_time: datetime | None
    first_seen_time: datetime
    last_seen_time: datetime
    last_run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job. `number` counts jobs in order of creation, for lists and tables.

    `posted_by` is the id of the key that posted a direct job; empty for a mirrored one. Several
    rollbacks may hold a job; `hold` is one of them, and None where none does.
    """

    number: int
    job_id: str
    organization_id: str
    employer_user_id: str
    source: Source
    posted_by: str = ""
    posting: Posting
    operations: OperationsHalf = NO_OPERATIONS
    link: JobLink | None = None
    hold: JobHold | None = None
    created_time: datetime

    @property
    def etag(self) -> str:
        """Changes with both halves; a sync without changes keeps it."""
        return etag_of(self.job_id, self.posting.revision, self.operations.revision)

    @property
    def updated_time(self) -> datetime:
        """Time of the last change of either half."""
        second = self.operations.updated_time
        first = self.posting.updated_time
        return first if second is None or second < first else second

    @property
    def held(self) -> bool:
        """Whether our services or a rollback hold the role, whatever its posting says."""
        return self.operations.hold_reason is not None or self.hold is not None

    @property
    def publication(self) -> Publication:
        """Publication with our holds applied."""
        stated = self.posting.publication
        if not self.held or not stated.is_open:
            return stated
        return replace(
            stated,
            state=JobState.CLOSED,
            close_reason=CloseReason.LOCAL_HOLD,
            closed_time=self.operations.hold_time or (self.hold.hold_time if self.hold else None),
        )

    @property
    def never_open(self) -> bool:
        """Whether the role still waits for its first approval: nobody may hear of it."""
        return self.posting.publication.never_open

    @property
    def matched(self) -> bool:
        """Whether workers are being matched now: never to a prospect, which offers no role."""
        return self.operations.matching and self.publication.is_open and not self.posting.prospect


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceSums:
    """Sums over an employer's jobs; all but the job counts cover open jobs only."""

    open_jobs: int = 0
    closed_jobs: int = 0
    pending_jobs: int = 0
    matching_jobs: int = 0
    slots: int = 0
    slots_filled: int = 0
    open_offers: int = 0
    expected: int = 0
    checked_in: int = 0
    no_shows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Filter of a list or a watch. Empty members don't filter; all others must match.

    A caller without employers has no jobs, so no `employer_ids` select no job; None selects those
    of all employers. `published` selects the jobs that the public may see, `offered` those that
    matching may hear of.
    """

    organization_id: str = ""
    employer_ids: Sequence[str] | None
    source: str = ""
    state: str = ""
    external_reference: str = ""
    integration_id: str = ""
    job_id: str = ""
    published: bool = False
    offered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChange:
    """One entry of the log. `transaction_id` is 0 where the sequence alone says the order."""

    sequence: int
    transaction_id: int
    job_number: int
    kind: ChangeKind
    changed_time: datetime
