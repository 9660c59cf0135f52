"""What is asked for, and the table of steps."""

from dataclasses import replace

import pytest
from tests.unit.access.test_review import FORM, PRODUCTION, SANDBOX, ticket

from xaigh_server.access.model import (
    OPEN_STATES,
    STEPS,
    EnvironmentDecision,
    EnvironmentReview,
    TicketState,
)
from xaigh_server.errors import IllegalTransition


@pytest.mark.parametrize(
    ("email", "domain"),
    [("a@b.example", "b.example"), ("a@B.Example", "b.example"), ('"x@y"@z.example', "z.example")],
)
def test_the_domain_is_behind_the_last_at_sign(email: str, domain: str):
    """In lower case, so that one company is one."""
    assert replace(FORM, contact_email=email).email_domain == domain


def test_the_sandbox_has_its_own_callback_if_one_was_given():
    """Otherwise both environments share one."""
    assert FORM.callback_for(SANDBOX) == FORM.callback_for(PRODUCTION) == FORM.callback_url
    two = replace(FORM, sandbox_callback_url="http://sandbox.example/")
    assert two.callback_for(SANDBOX) == "http://sandbox.example/"
    assert two.callback_for(PRODUCTION) == FORM.callback_url


def test_every_state_has_its_steps_and_closed_ones_have_none():
    """A state can't be forgotten in the table."""
    assert STEPS.keys() == set(TicketState)
    assert {state for state, steps in STEPS.items() if steps} == OPEN_STATES
    assert [state for state in TicketState if ticket(state).is_open] == [
        TicketState.SUBMITTED,
        TicketState.IN_REVIEW,
        TicketState.NEEDS_INFO,
    ]


def test_a_step_that_the_state_does_not_allow_is_named():
    """With the state and what is possible."""
    with pytest.raises(IllegalTransition) as refused:
        ticket(TicketState.SUBMITTED).require("approve")
    assert refused.value.metadata == {
        "state": "SUBMITTED",
        "step": "approve",
        "allowed": "startReview amend withdraw",
    }


def test_the_etag_changes_with_the_version_and_the_state():
    """And differs between tickets."""
    assert ticket().etag == ticket(assignee="bob").etag
    assert len({ticket().etag, ticket(version=9).etag, ticket(ticket_id="tkt_2").etag}) == 3


def test_an_environment_that_was_not_asked_for_has_no_review():
    """Nothing stands in its place."""
    only = ticket(form=replace(FORM, environments=(SANDBOX,)))
    assert only.review_of(PRODUCTION) is None
    found = only.review_of(SANDBOX)
    assert found is not None and not found.decided


@pytest.mark.parametrize(
    "decision",
    [EnvironmentDecision.PENDING, EnvironmentDecision.APPROVED, EnvironmentDecision.DENIED],
)
def test_approved_and_denied_are_final(decision: EnvironmentDecision):
    """Pending is not."""
    stands = EnvironmentReview(environment=SANDBOX, decision=decision)
    assert stands.decided == (decision is not EnvironmentDecision.PENDING)
