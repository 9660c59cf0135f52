"""Access requests: what is asked for, and the states that a ticket goes through."""

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
    """Where a request stands."""

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
"""Which steps each state allows, by the verb of their route."""


class EnvironmentDecision(StrEnum):
    """Where one environment of a request stands."""

    PENDING = "PENDING"
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    DENIED = "DENIED"


class MessageAuthor(StrEnum):
    """Who speaks in a ticket's thread. INTERNAL notes never leave ops."""

    APPLICANT = "APPLICANT"
    REVIEWER = "REVIEWER"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """What an applicant fills in. `environments` is never empty: asking for none means both."""

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
        """The part of the contact's address behind the last @, in lower case."""
        return self.contact_email.rpartition("@")[2].lower()

    def callback_for(self, environment: Environment) -> str:
        """Where the events of an environment go."""
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
    """How one environment of a request stands. `proposal` is set while it is PROPOSED."""

    environment: Environment
    decision: EnvironmentDecision = EnvironmentDecision.PENDING
    grant_id: str = ""
    decided_by: str = ""
    decided_time: datetime | None = None
    proposal: Proposal | None = None

    @property
    def decided(self) -> bool:
        """Whether nothing more can come."""
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
    """A request with its review. `version` counts every change, `revision` the form's."""

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
        """Whether anything can still happen to it."""
        return self.state in OPEN_STATES

    def review_of(self, environment: Environment) -> EnvironmentReview | None:
        """How an environment stands; None where it wasn't asked for."""
        return next((each for each in self.reviews if each.environment is environment), None)

    def require(self, step: str) -> None:
        """Raises `IllegalTransition` unless the state allows the step."""
        allowed = STEPS[self.state]
        if step not in allowed:
            raise IllegalTransition(
                f"Ticket {self.ticket_id}", state=self.state.value, step=step, allowed=allowed
            )
