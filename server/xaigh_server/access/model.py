"""Model of access requests: forms, tickets, their states and reviews."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from xaigh_server.access.errors import TicketFull
from xaigh_server.access.proposal import Proposal
from xaigh_server.errors import IllegalTransition
from xaigh_server.identity.environments import Environment
from xaigh_server.rpc.etags import etag_of

MAX_REVISIONS = 50
MAX_REPLIES = 100
MAX_TICKET_BYTES = 512 * 1024
"""Most bytes of all forms and texts that an applicant can send for one ticket."""


class TicketState(StrEnum):
    """State of an access request."""

    SUBMITTED = "SUBMITTED"
    IN_REVIEW = "IN_REVIEW"
    NEEDS_INFO = "NEEDS_INFO"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


OPEN_STATES = frozenset({TicketState.SUBMITTED, TicketState.IN_REVIEW, TicketState.NEEDS_INFO})

STEPS: Mapping[TicketState, tuple[str, ...]] = {
    TicketState.SUBMITTED: ("startReview", "amend", "withdraw"),
    TicketState.IN_REVIEW: (
        "requestInfo",
        "approve",
        "deny",
        "startReview",
        "amend",
        "withdraw",
        "reply",
    ),
    TicketState.NEEDS_INFO: ("startReview", "deny", "amend", "withdraw", "reply"),
    TicketState.APPROVED: (),
    TicketState.DENIED: (),
    TicketState.WITHDRAWN: (),
    TicketState.EXPIRED: (),
}
"""Steps that each state allows, by the verb of the route."""


class EnvironmentDecision(StrEnum):
    """Decision on one environment of a request. PROPOSED is shown while a proposal is open."""

    PENDING = "PENDING"
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    DENIED = "DENIED"


class MessageAuthor(StrEnum):
    """Author of an entry in a ticket's thread. Only operators see INTERNAL notes."""

    APPLICANT = "APPLICANT"
    REVIEWER = "REVIEWER"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """Form of an access request. `environments` is never empty: none requested means both."""

    company_name: str
    contact_name: str
    contact_email: str
    use_case: str
    requested_scopes: tuple[str, ...]
    monthly_volume_estimate: int
    callback_url: str
    failure_mode: str = ""
    data_classes: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = (Environment.SANDBOX, Environment.PRODUCTION)
    key_types: tuple[str, ...] = ("sk",)
    employer_user_ids: tuple[str, ...] = ()
    sandbox_callback_url: str = ""
    seal_to: str = ""

    @property
    def email_domain(self) -> str:
        """Domain of the contact's mail address, in lower case."""
        return self.contact_email.rpartition("@")[2].lower()

    @property
    def size(self) -> int:
        """Size of the stored form in bytes."""
        return len(json.dumps(asdict(self), ensure_ascii=False).encode())

    def callback_for(self, environment: Environment) -> str:
        """Returns the callback URL for an environment's events."""
        if environment is Environment.SANDBOX and self.sandbox_callback_url:
            return self.sandbox_callback_url
        return self.callback_url


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentReview:
    """Review of one environment. `proposal` is the open one; `decision` is never PROPOSED."""

    environment: Environment
    decision: EnvironmentDecision = EnvironmentDecision.PENDING
    grant_id: str = ""
    decided_by: str = ""
    decided_time: datetime | None = None
    proposal: Proposal | None = None

    @property
    def decided(self) -> bool:
        """Whether the environment is approved or denied."""
        return self.decision is not EnvironmentDecision.PENDING

    @property
    def shown(self) -> EnvironmentDecision:
        """The decision as operators read it."""
        return self.decision if self.proposal is None else EnvironmentDecision.PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of a ticket's thread."""

    author: MessageAuthor
    text: str
    time: datetime
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A request with its review. `version` counts all changes, `revision` those of the form.

    `applicant_bytes` is the size of all forms and texts that the applicant has sent.
    `organization_name` is the name of its organization, for readers.
    """

    ticket_id: str
    state: TicketState
    form: RequestForm
    revision: int
    version: int
    reviews: tuple[EnvironmentReview, ...]
    submitted_time: datetime
    update_time: datetime
    expire_time: datetime | None
    assignee: str = ""
    organization_id: str = ""
    organization_name: str = ""
    denial_reason: str = ""
    applicant_bytes: int = 0
    thread: tuple[Message, ...] = ()

    @property
    def etag(self) -> str:
        """Changes with every change, and when a proposal or the ticket expires."""
        proposed = [each.proposal_id for each in self.open_proposals]
        return etag_of(self.ticket_id, self.version, self.state.value, *proposed)

    @property
    def open_proposals(self) -> tuple[Proposal, ...]:
        """The open proposals, one of an environment at most."""
        return tuple(each.proposal for each in self.reviews if each.proposal is not None)

    @property
    def is_open(self) -> bool:
        """Whether any step is still possible."""
        return self.state in OPEN_STATES

    def review_of(self, environment: Environment) -> EnvironmentReview | None:
        """Returns an environment's review; None if the form doesn't request it."""
        return next((each for each in self.reviews if each.environment is environment), None)

    def at(self, now: datetime) -> Ticket:
        """Returns the ticket as it is at a time, without expired proposals.

        An open one past its end is EXPIRED, whether or not the periodic task was there.
        """
        if self.is_open and self.expire_time is not None and self.expire_time <= now:
            ended = replace(self.without_proposals(), state=TicketState.EXPIRED)
            return replace(ended, update_time=self.expire_time, expire_time=None)
        expired = {each.proposal_id for each in self.open_proposals if each.expire_time <= now}
        return self.without_proposals(expired) if expired else self

    def with_bytes(self, size: int) -> Ticket:
        """Returns the ticket after the applicant sent so many bytes. Raises `TicketFull`."""
        total = self.applicant_bytes + size
        if total > MAX_TICKET_BYTES:
            raise TicketFull(f"{MAX_TICKET_BYTES} bytes of forms and replies")
        return replace(self, applicant_bytes=total)

    def without_proposals(self, proposal_ids: Collection[str] | None = None) -> Ticket:
        """Returns the ticket without some of its proposals; None: without any."""
        reviews = tuple(
            replace(each, proposal=None)
            if each.proposal is not None
            and (proposal_ids is None or each.proposal.proposal_id in proposal_ids)
            else each
            for each in self.reviews
        )
        return replace(self, reviews=reviews)

    def require(self, step: str) -> None:
        """Raises `IllegalTransition` unless the state allows the step."""
        allowed = STEPS[self.state]
        if step not in allowed:
            raise IllegalTransition(
                f"Ticket {self.ticket_id}", state=self.state.value, step=step, allowed=allowed
            )
