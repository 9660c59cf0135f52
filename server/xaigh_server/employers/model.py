"""Model of employers: approval policies, sums, and closeouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from xaigh_server.errors import DomainError
from xaigh_server.jobs.model import Job, JobState
from xaigh_server.rpc.etags import etag_of


class SelfApproval(DomainError):
    """A key approves nothing that it wrote, and neither do the other keys of its rotation."""

    reason = "POSTING_SELF_APPROVAL"
    default_message = (
        "This key, or another one of its rotation, posted the job or changed its content since the"
        " last approval. Approve it with a key that had no part in it."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """Whether direct jobs of an organization's employer wait for approvals.

    One that was never set requires none and has revision 0.
    """

    organization_id: str
    employer_user_id: str
    required: bool = False
    reason: str = ""
    updated_by: str = ""
    updated_time: datetime | None = None
    revision: int = 0

    @property
    def etag(self) -> str:
        return etag_of(self.organization_id, self.employer_user_id, self.revision)

    def set(self, *, required: bool, reason: str, by: str, now: datetime) -> ApprovalPolicy:
        """Returns the policy as an operator sets it."""
        return replace(
            self,
            required=required,
            reason=reason,
            updated_by=by,
            updated_time=now,
            revision=self.revision + 1,
        )


def check_approver(job: Job, rotation: frozenset[str]) -> None:
    """Raises SelfApproval if a key of the approver's rotation had a part in what is approved."""
    if not rotation.isdisjoint((job.posted_by, *job.posting.publication.written_by)):
        raise SelfApproval


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerSums:
    """Counts of an employer's jobs."""

    open_jobs: int = 0
    pending_jobs: int = 0
    returned_jobs: int = 0
    due_closeouts: int = 0


class CloseoutState(StrEnum):
    """Whether something of an ended job is left to do."""

    DUE = "DUE"
    SETTLED = "SETTLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseoutFilter:
    """Filter of closeouts. Empty members don't filter; `now` decides which jobs have ended.

    `since` is inclusive, `until` exclusive.
    """

    organization_id: str
    employer_user_id: str
    now: datetime
    state: CloseoutState | None = None
    since: datetime | None = None
    until: datetime | None = None


def end_time(job: Job) -> datetime | None:
    """Returns when an ended job ended: its close or its end, whichever came first."""
    publication, ends = job.posting.publication, job.posting.ends_time
    if publication.state is not JobState.CLOSED:
        return ends
    closed = publication.closed_time
    return closed if ends is None or (closed is not None and closed < ends) else ends


def closeout_state(job: Job) -> CloseoutState:
    """Returns how far the closeout of an ended job is."""
    half = job.operations
    worked = bool(half.expected or half.slots_filled or half.payroll in UNSETTLED_PAYROLL)
    settled = half.payroll == HANDED_OFF and half.expected <= half.checked_in + half.no_shows
    return CloseoutState.DUE if worked and not settled else CloseoutState.SETTLED


HANDED_OFF = "HANDED_OFF"
UNSETTLED_PAYROLL: Sequence[str] = ("READY", "FAILED")
