"""Employers and approvals over both transports: each method, and who may approve."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.harness.access import (
    LIVE_TERMS,
    Access,
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

SCOPES = ["jobs:read", "jobs:write", "employer:read", "employer:approve"]


@pytest.fixture
def employer() -> str:
    """An employer of the test's own."""
    return f"employer_{uuid4().hex[:8]}"


@pytest.fixture
def poster(api: ApiClient, running: Running, employer: str) -> Access:
    """A key that may post for the employer, and approve."""
    terms = {"employerUserIds": [employer], "keyAllowance": 5}
    return grant_access(api, running.founder, requestedScopes=SCOPES, approval_terms=terms)


@pytest.fixture
def approver(api: ApiClient, running: Running, poster: Access) -> str:
    """Another key of the same grant."""
    order = {"grantId": poster.grant_id, "name": "approvals"}
    return str(ok(api.call("IssueKey", order, key=running.founder))["apiKey"])


@pytest.fixture
def policy(api: ApiClient, running: Running, poster: Access, employer: str) -> dict[str, Any]:
    """The employer's policy, as an operator set it."""
    named = {
        "employerUserId": employer,
        "organizationId": poster.organization_id,
        "environment": "sandbox",
    }
    setting = {**named, "approvalRequired": True, "reason": "Their lawyers ask for it."}
    policy: dict[str, Any] = ok(api.call("SetApprovalPolicy", setting, key=running.founder))
    assert ok(api.call("GetApprovalPolicy", named, key=running.founder)) == policy
    return policy


def post(api: ApiClient, key: str, employer: str, **fields: Any) -> dict[str, Any]:
    form = {**job_form(), "employerUserId": employer, **fields}
    job: dict[str, Any] = ok(api.call("PostJob", form, key=key, idempotency_key=uuid4().hex))
    return job


@pytest.mark.usefixtures("policy")
def test_a_posting_waits_for_another_key(
    api: ApiClient, running: Running, poster: Access, approver: str, employer: str
) -> None:
    """Neither the key that posted nor its successor approves; another key of the grant does."""
    job = post(api, poster.key, employer)
    assert job["publicationStatus"]["state"] == "PENDING_APPROVAL"
    step = {"jobId": job["jobId"], "etag": job["etag"]}
    refused = api.call("ApprovePosting", step, key=poster.key)
    assert (refused.code, refused.body["reason"]) == ("permission_denied", "POSTING_SELF_APPROVAL")
    rotated = ok(api.call("RotateKey", {"keyId": poster.key_id}, key=running.founder))["apiKey"]
    refused = api.call("ApprovePosting", step, key=rotated)
    assert refused.body["reason"] == "POSTING_SELF_APPROVAL"
    seen = ok(api.call("GetEmployer", {"employerUserId": employer}, key=approver))
    assert (seen["approvalRequired"], seen["pendingJobs"]) == (True, 1)
    approved = ok(api.call("ApprovePosting", step, key=approver, idempotency_key="once"))
    assert (approved["jobId"], approved["state"]) == (job["jobId"], "OPEN")
    assert ok(api.call("ApprovePosting", step, key=approver, idempotency_key="once")) == approved
    again = ok(api.call("GetJob", {"jobId": job["jobId"]}, key=approver))
    step["etag"] = again["etag"]
    refused = api.call("ApprovePosting", step, key=approver)
    assert (refused.code, refused.body["reason"]) == ("failed_precondition", "POSTING_NOT_PENDING")
    events = ok(api.call("ListAuditEvents", {"target": job["jobId"]}, key=running.founder))
    assert {event["action"] for event in events["auditEvents"]} >= {"job.posted", "job.approved"}


@pytest.mark.usefixtures("policy")
def test_a_returned_posting_waits_again_once_amended(
    api: ApiClient, poster: Access, approver: str, employer: str
) -> None:
    """The integrator reads why."""
    job = post(api, poster.key, employer)
    step = {"jobId": job["jobId"], "reason": "Name the building."}
    returned = ok(api.call("ReturnPosting", step, key=approver))
    assert returned["state"] == "RETURNED"
    status = ok(api.call("GetJob", {"jobId": job["jobId"]}, key=poster.key))["publicationStatus"]
    assert status["returnReason"] == "Name the building."
    change = {
        "job": {"jobId": job["jobId"], "jobContent": {"title": "Crew of building 4"}},
        "updateMask": "jobContent.title",
    }
    amended = ok(api.call("UpdateJob", change, key=poster.key))
    assert amended["publicationStatus"]["state"] == "PENDING_APPROVAL"


def test_employers_in_lists(api: ApiClient, poster: Access, employer: str) -> None:
    """The grant's employers, their jobs in short, and closeouts of ended jobs."""
    listed = ok(api.call("ListEmployers", {}, key=poster.key))["employers"]
    assert [each["employerUserId"] for each in listed] == [employer]
    job = post(api, poster.key, employer)
    jobs = ok(api.call("ListEmployerJobs", {"employerUserId": employer}, key=poster.key))["jobs"]
    assert [each["jobId"] for each in jobs] == [job["jobId"]]
    assert {"operations", "atsLink", "payRange", "etag"}.isdisjoint(jobs[0])
    ok(api.call("CloseJob", {"jobId": job["jobId"]}, key=poster.key))
    wanted = {"employerUserId": employer, "state": "SETTLED"}
    found = ok(api.call("ListCloseouts", wanted, key=poster.key))["closeouts"]
    assert [(each["jobId"], each["state"]) for each in found] == [(job["jobId"], "SETTLED")]


@pytest.mark.parametrize("method", ["GetEmployer", "ListEmployerJobs", "ListCloseouts"])
def test_an_employer_off_the_grant_is_not_there(
    api: ApiClient, poster: Access, method: str
) -> None:
    """As one that doesn't exist."""
    assert api.call(method, {"employerUserId": "employer_999"}, key=poster.key).code == "not_found"


def test_approving_in_production_is_granted_by_two_operators(
    api: ApiClient, running: Running
) -> None:
    """The scope is of high risk: one operator only proposes it."""
    second = operator(running.data_dir, f"ana-{uuid4().hex[:6]}", "founder", **running.environ)
    ticket = ok(api.call("SubmitAccessRequest", live_form(requestedScopes=["employer:approve"])))
    prove_callback(api, ticket)
    ticket_id = ticket["ticketId"]
    etag = ok(api.call("StartReview", {"ticketId": ticket_id}, key=running.founder))["etag"]
    wanted = approval(ticket_id, "production", etag, **LIVE_TERMS)
    approved = ok(api.call("ApproveAccessRequest", wanted, key=running.founder))
    assert approved["outcome"] == "PROPOSED"
    confirmed = confirm(api, approved["proposal"], second)
    assert confirmed["grant"]["terms"]["scopes"] == ["employer:approve"]
