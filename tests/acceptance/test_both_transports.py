"""Methods over both transports: each one does its work by REST as it does by gRPC."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.test_syncs import BOARD, SCOPES, integrated, posting
from tests.harness.access import EMPLOYER, Access, grant_access, job_form, ok, request_form
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, operator

ALL = [*SCOPES, "workforce:read"]


@pytest.fixture(scope="module")
def holder(api: ApiClient, running: Running) -> Access:
    """A key of an organization of its own, with every scope that these methods need."""
    return grant_access(api, running.founder, requestedScopes=ALL)


@pytest.fixture(scope="module")
def service(running: Running) -> str:
    """The credential of a service of ours."""
    name = f"matcher-{uuid4().hex[:8]}"
    return operator(running.data_dir, name, "service", **running.environ)


@pytest.fixture(scope="module")
def integration(api: ApiClient, running: Running, holder: Access) -> dict[str, Any]:
    """An active integration."""
    wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": ["employer_ats"]}
    key = grant_access(
        api,
        running.founder,
        requestedScopes=ALL,
        approval_terms={"employerUserIds": ["employer_ats"]},
    ).key
    made = ok(api.call("CreateIntegration", {"integration": wanted}, key=key))
    return {**made, "key": key}


def step_of(integration: dict[str, Any], **said: Any) -> dict[str, Any]:
    """An operator's step on an integration."""
    names = {name: integration[name] for name in ("organizationId", "integrationId")}
    return {**names, "environment": "sandbox", **said}


def sync(api: ApiClient, key: str, numbers: range) -> Any:
    """One batch that is the whole board."""
    body = {
        "provider": "GREENHOUSE",
        "employerUserId": "employer_ats",
        "closeMissing": True,
        "expectedTotal": len(numbers),
        "jobs": [posting(number) for number in numbers],
    }
    return ok(api.call("SyncJobs", body, key=key, idempotency_key=uuid4().hex))


def batch(api: ApiClient, key: str, records: list[dict[str, Any]]) -> Any:
    """A batch of some records."""
    body = {"provider": "GREENHOUSE", "employerUserId": "employer_ats", "jobs": records}
    return ok(api.call("SyncJobs", body, key=key, idempotency_key=uuid4().hex))


def post(api: ApiClient, key: str) -> str:
    """The id of a new job."""
    reply = api.call("PostJob", job_form(), key=key, idempotency_key=uuid4().hex)
    return str(ok(reply)["jobId"])


class TestJobs:
    def test_close_job(self, api: ApiClient, holder: Access) -> None:
        """With the reason that the client gives."""
        step = {"jobId": post(api, holder.key), "reason": "Filled."}
        closed = ok(api.call("CloseJob", step, key=holder.key))
        status = closed["publicationStatus"]
        assert (status["state"], status["closeReason"]) == ("CLOSED", "CLOSED_BY_INTEGRATOR")
        assert ok(api.call("GetJob", {"jobId": step["jobId"]}, key=holder.key)) == closed

    def test_update_operations(self, api: ApiClient, holder: Access, service: str) -> None:
        """A service writes what the mask names, in the environment that it names."""
        step = {
            "jobId": post(api, holder.key),
            "environment": "sandbox",
            "updateMask": "fill.slotsFilled",
            "operations": {"fill": {"slotsFilled": 4, "openOffers": 9}},
        }
        changed = ok(api.call("UpdateOperations", step, key=service))
        assert changed["operations"]["fill"] == {"slotsFilled": 4}
        assert ok(api.call("GetJob", {"jobId": step["jobId"]}, key=holder.key)) == changed

    def test_workforce_status(self, api: ApiClient, running: Running, service: str) -> None:
        """The sums over an employer's jobs."""
        employer = f"employer_{uuid4().hex[:8]}"
        terms = {"employerUserIds": [employer]}
        key = grant_access(api, running.founder, requestedScopes=ALL, approval_terms=terms).key
        form = {**job_form(), "employerUserId": employer}
        job = ok(api.call("PostJob", form, key=key, idempotency_key=uuid4().hex))
        fill = {"jobId": job["jobId"], "environment": "sandbox"}
        fill["operations"] = {"fill": {"slotsFilled": 5}}
        ok(api.call("UpdateOperations", fill, key=service))
        found = ok(api.call("GetWorkforceStatus", {"employerUserId": employer}, key=key))
        assert (found["openJobs"], found["slots"], found["slotsFilled"]) == (1, 12, 5)


class TestSync:
    def test_confirm_close(self, api: ApiClient, integration: dict[str, Any]) -> None:
        """A mass close waits for its count, and then it is done; the runs are listed."""
        key = integration["key"]
        sync(api, key, range(1, 31))
        held = sync(api, key, range(1, 11))["run"]
        assert (held["close"]["state"], held["close"]["count"]) == ("HELD", 20)
        step = {"syncRunId": held["syncRunId"], "closeCount": 20}
        confirmed = ok(api.call("ConfirmClose", step, key=key))
        assert (confirmed["syncRunId"], confirmed["close"]["state"]) == (
            held["syncRunId"],
            "CONFIRMED",
        )
        jobs = ok(api.call("ListJobs", {"state": "OPEN", "pageSize": 100}, key=key))["jobs"]
        assert len(jobs) == 10
        runs = ok(api.call("ListSyncRuns", {"pageSize": 1}, key=key))
        assert [run["syncRunId"] for run in runs["runs"]] == [held["syncRunId"]]
        rest = {"pageSize": 1, "pageToken": runs["nextPageToken"]}
        assert len(ok(api.call("ListSyncRuns", rest, key=key))["runs"]) == 1

    def test_confirm_drift(self, api: ApiClient, integration: dict[str, Any]) -> None:
        """Fields that most roles lost wait for their names, and then they are cleared."""
        key, numbers = integration["key"], range(200, 212)
        docks = {"departments": [{"id": 1, "name": "Docks"}]}
        batch(api, key, [{**posting(number), **docks} for number in numbers])
        held = batch(api, key, [{**posting(number), "departments": []} for number in numbers])
        run = held["run"]
        assert run["drift"]["state"] == "HELD_DRIFT"
        (field,) = run["drift"]["fields"]
        assert (field["field"], field["lostCount"], field["hadCount"]) == ("department", 12, 12)
        assert len(field["examples"]) == 10
        status = ok(api.call("GetSyncStatus", {}, key=key))["integrations"][0]
        assert status["pendingDrift"]["syncRunId"] == run["syncRunId"]
        step = {"syncRunId": run["syncRunId"], "fields": ["department"]}
        confirmed = ok(api.call("ConfirmDrift", step, key=key))
        assert confirmed["drift"]["state"] == "CONFIRMED"
        again = api.call("ConfirmDrift", step, key=key)
        assert (again.code, again.reason) == ("failed_precondition", "DRIFT_NOT_PENDING")
        other = {"syncRunId": run["syncRunId"], "fields": ["title"]}
        assert api.call("ConfirmDrift", other, key=key).violations == ["fields[0]"]

    def test_update_integration(self, api: ApiClient, integration: dict[str, Any]) -> None:
        """Only what the mask names."""
        changed = ok(
            api.call(
                "UpdateIntegration",
                {
                    "integration": {
                        "integrationId": integration["integrationId"],
                        "staleAfter": "7200s",
                        "board": "another",
                    },
                    "updateMask": "staleAfter",
                },
                key=integration["key"],
            )
        )
        assert (changed["staleAfter"], changed["board"]) == ("7200s", BOARD)

    def test_deactivate_integration(
        self, api: ApiClient, running: Running, integration: dict[str, Any]
    ) -> None:
        """An operator stops it with a reason and closes its roles; it can be brought back."""
        key, body = integration["key"], {"provider": "GREENHOUSE", "employerUserId": "employer_ats"}
        role = {**body, "jobs": [posting(950)]}
        synced = ok(api.call("SyncJobs", role, key=key, idempotency_key=uuid4().hex))
        job = {"jobId": synced["outcomes"][0]["jobId"]}
        stop = step_of(integration, mirrors="CLOSE", reason="Wrong.")
        stopped = ok(api.call("DeactivateIntegration", stop, key=running.founder))
        assert stopped["state"] == "INACTIVE"
        closed = ok(api.call("GetJob", job, key=key))["publicationStatus"]
        assert (closed["state"], closed["closeReason"]) == ("CLOSED", "ATS_INTEGRATION_DEACTIVATED")
        assert not ok(api.call("ListJobs", {"state": "OPEN"}, key=key)).get("jobs")
        refused = api.call("SyncJobs", role, key=key, idempotency_key=uuid4().hex)
        assert refused.body["reason"] == "INTEGRATION_INACTIVE"
        step = step_of(integration)
        assert ok(api.call("ActivateIntegration", step, key=running.founder))["state"] == "ACTIVE"

    def test_a_change_waits_for_an_operator(
        self, api: ApiClient, running: Running, integration: dict[str, Any]
    ) -> None:
        """In the sandbox none waits, so both of the operator's steps say so."""
        etag = step_of(integration, etag="x")
        for method, said in (
            ("ApplyIntegrationChange", {}),
            ("DiscardIntegrationChange", {"reason": "Wrong."}),
        ):
            refused = api.call(method, {**etag, **said}, key=running.founder)
            assert refused.body["reason"] == "ETAG_MISMATCH"
            by = {"integrationId": integration["integrationId"]}
            shown = ok(api.call("GetIntegration", by, key=integration["key"]))
            now = step_of(integration, etag=shown["etag"], **said)
            refused = api.call(method, now, key=running.founder)
            assert refused.body["reason"] == "ILLEGAL_TRANSITION"

    def test_a_prospect_is_never_offered(
        self, api: ApiClient, integration: dict[str, Any], service: str
    ) -> None:
        """Neither published nor matched, also once a service has begun to match it."""
        key, body = integration["key"], {"provider": "GREENHOUSE", "employerUserId": "employer_ats"}
        jobs = [posting(901), posting(902, internal_job_id=None)]
        reply = api.call("SyncJobs", {**body, "jobs": jobs}, key=key, idempotency_key=uuid4().hex)
        role, prospect = (each["jobId"] for each in ok(reply)["outcomes"])
        for job_id, active in ((role, True), (prospect, False)):
            step = {"jobId": job_id, "environment": "sandbox"}
            step["operations"] = {"matching": {"state": "RUNNING"}}
            changed = ok(api.call("UpdateOperations", step, key=service))
            assert changed["operations"]["matching"].get("active", False) == active
        published = ok(api.call("ListPublishedJobs", {"pageSize": 200}, key=key))["jobs"]
        titles = {each["jobContent"]["title"] for each in published}
        assert "Picker 901" in titles and "Picker 902" not in titles

    def test_a_batch_that_is_sent_again_is_counted_once(
        self, api: ApiClient, running: Running
    ) -> None:
        """It is known by its run and index, whatever its idempotency key."""
        key, run = integrated(running, api), f"run-{uuid4().hex[:8]}"
        body = {
            "provider": "GREENHOUSE",
            "employerUserId": EMPLOYER,
            "syncRunId": run,
            "batchIndex": 0,
            "complete": True,
            "expectedTotal": 1,
            "jobs": [posting(1)],
        }
        first, again = (
            ok(api.call("SyncJobs", body, key=key, idempotency_key=uuid4().hex)) for _ in range(2)
        )
        assert again == {**first, "replayed": True}
        rows = ok(api.call("GetUsage", {}, key=key))["rows"]
        assert [int(row["calls"]) for row in rows if row["method"].endswith("SyncJobs")] == [1]
        other = {**body, "jobs": [posting(2)]}
        refused = api.call("SyncJobs", other, key=key, idempotency_key=uuid4().hex)
        assert refused.code == "conflict"


class TestReview:
    def test_a_question_and_its_answer(self, api: ApiClient, running: Running) -> None:
        """The operator asks with RequestInfo, the applicant answers with ReplyToReview."""
        ticket = ok(api.call("SubmitAccessRequest", request_form()))
        by_id = {"ticketId": ticket["ticketId"]}
        started = ok(api.call("StartReview", by_id, key=running.founder))
        question = {**by_id, "question": "Which sites?", "etag": started["etag"]}
        asked = ok(api.call("RequestInfo", question, key=running.founder))
        assert (asked["state"], asked["thread"][0]["text"]) == ("NEEDS_INFO", "Which sites?")
        reply = {**by_id, "text": "Reno."}
        answered = ok(api.call("ReplyToReview", reply, x_status_token=ticket["statusToken"]))
        assert answered["state"] == "IN_REVIEW"
        assert [each["author"] for each in answered["thread"]] == ["REVIEWER", "APPLICANT"]
        assert [each["text"] for each in answered["thread"]] == ["Which sites?", "Reno."]

    def test_get_organization(self, api: ApiClient, running: Running, holder: Access) -> None:
        """The tenant that the approval made."""
        by_id = {"organizationId": holder.organization_id}
        found = ok(api.call("GetOrganization", by_id, key=running.founder))
        assert (found["organizationId"], found["state"]) == (holder.organization_id, "ACTIVE")
        assert found["emailDomains"] == ["northline-warehousing.example"]

    def test_list_scopes(self, api: ApiClient) -> None:
        """The catalogue, to anyone: each scope with its routes and whether it can be granted."""
        found = ok(api.call("ListScopes", {}))["scopes"]
        scopes = {each["name"]: each for each in found}
        assert {"route": "POST /v1/jobs/post", "risk": "HIGH"} in scopes["jobs:write"]["routes"]
        assert (scopes["jobs:write"]["mintable"], scopes["jobs:write"]["highRisk"]) == (True, True)
        assert not scopes["keys:read"].get("mintable")
        assert len(scopes) > 10
