"""Jobs. A job has two halves: what the client offers, and how we run the work.

The client's half of a mirrored job is written by syncs alone, that of a direct job by its
integrator. The operations half is written by neither sync nor ATS: a close or a reopening finds
every byte of it as it was. So whether a role is matched is never stored; it follows from both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from xaigh_server.errors import DomainError, PreconditionViolation
from xaigh_server.rpc.etags import etag_of


class Source(StrEnum):
    """Where a job comes from. It never changes."""

    DIRECT = "DIRECT"
    CLIENT_ATS = "CLIENT_ATS"


class JobState(StrEnum):
    """Whether the client offers the role."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class CloseReason(StrEnum):
    """Why a role is closed. LOCAL_HOLD is never stored: it is read off the operations half."""

    CLOSED_BY_INTEGRATOR = "CLOSED_BY_INTEGRATOR"
    ATS_CLOSED = "ATS_CLOSED"
    ATS_UNPUBLISHED = "ATS_UNPUBLISHED"
    ATS_MISSING = "ATS_MISSING_FROM_AUTHORITATIVE_SYNC"
    LOCAL_HOLD = "LOCAL_HOLD"


class ChangeKind(StrEnum):
    """What a watcher hears of a job."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    OPERATIONS_UPDATED = "OPERATIONS_UPDATED"


class AtsIngestRequired(DomainError):
    """The client's ATS owns these fields; only a sync writes them. Nothing was written."""

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
    """A direct job is closed for good; its operations half may still change."""

    reason = "JOB_CLOSED"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job {job_id} is closed.", metadata={"jobId": job_id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Whether the role is offered. A closed one has a reason and a time, an open one neither."""

    state: JobState = JobState.OPEN
    listed: bool = True
    close_reason: CloseReason | None = None
    close_note: str = ""
    closed_time: datetime | None = None
    reopened_time: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state is JobState.OPEN

    def closed(self, reason: CloseReason, now: datetime, note: str = "") -> Publication:
        """The role, no longer offered."""
        return replace(
            self,
            state=JobState.CLOSED,
            close_reason=reason,
            close_note=note,
            closed_time=now,
        )

    def reopened(self, now: datetime) -> Publication:
        """The role, offered again: nothing is left of the close but that it came back."""
        return Publication(listed=self.listed, reopened_time=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The client's half. `content`, `pay` and `application` are the members' wire forms.

    `title`, `slots` and `external_reference` repeat what lists need of the content.
    """

    title: str
    slots: int
    external_reference: str
    content: bytes
    pay: bytes
    application: bytes
    publication: Publication
    revision: int = 1
    updated_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsHalf:
    """The operations half: the member's wire form, and what lists and sums need of it.

    A job that nobody has set anything on has the default, of revision 0.
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
    revision: int = 0
    updated_time: datetime | None = None


NO_OPERATIONS = OperationsHalf()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLink:
    """What ties a mirrored job to the record in the client's ATS. Hashes are SHA-256 in hex."""

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
    """A job. `number` is its place in the order of making, for lists and stores."""

    number: int
    job_id: str
    organization_id: str
    employer_user_id: str
    source: Source
    posting: Posting
    operations: OperationsHalf = NO_OPERATIONS
    link: JobLink | None = None
    created_time: datetime

    @property
    def etag(self) -> str:
        """Changes with every change of either half; not with being seen by a sync."""
        return etag_of(self.job_id, self.posting.revision, self.operations.revision)

    @property
    def updated_time(self) -> datetime:
        """When anything changed last."""
        second = self.operations.updated_time
        first = self.posting.updated_time
        return first if second is None or second < first else second

    @property
    def held(self) -> bool:
        """Whether our services hold the role back, whatever the client says."""
        return self.operations.hold_reason is not None

    @property
    def publication(self) -> Publication:
        """Whether the role is offered, a hold of ours counted in."""
        stated = self.posting.publication
        if not self.held or not stated.is_open:
            return stated
        return replace(
            stated,
            state=JobState.CLOSED,
            close_reason=CloseReason.LOCAL_HOLD,
            closed_time=self.operations.hold_time,
        )

    @property
    def matched(self) -> bool:
        """Whether workers are sought right now."""
        return self.operations.matching and self.publication.is_open


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkforceSums:
    """The sums over an employer's jobs; all but the counts of jobs are over open ones."""

    open_jobs: int = 0
    closed_jobs: int = 0
    matching_jobs: int = 0
    slots: int = 0
    slots_filled: int = 0
    open_offers: int = 0
    expected: int = 0
    checked_in: int = 0
    no_shows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """What a list holds. Empty members are no condition; all others must hold.

    `employer_ids` is never empty in a list: a caller without employers has no jobs. `published`
    keeps the jobs that the public may see.
    """

    organization_id: str
    employer_ids: Sequence[str]
    source: str = ""
    state: str = ""
    external_reference: str = ""
    integration_id: str = ""
    published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChange:
    """One entry of the log. `sequence` grows in the order of commits."""

    sequence: int
    job_number: int
    kind: ChangeKind
    changed_time: datetime
