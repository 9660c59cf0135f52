"""Bad input: the one error shape, every violation by its field path, and nothing written."""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, approval, job_form, ok, request_form
from tests.harness.api_client import ApiClient
from tests.harness.server import Running, server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that takes no callback on this host, as a real one."""
    environ = {**ENVIRON, "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "false"}
    with server(tmp_path_factory.mktemp("data"), **environ) as started:
        yield started


def violations(error: dict[str, Any]) -> set[str]:
    """The field paths of an error's BadRequest."""
    return {
        violation["field"]
        for detail in error["details"]
        for violation in detail.get("fieldViolations", ())
    }


BAD_JOBS = [
    ({"slots": 0}, {"slots"}),
    ({"slots": -3, "title": ""}, {"slots", "title"}),
    ({"title": "   "}, {"title"}),
    ({"employerUserId": ""}, {"employerUserId"}),
    ({"startsAt": None}, {"startsAt"}),
    ({"requirements": ["forklift", ""]}, {"requirements[1]"}),
]


@pytest.mark.parametrize(("changed", "paths"), BAD_JOBS)
def test_every_violation_is_named_by_its_path_and_nothing_is_written(
    api: ApiClient, access: Access, changed: dict[str, Any], paths: set[str]
):
    """Both apis list the same paths, and the list of jobs is as it was."""
    before = ok(api.call("ListJobs", {}, key=access.key)).get("jobs", [])
    body = {name: value for name, value in job_form(**changed).items() if value is not None}
    reply = api.call("PostJob", body, key=access.key, idempotency_key="bad-1")
    assert reply.code == "invalid_argument", reply.body
    assert violations(reply.body) == paths
    assert ok(api.call("ListJobs", {}, key=access.key)).get("jobs", []) == before


def test_the_seven_fields_are_required_each_by_name(api: ApiClient):
    """An empty request names all seven at once."""
    reply = api.call("SubmitAccessRequest", {})
    assert violations(reply.body) == {
        "companyName",
        "contactName",
        "contactEmail",
        "useCase",
        "requestedScopes",
        "monthlyVolumeEstimate",
        "callbackUrl",
    }


BAD_REQUESTS = [
    ({"contactEmail": "maya"}, "FIELD_INVALID", "contactEmail"),
    ({"requestedScopes": ["jobs:fly"]}, "SCOPE_UNKNOWN", "requestedScopes"),
    ({"requestedScopes": ["payroll:write"]}, "SCOPE_NOT_MINTABLE", None),
    ({"requestedScopes": ["access:review"]}, "SCOPE_NOT_MINTABLE", None),
    ({"requestedScopes": ["jobs:*"]}, "FIELD_INVALID", "requestedScopes[0]"),
    ({"callbackUrl": "https://127.0.0.1/x"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"callbackUrl": "http://example.com/x"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"callbackUrl": "https://[::ffff:10.0.0.1]/"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"callbackUrl": "https://user:pw@example.com/"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"sandboxCallbackUrl": "http://localhost/"}, "CALLBACK_FORBIDDEN", "sandboxCallbackUrl"),
    # Names that a tolerant reader would repair into another host's.
    ({"callbackUrl": "https://\u24d4xample.com/"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"callbackUrl": "https://\uff45xample.com/"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"callbackUrl": "https://exa\u200bmple.com/"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"callbackUrl": "https://p\u0430ypal.com/"}, "CALLBACK_FORBIDDEN", "callbackUrl"),
    ({"sandboxCallbackUrl": "https://ex\u3002ample.com/"}, "CALLBACK_FORBIDDEN", None),
    ({"monthlyVolumeEstimate": 0}, "FIELD_INVALID", "monthlyVolumeEstimate"),
    ({"environments": ["staging"]}, "FIELD_INVALID", "environments[0]"),
    ({"keyTypes": ["sk", "sk"]}, "FIELD_INVALID", "keyTypes"),
    ({"sealTo": "age1short"}, "FIELD_INVALID", "sealTo"),
    ({"companyName": "  "}, "FIELD_INVALID", "companyName"),
]


@pytest.mark.parametrize(("changed", "reason", "path"), BAD_REQUESTS)
def test_a_request_for_access_is_refused_with_its_reason(
    api: ApiClient, running: Running, changed: dict[str, Any], reason: str, path: str | None
):
    """The reason says what is wrong, the path where; no ticket is made."""
    before = tickets(api, running)
    reply = api.call("SubmitAccessRequest", request_form(**changed))
    assert reply.body["reason"] == reason, reply.body
    if path is not None:
        assert path in violations(reply.body)
    assert tickets(api, running) == before


def tickets(api: ApiClient, running: Running) -> set[str]:
    """The ids of all tickets, which fit on one page here."""
    page = ok(api.call("ListAccessRequests", {"pageSize": 200}, key=running.founder))
    assert not page.get("nextPageToken")
    return {each["ticketId"] for each in page.get("accessRequests", ())}


REFUSALS = [
    # method, request, headers, code, reason: the same by both transports
    ("ListJobs", {"pageSize": -1}, {}, "invalid_argument", "FIELD_INVALID"),
    ("ListJobs", {"pageToken": "AAAA"}, {}, "invalid_argument", "PAGE_TOKEN_INVALID"),
    ("ListJobs", {"pageToken": "x" * 3000}, {}, "invalid_argument", None),
    ("ListJobs", {"employerUserId": "employer_123\0"}, {}, "invalid_argument", "FIELD_INVALID"),
    ("GetJob", {"jobId": "job_\0"}, {}, "invalid_argument", "FIELD_INVALID"),
    ("GetJob", {"jobId": "job_" + "x" * 5000}, {}, "invalid_argument", None),
    ("GetJob", {"jobId": "' OR 1=1 --"}, {}, "not_found", "NOT_FOUND"),
    ("GetJob", {"jobId": "../admin/keys"}, {}, "not_found", None),
    ("PostJob", job_form(), {}, "invalid_argument", "IDEMPOTENCY_KEY_MISSING"),
    ("PostJob", job_form(), {"idempotency_key": "a b"}, "invalid_argument", None),
    ("PostJob", job_form(), {"idempotency_key": "a" * 256}, "invalid_argument", None),
    ("PostJob", job_form(title="a\0b"), {"idempotency_key": "n"}, "invalid_argument", None),
    ("PostJob", job_form(title="x" * 9999), {"idempotency_key": "n"}, "invalid_argument", None),
    ("PostJob", job_form(slots=2**31 - 1), {"idempotency_key": "n"}, "invalid_argument", None),
    ("ListEmployerJobs", {"employerUserId": "employer_999"}, {}, "not_found", "NOT_FOUND"),
    ("ListKeys", {}, {}, "permission_denied", "CREDENTIAL_KIND_REFUSED"),
    ("ListEndpoints", {}, {}, "insufficient_scope", "SCOPE_NOT_GRANTED"),
    ("SyncJobs", {}, {}, "insufficient_scope", "SCOPE_NOT_GRANTED"),
]


@pytest.mark.parametrize(("method", "body", "headers", "code", "reason"), REFUSALS)
def test_the_same_refusal_by_both_apis(
    api: ApiClient,
    access: Access,
    method: str,
    body: dict[str, Any],
    headers: dict[str, str],
    code: str,
    reason: str | None,
):
    """Scope before validation, validation before existence; nothing is ever `internal`."""
    reply = api.call(method, body, key=access.key, **headers)
    assert reply.code == code, reply.body
    assert reason is None or reply.body["reason"] == reason
    assert reply.body["requestId"].startswith("req_")
    if code in ("unauthenticated", "insufficient_scope"):
        assert reply.headers["www-authenticate"].startswith('Bearer realm="xaigh", error=')


def test_a_page_token_belongs_to_its_list_and_its_filters(api: ApiClient, access: Access):
    """Sent with other filters, to another list, or bent by one character, it is no token."""
    for number in range(3):
        post = api.call("PostJob", job_form(), key=access.key, idempotency_key=f"page-{number}")
        assert post.code == "ok"
    first = ok(api.call("ListJobs", {"pageSize": 1}, key=access.key))
    token = first["nextPageToken"]
    second = ok(api.call("ListJobs", {"pageSize": 2, "pageToken": token}, key=access.key))
    assert first["jobs"][0]["jobId"] not in {job["jobId"] for job in second["jobs"]}
    bent = token[:-1] + ("A" if token[-1] != "A" else "B")
    for method, body in (
        ("ListJobs", {"pageToken": token, "employerUserId": "employer_123"}),
        ("ListEmployerJobs", {"pageToken": token, "employerUserId": "employer_123"}),
        ("ListJobs", {"pageToken": bent}),
    ):
        refused = api.call(method, body, key=access.key)
        assert refused.body["reason"] == "PAGE_TOKEN_INVALID", (method, body)


STEPS = [
    ("GetTicketStatus", {"ticketId": "tkt_nothing"}, "NOT_FOUND"),
    ("GetSealedKey", {"ticketId": "tkt_nothing"}, "NOT_FOUND"),
    ("WithdrawAccessRequest", {"ticketId": "tkt_nothing"}, "NOT_FOUND"),
]


@pytest.mark.parametrize(("method", "body", "reason"), STEPS)
def test_a_wrong_status_token_answers_as_no_ticket(
    api: ApiClient, access: Access, method: str, body: dict[str, Any], reason: str
):
    """Who has no token can't find out which tickets exist."""
    for token in ("", "xst_" + "a" * 38, "anything"):
        missing = api.call(method, body, x_status_token=token)
        standing = api.call(method, {"ticketId": access.ticket_id}, x_status_token=token)
        assert missing.body["reason"] == standing.body["reason"] == reason
        assert missing.body["message"] == standing.body["message"]


def test_a_decided_ticket_takes_no_further_step(api: ApiClient, access: Access, running: Running):
    """The refusal names the state and what it allows."""
    etag = ok(api.call("GetAccessRequest", {"ticketId": access.ticket_id}, key=running.founder))
    again = approval(access.ticket_id, "sandbox", etag["etag"])
    reply = api.call("ApproveAccessRequest", again, key=running.founder)
    assert (reply.code, reply.body["reason"]) == ("failed_precondition", "ILLEGAL_TRANSITION")
    info = next(each for each in reply.body["details"] if "ErrorInfo" in each["@type"])
    assert info["metadata"]["state"] == "APPROVED"


def test_an_expired_ticket_takes_no_step(api: ApiClient, running: Running):
    """Its end holds at the moment of each step, not from the next sweep on."""
    ticket = ok(api.call("SubmitAccessRequest", request_form(environments=["sandbox"])))
    by_id = {"ticketId": ticket["ticketId"]}
    ok(api.call("StartReview", by_id, key=running.founder))
    expire(running, ticket["ticketId"])
    shown = ok(api.call("GetAccessRequest", by_id, key=running.founder))
    assert shown["state"] == "EXPIRED"
    etag = {"etag": shown["etag"]}
    operator = {"key": running.founder}
    applicant = {"x_status_token": ticket["statusToken"]}
    for method, said, by in (
        ("ApproveAccessRequest", approval(ticket["ticketId"], "sandbox", shown["etag"]), operator),
        ("DenyAccessRequest", {**etag, "publicReason": "No."}, operator),
        ("RequestInfo", {**etag, "question": "Which sites?"}, operator),
        ("AmendAccessRequest", {"form": request_form()}, applicant),
        ("ReplyToReview", {"text": "Reno."}, applicant),
        ("WithdrawAccessRequest", {}, applicant),
    ):
        reply = api.call(method, {**by_id, **said}, **by)
        assert (reply.code, reply.reason) == ("failed_precondition", "ILLEGAL_TRANSITION"), method
    assert not ok(api.call("ListGrants", by_id, key=running.founder)).get("grants")


def expire(running: Running, ticket_id: str) -> None:
    """Moves the end of an open ticket into the past, as time would."""
    past = "UPDATE tickets SET expire_time = 1 WHERE ticket_id = ?"
    file = running.data_dir / "control.db"
    with closing(sqlite3.connect(file, timeout=20)) as database, database:
        assert database.execute(past, (ticket_id,)).rowcount == 1


HTTP_FAULTS = [
    # body, headers, status, code, reason
    (b"{", {}, 400, "invalid_argument", "BODY_MALFORMED"),
    (b"[]", {}, 400, "invalid_argument", None),
    (b'{"slots":"many"}', {}, 400, "invalid_argument", None),
    (b'{"slotz":1}', {}, 400, "invalid_argument", "FIELD_UNKNOWN"),
    (b'{"slots":1,"slots":2}', {}, 400, "invalid_argument", "BODY_MALFORMED"),
    (b'{"slots":1} x', {}, 400, "invalid_argument", "BODY_MALFORMED"),
    (b'{"title":"\xff"}', {}, 400, "invalid_argument", "BODY_MALFORMED"),
    (b"[" * 100_000, {}, 400, "invalid_argument", "BODY_MALFORMED"),
    (b"{}", {"content-type": "text/xml"}, 415, "unsupported_media_type", None),
    (b"x", {"content-encoding": "br"}, 415, "unsupported_media_type", None),
    (b"x", {"content-encoding": "gzip"}, 400, "invalid_argument", None),
    (b"{}", {"accept": "image/png"}, 406, "not_acceptable", "NOT_ACCEPTABLE"),
    (b"{}", {"x-filler": "x" * 70_000}, 431, "header_too_large", "HEADER_TOO_LARGE"),
]


@pytest.mark.parametrize(("body", "headers", "status", "code", "reason"), HTTP_FAULTS)
def test_http_faults_have_the_one_shape(
    running: Running,
    access: Access,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
    reason: str | None,
):
    """Status, code and reason of what can go wrong before there is a message."""
    sent = {
        "content-type": "application/json",
        "authorization": f"Bearer {access.key}",
        "idempotency-key": "x",
        **headers,
    }
    reply = httpx.post(f"http://{running.rest}/v1/jobs/post", content=body, headers=sent)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code), error
    assert reason is None or error["reason"] == reason
    assert error["requestId"] == reply.headers["x-request-id"]
    assert set(error) == {"code", "status", "reason", "message", "requestId", "details"}


def test_routes_and_methods_that_do_not_exist(running: Running):
    """404 for no route, 405 with Allow for another method, both in the one shape."""
    with httpx.Client(base_url=f"http://{running.rest}") as http:
        assert http.get("/v1/nothing").json()["error"]["reason"] == "ROUTE_NOT_FOUND"
        reply = http.delete("/v1/jobs/post")
        assert reply.status_code == 405 and reply.json()["error"]["code"] == "method_not_allowed"
        assert "POST" in reply.headers["allow"]


def test_a_problem_document_on_request(running: Running):
    """`application/problem+json` gets RFC 9457, with our members beside its own."""
    reply = httpx.get(
        f"http://{running.rest}/v1/jobs", headers={"accept": "application/problem+json"}
    )
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == 401 and problem["code"] == "unauthenticated"
    assert problem["reason"] == "CREDENTIALS_MISSING"
    assert problem["type"] == f"http://{running.rest}/docs/errors#credentials_missing"


def test_a_body_past_the_limit_is_refused_before_it_is_read(running: Running, access: Access):
    """The announced length is enough; inflating is bounded, too."""
    host, port = running.rest.split(":")
    head = (
        "POST /v1/jobs/post HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {access.key}\r\ncontent-length: 40000000\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")
    bomb = gzip.compress(b" " * 60_000_000)
    reply = httpx.post(
        f"http://{running.rest}/v1/jobs/post",
        content=bomb,
        headers={
            "content-type": "application/json",
            "content-encoding": "gzip",
            "authorization": f"Bearer {access.key}",
            "idempotency-key": "x",
        },
    )
    assert reply.status_code == 413 and reply.json()["error"]["code"] == "payload_too_large"


def test_curl_speaks_to_it_as_the_readme_shows(running: Running, access: Access):
    """A person with curl gets JSON and a status."""
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code}", "-H", f"Authorization: Bearer {access.key}",
         f"http://{running.rest}/v1/whoami"],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )  # fmt: skip
    body, status = done.stdout.rsplit("\n", 1)
    assert status == "200" and json.loads(body)["key"]["keyId"] == access.key_id
