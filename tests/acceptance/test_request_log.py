"""A call is looked up by its request id: by its organization, and by operators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.test_syncs import BOARD, SCOPES, posting
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import ApiClient, Reply
from tests.harness.server import Running, operator
from tests.harness.waiting import until

SANDBOX = {"environment": "sandbox"}


@pytest.fixture(scope="module")
def access(api: ApiClient, running: Running) -> Access:
    """A key of an organization of its own."""
    return grant_access(api, running.founder, companyName=f"Logged {uuid4().hex[:6]}")


def request_id(reply: Reply) -> str:
    found: str = reply.headers["x-request-id"]
    return found


def look_up(api: ApiClient, access: Access, reply: Reply) -> Any:
    return ok(api.call("GetRequestLog", {"requestId": request_id(reply)}, key=access.key))


def test_an_answered_call(api: ApiClient, access: Access) -> None:
    """Its route as a template, its idempotency key, and that the repeat was a replay."""
    key, form = uuid4().hex, job_form()
    first = api.call("PostJob", form, key=access.key, idempotency_key=key, x_request_id="mine-1")
    again = api.call("PostJob", form, key=access.key, idempotency_key=key)
    found, repeat = look_up(api, access, first), look_up(api, access, again)
    assert found["route"] == "POST /v1/jobs/post"
    assert found["method"] == "xaigh.jobs.v1.JobsService.PostJob"
    assert (found["code"], found["clientRequestId"]) == ("ok", "mine-1")
    assert (found["transport"], found["keyId"]) == (api.name.upper(), access.key_id)
    assert found["idempotencyKey"] == repeat["idempotencyKey"] == key
    assert (found.get("replayed", False), repeat["replayed"]) == (False, True)
    read = api.call("GetJob", {"jobId": ok(first)["jobId"]}, key=access.key)
    assert look_up(api, access, read)["route"] == "GET /v1/jobs/{job_id}"


def test_the_record_of_an_idempotency_key(api: ApiClient, access: Access, running: Running) -> None:
    """Both calls name the one that was answered, and until when; each organization has its own."""
    key, form = uuid4().hex, job_form()
    refused = api.call("PostJob", job_form(title=""), key=access.key, idempotency_key=key)
    assert "idempotencyRecord" not in look_up(api, access, refused)
    first = api.call("PostJob", form, key=access.key, idempotency_key=key)
    again = api.call("PostJob", form, key=access.key, idempotency_key=key)
    ok(first)
    for reply in (refused, first, again):
        record = look_up(api, access, reply)["idempotencyRecord"]
        assert record["requestId"] == request_id(first)
        made, ends = (datetime.fromisoformat(record[name]) for name in ("createTime", "expireTime"))
        assert ends - made >= timedelta(hours=24)
    other = grant_access(api, running.founder, companyName=f"Other {uuid4().hex[:6]}")
    theirs = api.call("PostJob", form, key=other.key, idempotency_key=key)
    ok(theirs)
    record = look_up(api, other, theirs)["idempotencyRecord"]
    assert record["requestId"] == request_id(theirs)
    assert "idempotencyRecord" not in look_up(api, other, api.call("WhoAmI", {}, key=other.key))


def test_a_refused_call(api: ApiClient, access: Access) -> None:
    """The fields that broke their rules, and the cure; nothing of what was sent."""
    form = job_form(title="", slots=-7)
    refused = api.call("PostJob", form, key=access.key, idempotency_key=uuid4().hex)
    found = look_up(api, access, refused)
    assert (found["code"], found["reason"]) == ("invalid_argument", "FIELD_INVALID")
    assert sorted(each["field"] for each in found["violations"]) == sorted(refused.violations)
    assert found["cure"]
    assert form["employerUserId"] not in str(found)
    listed = ok(api.call("ListRequestLogs", {"errorsOnly": True}, key=access.key))["requestLogs"]
    assert found in listed
    assert {each["code"] for each in listed}.isdisjoint({"ok"})


def test_a_revoked_key_still_shows(api: ApiClient, access: Access, running: Running) -> None:
    """Its organization sees that it is used, from another key."""
    other = grant_access(api, running.founder, companyName=f"Ended {uuid4().hex[:6]}")
    ok(api.call("RevokeKey", {"keyId": other.key_id, "reason": "Lost."}, key=running.founder))
    refused = api.call("WhoAmI", {}, key=other.key)
    assert refused.reason == "KEY_REVOKED"
    wanted = {"organizationId": other.organization_id, "requestId": request_id(refused), **SANDBOX}
    found = ok(api.call("GetOrganizationRequestLog", wanted, key=running.founder))
    assert (found["reason"], found["keyId"]) == ("KEY_REVOKED", other.key_id)
    foreign = {"requestId": request_id(refused)}
    assert api.call("GetRequestLog", foreign, key=access.key).code == "not_found"


def test_operators_look_calls_up(api: ApiClient, access: Access, running: Running) -> None:
    """Of one organization or of all, with `support:read`; each read is audited."""
    name = f"calls-{api.name.lower()}"
    helper = operator(running.data_dir, name, "api_ops", **running.environ)
    called = api.call("WhoAmI", {}, key=access.key)
    own = look_up(api, access, called)
    for organization in (access.organization_id, "-"):
        wanted = {"organizationId": organization, **SANDBOX}
        one = {**wanted, "requestId": request_id(called)}
        assert ok(api.call("GetOrganizationRequestLog", one, key=helper)) == own
        mine = {**wanted, "keyId": access.key_id}
        listed = ok(api.call("ListOrganizationRequestLogs", mine, key=helper))["requestLogs"]
        assert own in listed
    events = {"actor": f"operator:{name}", "action": "support.read"}
    found = ok(api.call("ListAuditEvents", events, key=running.founder))["auditEvents"]
    assert {each["after"]["method"].rpartition(".")[2] for each in found} == {
        "ListOrganizationRequestLogs",
        "GetOrganizationRequestLog",
    }
    refused = api.call("ListOrganizationRequestLogs", {"organizationId": "-"}, key=helper)
    assert (refused.code, refused.violations) == ("invalid_argument", ["environment"])


def test_pages(api: ApiClient, access: Access) -> None:
    """A token leads to what ended before; the log's own reads aren't in it."""
    for _ in range(3):
        ok(api.call("WhoAmI", {}, key=access.key))
    first = ok(api.call("ListRequestLogs", {"pageSize": 2}, key=access.key))
    more = {"pageSize": 2, "pageToken": first["nextPageToken"]}
    second = ok(api.call("ListRequestLogs", more, key=access.key))
    ids = [each["requestId"] for page in (first, second) for each in page["requestLogs"]]
    assert len(set(ids)) == 4
    methods = {each["method"] for page in (first, second) for each in page["requestLogs"]}
    assert not any("RequestLogService" in method for method in methods)


def test_an_organization_reads_its_own_audit_events(api: ApiClient, running: Running) -> None:
    """Of its environment; operators without names, addresses, reasons and states of objects."""
    mine = grant_access(api, running.founder, companyName=f"Audited {uuid4().hex[:6]}")
    posted = api.call("PostJob", job_form(), key=mine.key, idempotency_key=uuid4().hex)
    events = ok(api.call("ListOwnAuditEvents", {}, key=mine.key))["auditEvents"]
    chains = {f"control/{mine.organization_id}", f"sandbox/{mine.organization_id}"}
    assert {event["chain"] for event in events} == chains
    assert {"key.issued", "job.posted"} <= {event["action"] for event in events}
    for event in events:
        assert not {"before", "after"} & set(event)
        if event["actor"].startswith("operator"):
            assert event["actor"] == "operator"
            assert not {"peer", "reason"} & set(event)
    wanted = {"requestId": request_id(posted)}
    (own,) = ok(api.call("ListOwnAuditEvents", wanted, key=mine.key))["auditEvents"]
    assert own["actor"] == f"key:{mine.key_id}"
    first = ok(api.call("ListOwnAuditEvents", {"pageSize": 1}, key=mine.key))
    more = {"pageSize": 1, "pageToken": first["nextPageToken"]}
    second = ok(api.call("ListOwnAuditEvents", more, key=mine.key))
    assert [*first["auditEvents"], *second["auditEvents"]] == events[:2]


def test_one_id_shows_what_came_of_a_call(api: ApiClient, running: Running) -> None:
    """Audit events, sync events, webhook events and their deliveries, each by its id."""
    employer = f"employer_{uuid4().hex[:6]}"
    mine = grant_access(
        api,
        running.founder,
        requestedScopes=[*SCOPES, "webhooks:read"],
        approval_terms={"employerUserIds": [employer]},
        companyName=f"Caused {uuid4().hex[:6]}",
    )
    wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [employer]}
    ok(api.call("CreateIntegration", {"integration": wanted}, key=mine.key))
    until(
        lambda: bool(ok(api.call("ListEndpoints", {}, key=mine.key)).get("endpoints")),
        "the endpoint of the grant's callback",
    )
    body = {"provider": "GREENHOUSE", "employerUserId": employer, "jobs": [posting(1)]}
    synced = api.call("SyncJobs", body, key=mine.key, idempotency_key=uuid4().hex)
    ok(synced)

    def deliveries() -> list[Any]:
        found = look_up(api, mine, synced)
        return [each for event in found.get("events", []) for each in event.get("deliveries", [])]

    until(lambda: bool(deliveries()), "a delivery of the sync")
    found = look_up(api, mine, synced)
    (event,) = ok(api.call("ListSyncEvents", {}, key=mine.key))["events"]
    assert [(each["eventId"], each["jobId"]) for each in found["syncEvents"]] == [
        (event["eventId"], event["jobId"])
    ]
    assert {each["chain"] for each in found["auditEvents"]} == {f"sandbox/{mine.organization_id}"}
    listed = ok(api.call("ListDeliveries", {}, key=mine.key))["deliveries"]
    shown_ids = {
        one["deliveryId"] for each in found["events"] for one in each.get("deliveries", [])
    }
    assert shown_ids <= {each["deliveryId"] for each in listed}
    assert "job.created" in {each["eventType"] for each in found["events"]}
    named = {"organizationId": "-", "requestId": request_id(synced), **SANDBOX}
    shown = ok(api.call("GetOrganizationRequestLog", named, key=running.founder))
    assert shown["syncEvents"] == found["syncEvents"]
