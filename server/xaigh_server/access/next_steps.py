"""Next steps of a ticket: sentences that say what waits for whom, and which call does it.

They are made of the ticket's state and of each environment's, so that none contradicts the other.
A sentence for applicants names a route and the command `xaigh ticket`, one for operators a method
and the command of the ops CLI.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from xaigh_server.access.model import EnvironmentDecision, EnvironmentReview, Ticket, TicketState
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.grants import Grant, GrantState

_ROUTE = "/v1/developer/api-access/requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What an approved environment has led to. `sealed` are the ids of sealed keys to fetch."""

    grant: Grant
    keys_issued: int
    sealed: tuple[str, ...] = ()


def applicant_steps(
    ticket: Ticket, handovers: Mapping[Environment, Handover], now: datetime
) -> list[str]:
    """Returns the next steps as the applicant reads them."""
    steps = [*_waiting_for_applicant(ticket)]
    for review in ticket.reviews:
        handover = handovers.get(review.environment)
        if handover is not None:
            steps.append(_handed_over(ticket, handover, now))
    steps.extend(_waiting_for_reviewers(ticket))
    return [*steps, *_closed(ticket)]


def _waiting_for_applicant(ticket: Ticket) -> Iterator[str]:
    if ticket.state is TicketState.NEEDS_INFO:
        yield (
            "The reviewers wait for your answer: read the thread and reply "
            f"(POST {_ROUTE}/{ticket.ticket_id}:reply, xaigh ticket reply)."
        )
    sandbox, production = (ticket.review_of(each) for each in Environment)
    proving = sandbox is not None and sandbox.decision is EnvironmentDecision.APPROVED
    if ticket.is_open and proving and production is not None and not production.decided:
        yield (
            "Prove the integration in the sandbox: repeat a write under the same Idempotency-Key, "
            "and recover from an error. Production is decided on that."
        )


def _handed_over(ticket: Ticket, handover: Handover, now: datetime) -> str:
    name = handover.grant.environment.value
    state = handover.grant.state_at(now)
    if state is not GrantState.ACTIVE:
        return f"Access to {name} is {state.value.lower()}."
    if handover.sealed:
        return (
            f"A sealed key of {name} waits for you, {handover.sealed[0]}: fetch and open it "
            f"(GET {_ROUTE}/{ticket.ticket_id}/sealed-key, xaigh ticket open)."
        )
    if handover.keys_issued:
        return f"{name.capitalize()} is approved, and a key was issued."
    return f"{name.capitalize()} is approved; an operator issues the key by hand."


def _waiting_for_reviewers(ticket: Ticket) -> Iterator[str]:
    undecided = " and ".join(each.environment.value for each in ticket.reviews if not each.decided)
    if ticket.state is TicketState.SUBMITTED:
        yield (
            f"An operator reviews the request for {undecided} by hand; nothing is needed from you, "
            "and no key exists yet."
        )
    if ticket.state is TicketState.IN_REVIEW:
        yield f"An operator decides on {undecided}; no answer is needed from you."
    if ticket.is_open:
        yield (
            f"Follow the request (GET {_ROUTE}/{ticket.ticket_id} with X-Status-Token, "
            "xaigh ticket status)."
        )


def _closed(ticket: Ticket) -> Iterator[str]:
    denied = [
        each.environment.value
        for each in ticket.reviews
        if each.decision is EnvironmentDecision.DENIED
    ]
    if denied:
        yield f"{' and '.join(denied).capitalize()} was denied: {ticket.denial_reason}"
    again = f"A new request can be sent (POST {_ROUTE.removesuffix('s')}, xaigh ticket submit)."
    if ticket.state is TicketState.DENIED:
        yield again
    if ticket.state is TicketState.WITHDRAWN:
        yield f"You withdrew the request. {again}"
    if ticket.state is TicketState.EXPIRED:
        yield f"The request expired before it was decided. {again}"


def operator_steps(ticket: Ticket) -> list[str]:
    """Returns the next steps as operators read them; empty for a ticket without any."""
    if ticket.state is TicketState.SUBMITTED:
        return [f"An operator takes it on (StartReview, xaigh requests start {ticket.ticket_id})."]
    if ticket.state is TicketState.NEEDS_INFO:
        return ["It waits for the applicant's answer; it can be denied meanwhile."]
    steps = [
        _to_decide(ticket, review)
        for review in ticket.reviews
        if ticket.is_open and not review.decided
    ]
    steps.extend(
        f"Keys of {review.environment.value} are issued by hand from {review.grant_id} "
        f"(IssueKey, xaigh keys issue {review.grant_id})."
        for review in ticket.reviews
        if review.grant_id
    )
    return steps


def _to_decide(ticket: Ticket, review: EnvironmentReview) -> str:
    name, proposal = review.environment.value, review.proposal
    if proposal is None:
        return (
            f"An operator decides on {name} (ApproveAccessRequest or DenyAccessRequest, "
            f"xaigh requests approve {ticket.ticket_id} -e {name})."
        )
    return (
        f"Another person than {proposal.proposed_by} confirms {proposal.proposal_id} of {name} "
        f"until {proposal.expire_time:%Y-%m-%d %H:%M} UTC (ConfirmProposal, "
        f"xaigh proposals confirm {proposal.proposal_id}), or it is discarded."
    )
