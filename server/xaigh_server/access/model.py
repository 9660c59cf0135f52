"""Model of access requests: forms, tickets, their states and reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xaigh_server.errors import IllegalTransition
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.grants import GrantTerms
from xaigh_server.rpc.etags import etag_of


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
    """Decision on one environment of a request."""

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

    def callback_for(self, environment: Environment) -> str:
        """Returns the callback URL for an environment's events."""
        if environment is Environment.SANDBOX and self.sandbox_callback_url:
            return self.sandbox_callback_url
        return self.callback_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An approval that waits for a second operator."""

    proposed_by: str
    proposed_time: datetime
    terms: GrantTerms
    request_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentReview:
    """Review of one environment. `proposal` is set while the decision is PROPOSED."""

    environment: Environment
    decision: EnvironmentDecision = EnvironmentDecision.PENDING
    grant_id: str = ""
    decided_by: str = ""
    decided_time: datetime | None = None
    proposal: Proposal | None = None

    @property
    def decided(self) -> bool:
        """Whether the environment is approved or denied."""
        return self.decision in (EnvironmentDecision.APPROVED, EnvironmentDecision.DENIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of a ticket's thread."""

    author: MessageAuthor
    text: str
    time: datetime
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A request with its review. `version` counts all changes, `revision` those of the form."""

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
    denial_reason: str = ""
    thread: tuple[Message, ...] = ()

    @property
    def etag(self) -> str:
        """Changes with every change."""
        return etag_of(self.ticket_id, self.version)

    @property
    def is_open(self) -> bool:
        """Whether any step is still possible."""
        return self.state in OPEN_STATES

    def review_of(self, environment: Environment) -> EnvironmentReview | None:
        """Returns an environment's review; None if the form doesn't request it."""
        return next((each for each in self.reviews if each.environment is environment), None)

    def require(self, step: str) -> None:
        """Raises `IllegalTransition` unless the state allows the step."""
        allowed = STEPS[self.state]
        if step not in allowed:
            raise IllegalTransition(
                f"Ticket {self.ticket_id}", state=self.state.value, step=step, allowed=allowed
            )
