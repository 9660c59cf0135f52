"""Proposals over both transports: two persons, one grant."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.harness.access import (
    LIVE_TERMS,
    approval,
    confirm,
    grant_access,
    job_form,
    live_form,
    ok,
    prove_callback,
)
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, operator


@pytest.fixture(scope="module")
def second(running: Running) -> str:
    """The credential of another person."""
    return operator(running.data_dir, f"ada-{uuid4().hex[:8]}", "api_ops", **running.environ)


def propose(api: ApiClient, key: str, **changed: Any) -> Any:
    """A reply that holds a proposal of production."""
    sent = ok(api.call("SubmitAccessRequest", live_form()))
    prove_callback(api, sent)
    ticket = sent["ticketId"]
    etag = ok(api.call("StartReview", {"ticketId": ticket}, key=key))["etag"]
    wanted = approval(ticket, "production", etag, **LIVE_TERMS, **changed)
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
    wanted = approval(ticket["ticketId"], "production", ticket["etag"], **LIVE_TERMS)
    refused = api.call("ApproveAccessRequest", wanted, key=running.founder)
    assert refused.body["reason"] == "PROPOSAL_OPEN"
    assert proposal["proposalId"] in str(refused.body)
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    done = ok(api.call("DiscardProposal", {**named, "reason": "Wrong."}, key=second))
    assert (done["state"], done["closeReason"]) == ("DISCARDED", "Wrong.")
    stale = api.call("ApproveAccessRequest", wanted, key=running.founder)
    assert stale.body["reason"] == "ETAG_MISMATCH"


def test_what_counts_as_a_recovery(api: ApiClient, running: Running) -> None:
    """The same method and key or resource after a 400; a 404 that is found later counts nothing."""
    access = grant_access(api, running.founder, requestedScopes=["jobs:write", "jobs:read"])

    def recovered() -> int:
        by_id = {"ticketId": access.ticket_id}
        readiness = ok(api.call("GetDossier", by_id, key=running.founder))["readiness"]
        return int(readiness.get("recoveredErrors", "0"))

    wrong, right, one = job_form(slots=-1), job_form(), uuid4().hex
    refused = api.call("PostJob", wrong, key=access.key, idempotency_key=one)
    assert refused.code == "invalid_argument"
    ok(api.call("PostJob", right, key=access.key, idempotency_key=uuid4().hex))
    assert api.call("GetJob", {"jobId": "job_none"}, key=access.key).code == "not_found"
    assert recovered() == 0
    job = ok(api.call("PostJob", right, key=access.key, idempotency_key=one))
    assert recovered() == 1
    by_id = {"jobId": job["jobId"]}
    bad_mask = {"job": dict(by_id), "updateMask": "nothing"}
    assert api.call("UpdateJob", bad_mask, key=access.key).code == "invalid_argument"
    ok(api.call("GetJob", by_id, key=access.key))
    assert recovered() == 1
    good: dict[str, Any] = {"job": {**by_id, "jobContent": {"title": "Another"}}}
    good["updateMask"] = "jobContent.title"
    ok(api.call("UpdateJob", good, key=access.key))
    assert recovered() == 2


def test_evidence_is_that_of_the_organization_named(api: ApiClient, running: Running) -> None:
    """A proven tenant needs no waiver for a further request, and lends its proof to no other."""
    proven = grant_access(api, running.founder, requestedScopes=["jobs:write", "jobs:read"])
    other = grant_access(api, running.founder, companyName=f"Rival {uuid4().hex[:6]}")
    one = uuid4().hex
    for slots in (-1, 1, 1):  # refused, then well, then a replay
        api.call("PostJob", job_form(slots=slots), key=proven.key, idempotency_key=one)
    sent = ok(api.call("SubmitAccessRequest", live_form()))
    prove_callback(api, sent)
    ticket = sent["ticketId"]
    etag = ok(api.call("StartReview", {"ticketId": ticket}, key=running.founder))["etag"]
    terms = {**LIVE_TERMS, "evidenceWaiver": ""}
    wanted = approval(ticket, "production", etag, **terms)
    for organization in ({}, {"organizationId": other.organization_id}):
        refused = api.call("ApproveAccessRequest", {**wanted, **organization}, key=running.founder)
        assert refused.reason == "REVIEW_INCOMPLETE"
        assert "sandbox" in str(refused.body["details"])
    named = {**wanted, "organizationId": proven.organization_id}
    done = ok(api.call("ApproveAccessRequest", named, key=running.founder))
    assert done["proposal"]["organizationId"] == proven.organization_id


def test_two_credentials_of_one_person_are_one(api: ApiClient, running: Running) -> None:
    """`operator add --person` says that they are."""
    name = f"grace-{uuid4().hex[:8]}"
    one = operator(running.data_dir, name, "founder", **running.environ)
    other = operator(running.data_dir, f"{name}-laptop", "founder", person=name, **running.environ)
    proposal = propose(api, one)["proposal"]
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    refused = api.call("ConfirmProposal", named, key=other)
    assert refused.body["reason"] == "SECOND_OPERATOR_REQUIRED"
