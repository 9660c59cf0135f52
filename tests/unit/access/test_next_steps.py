"""Next steps: they never contradict the state, and name who has to do what."""

from dataclasses import replace

import pytest
from tests.harness.control_rows import GRANT
from tests.unit.access.test_review import (
    FORM,
    NOW,
    PRODUCTION,
    SANDBOX,
    proposed,
    ticket,
)

from xaigh_server.access.model import (
    OPEN_STATES,
    EnvironmentDecision,
    EnvironmentReview,
    Ticket,
    TicketState,
)
from xaigh_server.access.next_steps import Handover, applicant_steps, operator_steps
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.grants import GrantState

PENDING, APPROVED, DENIED = (
    EnvironmentDecision.PENDING,
    EnvironmentDecision.APPROVED,
    EnvironmentDecision.DENIED,
)


def decided(
    state: TicketState, sandbox: EnvironmentDecision, production: EnvironmentDecision
) -> Ticket:
    reviews = (
        EnvironmentReview(environment=SANDBOX, decision=sandbox),
        EnvironmentReview(environment=PRODUCTION, decision=production),
    )
    return replace(ticket(state), reviews=reviews, denial_reason="No contract.")


def handed(environment: Environment, **changed) -> dict[Environment, Handover]:
    grant = replace(GRANT, environment=environment)
    return {environment: replace(Handover(grant=grant, keys_issued=0), **changed)}


def steps(of: Ticket, handovers: dict[Environment, Handover] | None = None) -> str:
    return "\n".join(applicant_steps(of, handovers or {}, NOW))


EVERY = [
    decided(state, sandbox, production)
    for state in TicketState
    for sandbox in (PENDING, APPROVED, DENIED)
    for production in (PENDING, APPROVED, DENIED)
]


@pytest.mark.parametrize("of", EVERY, ids=lambda of: f"{of.state} {of.reviews[0].decision}")
def test_no_sentence_contradicts_the_state(of: Ticket):
    """What is closed waits for nobody, what is denied is never called approved."""
    said = steps(of)
    assert ("wait for your answer" in said) == (of.state is TicketState.NEEDS_INFO)
    assert ("decides on" in said) == (of.state is TicketState.IN_REVIEW)
    assert ("Follow the request" in said) == (of.state in OPEN_STATES)
    assert ("Prove the integration" in said) == (
        of.is_open and of.reviews[0].decision is APPROVED and of.reviews[1].decision is PENDING
    )
    assert ("was denied" in said) == any(each.decision is DENIED for each in of.reviews)
    assert ("new request" in said) == (
        of.state in (TicketState.DENIED, TicketState.WITHDRAWN, TicketState.EXPIRED)
    )


def test_a_sealed_key_that_waits_is_said_first():
    """With its id, the route and the command."""
    of = decided(TicketState.APPROVED, APPROVED, APPROVED)
    said = steps(of, handed(PRODUCTION, sealed=("k1",), keys_issued=1))
    assert "sealed key of production waits for you, k1" in said
    assert "/tkt_1/sealed-key" in said and "xaigh ticket open" in said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Sandbox is approved; an operator issues the key by hand."),
        ({"keys_issued": 1}, "Sandbox is approved, and a key was issued."),
        (
            {"grant": replace(GRANT, state=GrantState.REVOKED), "sealed": ("k1",)},
            "Access to sandbox is revoked.",
        ),
    ],
)
def test_how_far_an_approved_environment_is(changed, said: str):
    """A key that doesn't work any more isn't offered."""
    of = decided(TicketState.IN_REVIEW, APPROVED, PENDING)
    assert said in steps(of, handed(SANDBOX, **changed))
    assert "sealed" not in steps(of, handed(SANDBOX, **changed))


def test_a_denied_production_leaves_the_sandbox():
    """Both are said, each of its environment."""
    of = decided(TicketState.DENIED, APPROVED, DENIED)
    said = steps(of, handed(SANDBOX, keys_issued=1))
    assert "Sandbox is approved" in said and "Production was denied: No contract." in said


def test_applicants_read_nothing_of_a_proposal():
    """It looks undecided."""
    assert steps(proposed()) == steps(replace(ticket(), ticket_id="tkt_1"))


def test_operators_read_who_has_to_confirm():
    """The proposal, the person who can't, and until when."""
    (sandbox, production) = operator_steps(proposed())
    assert "decides on sandbox" in sandbox and "requests approve tkt_1 -e sandbox" in sandbox
    assert "Another person than ada confirms prp_1 of production" in production
    assert "until 2026-03-09 00:00 UTC" in production


@pytest.mark.parametrize("of", EVERY, ids=lambda of: f"{of.state} {of.reviews[0].decision}")
def test_operators_decide_what_is_open(of: Ticket):
    """And nothing of a closed ticket."""
    said = "\n".join(operator_steps(of))
    pending = any(each.decision is PENDING for each in of.reviews)
    assert ("decides on" in said) == (of.state is TicketState.IN_REVIEW and pending)
    assert ("takes it on" in said) == (of.state is TicketState.SUBMITTED)
    assert ("applicant's answer" in said) == (of.state is TicketState.NEEDS_INFO)


def test_operators_issue_keys_from_the_grants():
    """Also of a closed ticket."""
    of = replace(
        ticket(TicketState.APPROVED, form=replace(FORM, environments=(SANDBOX,))),
        reviews=(EnvironmentReview(environment=SANDBOX, decision=APPROVED, grant_id="grt_1"),),
    )
    assert operator_steps(of) == [
        "Keys of sandbox are issued by hand from grt_1 (IssueKey, xaigh keys issue grt_1)."
    ]
