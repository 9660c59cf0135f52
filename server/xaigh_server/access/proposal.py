"""Proposal: an approval with frozen terms that another person confirms or an operator discards.

Its terms never change. It closes once: confirmed, discarded, outdated by any other change of its
ticket, or expired. Expiry follows from the clock, so no decision depends on a periodic task.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import orjson

from xaigh_server.errors import DomainError
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.keys.grants import GrantTerms
from xaigh_server.rpc.etags import etag_of

LIFETIME = timedelta(days=7)


class ProposalState(StrEnum):
    """State of a proposal."""

    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    DISCARDED = "DISCARDED"
    OUTDATED = "OUTDATED"
    EXPIRED = "EXPIRED"


class ProposalOpen(DomainError):
    reason = "PROPOSAL_OPEN"

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(
            f"{proposal.proposed_by} proposed {proposal.environment.value} already: confirm or "
            f"discard {proposal.proposal_id} first.",
            metadata={
                "proposalId": proposal.proposal_id,
                "proposedBy": proposal.proposed_by,
                "environment": proposal.environment.value,
            },
        )


class ProposalClosed(DomainError):
    reason = "PROPOSAL_CLOSED"

    def __init__(self, proposal: Proposal) -> None:
        why = f": {proposal.close_reason}" if proposal.close_reason else "."
        super().__init__(
            f"Proposal {proposal.proposal_id} is {proposal.state.value}{why}",
            metadata={
                "proposalId": proposal.proposal_id,
                "state": proposal.state.value,
                "closedBy": proposal.closed_by,
            },
        )


class SecondOperatorRequired(DomainError):
    reason = "SECOND_OPERATOR_REQUIRED"

    def __init__(self, proposed_by: str) -> None:
        super().__init__(
            f"{proposed_by} proposed this approval; another person has to confirm it.",
            metadata={"proposedBy": proposed_by},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal. Either `organization_id` or `new_organization_name` is set.

    `person` is the person behind `proposed_by`: no credential of theirs confirms it.
    `organization_name` is the name of the existing organization, for readers.
    """

    proposal_id: str
    ticket_id: str
    request_revision: int
    environment: Environment
    terms: GrantTerms
    proposed_by: str
    person: str
    create_time: datetime
    expire_time: datetime
    organization_id: str = ""
    new_organization_name: str = ""
    organization_name: str = ""
    state: ProposalState = ProposalState.OPEN
    close_time: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""
    grant_id: str = ""

    @property
    def etag(self) -> str:
        """Digest of everything that a confirmation makes, and of the state."""
        terms = orjson.dumps(asdict(self.terms)).decode()
        tenant = self.organization_id or self.new_organization_name
        return etag_of(self.proposal_id, self.state.value, self.request_revision, tenant, terms)

    def at(self, now: datetime) -> Proposal:
        """Returns the proposal as it is at a time: an open one past its end is EXPIRED."""
        if self.state is not ProposalState.OPEN or now < self.expire_time:
            return self
        return self.closed(
            ProposalState.EXPIRED, now=self.expire_time, reason="Nobody confirmed it in time."
        )

    def require_open(self) -> None:
        """Raises `ProposalClosed` unless it is open."""
        if self.state is not ProposalState.OPEN:
            raise ProposalClosed(self)

    def is_by(self, operator: OperatorPrincipal) -> bool:
        """Whether the operator is the person who proposed it, by whatever credential."""
        return self.person == operator.person

    def closed(
        self,
        state: ProposalState,
        *,
        now: datetime,
        by: str = "",
        reason: str = "",
        grant_id: str = "",
    ) -> Proposal:
        """Returns the proposal in its last state."""
        return replace(
            self, state=state, close_time=now, closed_by=by, close_reason=reason, grant_id=grant_id
        )
