"""API Ops helps a customer: every method of SupportService, over both transports."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.test_syncs import BOARD, SCOPES, posting
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, operator

SANDBOX = {"environment": "sandbox"}
LISTS = ("Jobs", "Integrations", "Runs", "Events", "Endpoints", "Deliveries")


@pytest.fixture(scope="module")
def customer(api: ApiClient, running: Running) -> Access:
    """A key of an organization of its own, with a job and an endpoint."""
    scopes = [*SCOPES, "webhooks:read", "webhooks:write"]
    access = grant_access(
        api, running.founder, requestedScopes=scopes, companyName=f"Helped {uuid4().hex[:6]}"
    )
    ok(api.call("PostJob", job_form(), key=access.key, idempotency_key=uuid4().hex))
    return access


@pytest.fixture(scope="module")
def helper(running: Running, api: ApiClient) -> str:
    """The credential of an operator of API Ops."""
    return operator(running.data_dir, f"helper-{api.name.lower()}", "api_ops", **running.environ)


def read(api: ApiClient, what: str, organization: str, key: str, **filters: Any) -> Any:
    """The items of a list."""
    request = {"organizationId": organization, **SANDBOX, **filters}
    reply = ok(api.call(f"ListOrganization{what}", request, key=key))
    return reply.get(what.lower(), [])


def test_operators_see_what_an_organization_sees(
    api: ApiClient, customer: Access, helper: str, running: Running
) -> None:
    """Jobs and endpoints as its own key lists them; each read is in the audit log."""
    own = ok(api.call("ListJobs", {}, key=customer.key))["jobs"]
    assert read(api, "Jobs", customer.organization_id, helper) == own
    assert own[0] in read(api, "Jobs", "-", helper, jobId=own[0]["jobId"])
    endpoints = ok(api.call("ListEndpoints", {}, key=customer.key))["endpoints"]
    assert read(api, "Endpoints", customer.organization_id, helper) == endpoints
    test = {"endpointId": endpoints[0]["endpointId"]}
    sent = ok(api.call("SendTest", test, key=customer.key))
    found = read(api, "Deliveries", customer.organization_id, helper)
    assert sent["deliveryId"] in [each["deliveryId"] for each in found]
    wanted = {"target": customer.organization_id, "action": "support.read"}
    events = ok(api.call("ListAuditEvents", wanted, key=running.founder))["auditEvents"]
    assert {each["actor"] for each in events} == {f"operator:helper-{api.name.lower()}"}
    assert {each["after"]["method"].rpartition(".")[2] for each in events} == {
        "ListOrganizationJobs",
        "ListOrganizationEndpoints",
        "ListOrganizationDeliveries",
    }


def test_operators_see_what_syncs_did(api: ApiClient, running: Running, helper: str) -> None:
    """Integrations, runs, and events with raw hashes."""
    employer = f"employer_{uuid4().hex[:6]}"
    terms = {"employerUserIds": [employer]}
    access = grant_access(
        api,
        running.founder,
        requestedScopes=SCOPES,
        approval_terms=terms,
        companyName=f"Synced {uuid4().hex[:6]}",
    )
    wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [employer]}
    made = ok(api.call("CreateIntegration", {"integration": wanted}, key=access.key))
    body = {"provider": "GREENHOUSE", "employerUserId": employer, "jobs": [posting(1)]}
    ok(api.call("SyncJobs", body, key=access.key, idempotency_key=uuid4().hex))
    (integration,) = read(api, "Integrations", access.organization_id, helper)
    assert integration["integrationId"] == made["integrationId"]
    (run,) = read(api, "Runs", access.organization_id, helper)
    (event,) = read(api, "Events", access.organization_id, helper)
    assert (event["type"], event["syncRunId"]) == ("CREATED", run["syncRunId"])
    assert event["rawHashAfter"]


def test_operators_see_what_a_key_sees(api: ApiClient, customer: Access, helper: str) -> None:
    """The key's own WhoAmI, but for when it was used and what that call takes of the limit."""
    own = ok(api.call("WhoAmI", {}, key=customer.key))
    wanted = {"organizationId": customer.organization_id, "keyId": customer.key_id, **SANDBOX}
    found = ok(api.call("GetKeyIdentity", wanted, key=helper))
    assert found["rateLimit"]["limit"] == own["rateLimit"]["limit"]
    for reply in (own, found):
        reply.pop("rateLimit")
        reply["key"].pop("lastUsedTime", None)
    assert found == own
    for other in ({"environment": "production"}, {"organizationId": "org_none"}):
        assert api.call("GetKeyIdentity", {**wanted, **other}, key=helper).code == "not_found"


def test_operators_hold_a_job_and_disable_an_endpoint(
    api: ApiClient, customer: Access, helper: str
) -> None:
    """And undo both; the organization sees why."""
    mine = {"organizationId": customer.organization_id, **SANDBOX}
    job = ok(api.call("ListJobs", {"pageSize": 1}, key=customer.key))["jobs"][0]["jobId"]
    held = ok(api.call("HoldJob", {**mine, "jobId": job, "reason": "A complaint."}, key=helper))
    assert ok(api.call("GetJob", {"jobId": job}, key=customer.key)) == held
    assert held["publicationStatus"]["hold"]["reason"] == "A complaint."
    released = ok(api.call("ReleaseJob", {**mine, "jobId": job}, key=helper))
    assert released["publicationStatus"]["state"] == "OPEN"
    again = api.call("ReleaseJob", {**mine, "jobId": job}, key=helper)
    assert (again.code, again.reason) == ("failed_precondition", "JOB_NOT_HELD")
    endpoint = ok(api.call("ListEndpoints", {}, key=customer.key))["endpoints"][0]["endpointId"]
    it = {**mine, "endpointId": endpoint}
    disabled = ok(api.call("DisableEndpoint", {**it, "reason": "It floods us."}, key=helper))
    assert disabled["disabledBy"] == f"helper-{api.name.lower()}"
    wanted = {"endpoint": {"endpointId": endpoint, "state": "ENABLED"}}
    refused = api.call("UpdateEndpoint", wanted, key=customer.key)
    assert (refused.code, refused.reason) == (
        "failed_precondition",
        "ENDPOINT_HELD",
    )
    assert ok(api.call("EnableEndpoint", it, key=helper))["state"] == "ENABLED"


@pytest.mark.parametrize("what", LISTS)
def test_every_list_names_environment_and_organization(
    api: ApiClient, helper: str, what: str
) -> None:
    """`-` stands for all organizations; an unknown one is not found."""
    method, wanted = f"ListOrganization{what}", {"organizationId": "-", **SANDBOX}
    ok(api.call(method, wanted, key=helper))
    refused = api.call(method, {"organizationId": "-"}, key=helper)
    assert (refused.code, refused.violations) == ("invalid_argument", ["environment"])
    missing = {**wanted, "organizationId": "org_none"}
    assert api.call(method, missing, key=helper).code == "not_found"
