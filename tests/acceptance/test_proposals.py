"""Proposals over both transports: two persons, one grant."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.harness.access import approval, confirm, ok, request_form
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, operator

LIVE = {"rollbackPlan": "revoke", "evidenceWaiver": "known integrator"}


@pytest.fixture(scope="module")
def second(running: Running) -> str:
    """The credential of another person."""
    return operator(running.data_dir, f"ada-{uuid4().hex[:8]}", "api_ops", **running.environ)


def propose(api: ApiClient, key: str, **changed: Any) -> Any:
    """A reply that holds a proposal of production."""
    asked = request_form(failureMode="we call", environments=["production"])
    ticket = ok(api.call("SubmitAccessRequest", asked))["ticketId"]
    etag = ok(api.call("StartReview", {"ticketId": ticket}, key=key))["etag"]
    wanted = approval(ticket, "production", etag, **LIVE, **changed)
    return ok(api.call("ApproveAccessRequest", wanted, key=key))


def test_another_person_confirms_what_was_shown(
    api: ApiClient, running: Running, second: str
) -> None:
    """The list shows it to the one who can confirm it; the grant has its terms."""
    made = propose(api, running.founder, conditions=["Weekdays."])
    proposal = made["proposal"]
    waiting = {"waitingForMe": True, "ticketId": proposal["ticketId"]}
    assert not ok(api.call("ListProposals", waiting, key=running.founder)).get("proposals")
    (shown,) = ok(api.call("ListProposals", waiting, key=second))["proposals"]
    by_id = {"proposalId": proposal["proposalId"]}
    assert shown == proposal == ok(api.call("GetProposal", by_id, key=second))
    assert (shown["proposedBy"], shown["newOrganizationName"]) == (
        "founder",
        "Northline Warehousing",
    )
    named = {**by_id, "etag": shown["etag"]}
    refused = api.call("ConfirmProposal", named, key=running.founder)
    assert refused.body["reason"] == "SECOND_OPERATOR_REQUIRED"
    rehearsed = ok(api.call("ConfirmProposal", {**named, "validateOnly": True}, key=second))
    assert rehearsed["grant"]["terms"] == shown["terms"]
    done = confirm(api, shown, second)
    assert done["grant"]["terms"] == shown["terms"]
    assert done["proposal"]["state"] == "CONFIRMED"
    again = api.call("ConfirmProposal", named, key=second)
    assert (again.code, again.body["reason"]) == ("failed_precondition", "PROPOSAL_CLOSED")


def test_a_second_approval_names_the_open_proposal(
    api: ApiClient, running: Running, second: str
) -> None:
    """Discarding it makes room."""
    made = propose(api, running.founder)
    proposal, ticket = made["proposal"], made["accessRequest"]
    wanted = approval(ticket["ticketId"], "production", ticket["etag"], **LIVE)
    refused = api.call("ApproveAccessRequest", wanted, key=running.founder)
    assert refused.body["reason"] == "PROPOSAL_OPEN"
    assert proposal["proposalId"] in str(refused.body)
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    done = ok(api.call("DiscardProposal", {**named, "reason": "Wrong."}, key=second))
    assert (done["state"], done["closeReason"]) == ("DISCARDED", "Wrong.")
    stale = api.call("ApproveAccessRequest", wanted, key=running.founder)
    assert stale.body["reason"] == "ETAG_MISMATCH"


def test_two_credentials_of_one_person_are_one(api: ApiClient, running: Running) -> None:
    """`operator add --person` says that they are."""
    name = f"grace-{uuid4().hex[:8]}"
    one = operator(running.data_dir, name, "founder", **running.environ)
    other = operator(running.data_dir, f"{name}-laptop", "founder", person=name, **running.environ)
    proposal = propose(api, one)["proposal"]
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    refused = api.call("ConfirmProposal", named, key=other)
    assert refused.body["reason"] == "SECOND_OPERATOR_REQUIRED"
