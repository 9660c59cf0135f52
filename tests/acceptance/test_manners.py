"""The head of every reply: ids, caching, types, challenges, limits. Over REST and gRPC."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import randbytes
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2, status_pb2
from tests.harness.access import Access, grant_access, job_form, ok, request_form
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.credentials import made_up
from tests.harness.server import Running
from tests.harness.waiting import until

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.services import SERVICES

NO_STORE = ("cache-control", "no-store")


@pytest.fixture
def http(running: Running) -> Iterator[httpx.Client]:
    """Plain HTTP."""
    with httpx.Client(base_url=f"http://{running.rest}") as made:
        yield made


@pytest.fixture
def channel(running: Running) -> Iterator[grpc.Channel]:
    """Plain gRPC."""
    with grpc.insecure_channel(running.grpc) as made:
        yield made


def bearer(key: str) -> dict[str, str]:
    """The header of a credential."""
    return {"authorization": f"Bearer {key}"}


def log_lines(running: Running) -> list[dict[str, Any]]:
    """What the server logged so far."""
    text = (running.data_dir / "server.log").read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def line_of(running: Running, request_id: str, event: str) -> dict[str, Any]:
    """The line of a request, once it is there."""

    def found() -> list[dict[str, Any]]:
        return [
            each
            for each in log_lines(running)
            if each.get("request_id") == request_id and each["event"] == event
        ]

    until(lambda: bool(found()), f"a line {event} of {request_id}")
    return found()[0]


def unary(channel: grpc.Channel, path: str) -> Any:
    """A method that sends bytes as they are."""
    return channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)


def call_raw(channel: grpc.Channel, path: str, *metadata: tuple[str, str]) -> Any:
    """The error of a call with an empty message."""
    rpc = unary(channel, path)
    with pytest.raises(grpc.RpcError) as caught:
        rpc(b"", metadata=metadata, timeout=20)
    return caught.value


def trailing_of(error: Any) -> dict[str, Any]:
    """The trailing metadata of a gRPC error."""
    return dict(error.trailing_metadata() or ())


def error_info(error: Any) -> Any:
    """The ErrorInfo of a gRPC error."""
    trailing = trailing_of(error)
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status.details)
    return info


class TestCaching:
    """What a cache must not keep."""

    def test_replies_with_a_secret_or_a_ticket_are_not_stored(
        self, running: Running, http: httpx.Client
    ) -> None:
        """Submission, status, withdrawal, an issued key: and their errors."""
        path = "/v1/developer/api-access/request"
        made = http.post(path, json=request_form())
        ticket, token = made.json()["ticketId"], made.json()["statusToken"]
        held = {"x-status-token": token}
        for reply in (
            made,
            http.get(f"{path}s/{ticket}", headers=held),
            http.get(f"{path}s/{ticket}"),
            http.get(f"{path}s/{ticket}/sealed-key", headers=held),
            http.post(f"{path}s/{ticket}:withdraw", headers=held, json={}),
            http.post("/v1/admin/keys", headers=bearer(running.founder), json={}),
        ):
            assert NO_STORE in reply.headers.multi_items(), reply.request.url
            assert reply.headers.get_list("cache-control") == ["no-store"]

    def test_every_401_is_not_stored(self, http: httpx.Client) -> None:
        """Whatever is wrong with the credential, and whatever was asked for."""
        for headers in ({}, bearer("nonsense"), bearer("test_sk_" + "0" * 48)):
            for path in ("/v1/jobs", "/v1/whoami", "/v1/admin/keys", "/v1/published-jobs"):
                reply = http.get(path, headers=headers)
                assert reply.status_code == 401
                assert reply.headers.get_list("cache-control") == ["no-store"]

    def test_the_rule_says_which_replies(self) -> None:
        """Each method whose reply is a ticket, an issued or a sealed key declares it."""
        kinds = {"Ticket", "TicketStatus", "SealedKey", "IssuedKey"}
        for method in read_methods(SERVICES).values():
            if method.reply_type.DESCRIPTOR.name in kinds:
                assert method.rule.secret_reply, method.full_name

    def test_no_reply_is_taken_for_another_type(self, http: httpx.Client) -> None:
        """Neither JSON, nor an error, nor a page."""
        for path in ("/v1/whoami", "/nothing", "/healthz", "/openapi.json", "/docs", "/metrics"):
            reply = http.get(path)
            assert reply.headers.get_list("x-content-type-options") == ["nosniff"], path
        assert http.delete("/v1/whoami").headers["x-content-type-options"] == "nosniff"


class TestRepeatedHeaders:
    """A second header of which the first would silently win is refused by name."""

    def test_over_rest(self, http: httpx.Client) -> None:
        path = "/v1/developer/api-access/request"
        made = http.post(path, json=request_form()).json()
        token = ("x-status-token", made["statusToken"])
        reply = http.get(f"{path}s/{made['ticketId']}", headers=[token, token])
        assert (reply.status_code, reply.json()["error"]["reason"]) == (400, "HEADER_INVALID")
        assert "X-Status-Token" in reply.json()["error"]["message"]
        assert made["statusToken"] not in reply.text
        double = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
        found = http.post(path, json=request_form(), headers=double).json()["error"]
        assert found["reason"] == "HEADER_INVALID" and "Authorization" in found["message"]
        assert http.get("/v1/jobs", headers=double).json()["error"]["reason"] == (
            "CREDENTIALS_AMBIGUOUS"
        )
        keys = [("idempotency-key", "a"), ("idempotency-key", "b")]
        found = http.post(path, json=request_form(), headers=keys).json()["error"]
        assert found["reason"] == "IDEMPOTENCY_KEY_INVALID"

    def test_over_grpc(self, channel: grpc.Channel) -> None:
        service = "/xaigh.access.v1.AccessRequestService"
        for name, value in (("x-status-token", "x"), ("authorization", "Bearer x")):
            error = call_raw(channel, f"{service}/GetTicketStatus", (name, value), (name, value))
            assert error_info(error).reason == "HEADER_INVALID"


class TestBodies:
    """What a media type says."""

    def test_a_type_without_a_body(self, http: httpx.Client, access: Access) -> None:
        """Many clients send one with every request."""
        headers = {**bearer(access.key), "content-type": "application/json"}
        assert http.get("/v1/jobs", headers=headers).status_code == 200
        assert http.head("/v1/jobs", headers=headers).status_code == 200
        reply = http.delete("/v1/webhooks/endpoints/whe_x", headers=headers)
        assert reply.status_code != 411

    @pytest.mark.parametrize("kind", [None, "", "application/json", "application/x+json"])
    def test_a_body_without_a_type_is_json(
        self, http: httpx.Client, access: Access, kind: str | None
    ) -> None:
        """Missing and empty alike; JSON is all that the routes take."""
        headers = {**bearer(access.key), "idempotency-key": uuid4().hex}
        if kind is not None:
            headers["content-type"] = kind
        content = json.dumps(job_form()).encode()
        assert http.post("/v1/jobs/post", headers=headers, content=content).status_code == 200
        reply = http.post("/v1/jobs/post", headers=headers, content=b"title=x")
        assert reply.json()["error"]["reason"] == "BODY_MALFORMED"

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ";", "x"])
    def test_a_body_of_another_type_is_refused(
        self, http: httpx.Client, access: Access, kind: str
    ) -> None:
        """Also where it happens to be JSON."""
        headers = {**bearer(access.key), "content-type": kind}
        reply = http.post("/v1/jobs/post", headers=headers, content=json.dumps(job_form()).encode())
        assert reply.status_code == 415


class TestIds:
    """Every request has an id, and a line in the log."""

    @pytest.mark.parametrize(
        ("verb", "path", "status"), [("GET", "/v1/nothing", 404), ("PUT", "/v1/jobs", 405)]
    )
    def test_a_request_that_is_no_call(
        self, running: Running, http: httpx.Client, verb: str, path: str, status: int
    ) -> None:
        """404 and 405 name the id, and echo the client's."""
        reply = http.request(verb, path, headers={"x-request-id": "theirs-1"})
        request_id = reply.json()["error"]["requestId"]
        assert reply.status_code == status
        assert reply.headers["x-request-id"] == request_id
        assert reply.headers["x-client-request-id"] == "theirs-1"
        line = line_of(running, request_id, "request.refused")
        assert (line["http_method"], line["path"]) == (verb, path)

    def test_a_401_has_an_id(self, http: httpx.Client) -> None:
        """In the head and in the body, the same."""
        reply = http.get("/v1/jobs")
        assert reply.headers["x-request-id"] == reply.json()["error"]["requestId"]

    @pytest.mark.parametrize("path", ["/no.such.v1.Service/Do", "/xaigh.jobs.v1.JobsService/Do"])
    def test_an_unknown_method_of_grpc(
        self, running: Running, channel: grpc.Channel, path: str
    ) -> None:
        """Of an unknown service, too."""
        error = call_raw(channel, path)
        assert error.code() is grpc.StatusCode.UNIMPLEMENTED
        request_id = trailing_of(error)["x-request-id"]
        assert error_info(error).metadata["requestId"] == request_id
        assert line_of(running, request_id, "request.refused")["path"] == path

    def test_a_message_past_the_limit(self, channel: grpc.Channel) -> None:
        """Public methods take 256 KiB; the refusal has an id."""
        rpc = unary(channel, "/xaigh.access.v1.AccessRequestService/SubmitAccessRequest")
        with pytest.raises(grpc.RpcError) as caught:
            rpc(b"\x0a" + b"x" * 300_000, timeout=20)
        assert error_info(caught.value).reason == "PAYLOAD_TOO_LARGE"
        assert trailing_of(caught.value)["x-request-id"].startswith("req_")

    def test_what_the_library_refuses_has_no_id(self, channel: grpc.Channel) -> None:
        """As the documentation says: metadata past 32 KiB never reaches the server's code."""
        error = call_raw(channel, "/xaigh.jobs.v1.JobsService/ListJobs", ("x-much", "x" * 40_000))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "x-request-id" not in trailing_of(error)

    def test_a_clients_id_is_echoed_and_kept(self, api: ApiClient, running: Running) -> None:
        """In the head of the reply and of an error, in the log, and in the audit log."""
        access = grant_access(api, running.founder)
        theirs = f"job-{uuid4().hex[:8]}"
        made = api.call(
            "PostJob", job_form(), key=access.key, idempotency_key=theirs, x_request_id=theirs
        )
        ok(made)
        failed = api.call("GetJob", {"jobId": "job_x"}, key=access.key, x_request_id=theirs)
        assert made.headers["x-client-request-id"] == theirs
        assert failed.headers["x-client-request-id"] == theirs
        ours = made.headers["x-request-id"]
        assert line_of(running, ours, "call.ended")["client_request_id"] == theirs
        events = ok(api.call("ListAuditEvents", {"requestId": ours}, key=running.founder))
        assert [each["clientRequestId"] for each in events["auditEvents"]] == [theirs]

    def test_an_unusual_id_is_dropped(self, api: ApiClient, access: Access) -> None:
        """Not refused, and not echoed."""
        for sent in ("a b", "x" * 129, "a/b", access.key):
            reply = api.call("ListScopes", {}, x_request_id=sent)
            assert "x-client-request-id" not in reply.headers


class TestLimits:
    """Figures of the limits, with every reply."""

    def test_the_figures_of_an_answered_and_a_refused_call(
        self, running: Running, access: Access
    ) -> None:
        """As headers; in gRPC as initial metadata, of a refused call as trailing metadata."""
        rest, rpc = RestClient(running.rest), GrpcClient(running.grpc)
        for client in (rest, rpc):
            answered = client.call("ListJobs", {}, key=access.key)
            refused = client.call("GetJob", {"jobId": "job_x"}, key=access.key)
            for reply in (answered, refused):
                assert reply.headers["ratelimit-policy"].startswith('"minute";q=')
                assert ";r=" in reply.headers["ratelimit"]
            client.close()


NO_CREDENTIAL = 'Bearer realm="xaigh"'
INVALID = 'Bearer realm="xaigh", error="invalid_token"'
NO_SCOPE = 'Bearer realm="xaigh", error="insufficient_scope", scope="ats:read"'
REFUSALS = [
    ("ListJobs", {}, 401, "CREDENTIALS_MISSING", NO_CREDENTIAL),
    ("ListJobs", {"authorization": "Basic eDp5"}, 401, "CREDENTIALS_MALFORMED", INVALID),
    ("ListJobs", {"key": "{key}'"}, 401, "CREDENTIALS_MALFORMED", INVALID),
    ("ListJobs", {"key": "{key}x"}, 401, "CREDENTIALS_MALFORMED", INVALID),
    ("ListJobs", {"key": "test_sk_" + "0" * 48}, 401, "KEY_UNKNOWN", INVALID),
    ("ListJobs", {"key": "{unknown}"}, 401, "KEY_UNKNOWN", INVALID),
    ("ListKeys", {"key": "xop_" + "0" * 48}, 401, "OPERATOR_UNKNOWN", INVALID),
    ("ListJobs", {"key": "{revoked}"}, 401, "KEY_REVOKED", INVALID),
    ("ListJobs", {"key": "{key}", "cookie": "k={key}"}, 401, "CREDENTIALS_AMBIGUOUS", INVALID),
    ("ListJobs", {"x-api-key": "{key}"}, 401, "CREDENTIALS_AMBIGUOUS", INVALID),
    ("ListSyncRuns", {"key": "{key}"}, 403, "SCOPE_NOT_GRANTED", NO_SCOPE),
    ("ListKeys", {"key": "{key}"}, 403, "CREDENTIAL_KIND_REFUSED", None),
    ("ListJobs", {"key": "{founder}"}, 403, "CREDENTIAL_KIND_REFUSED", None),
    (
        "ListJobs",
        {"key": "{key}", "origin": "https://x.example"},
        403,
        "SECRET_KEY_IN_BROWSER",
        None,
    ),
]


@pytest.fixture(scope="module")
def words(api: ApiClient, running: Running, access: Access) -> dict[str, str]:
    """Credentials by their names in the table."""
    revoked = grant_access(api, running.founder).key
    ok(api.call("RevokeSelf", {}, key=revoked))
    # Of the right form and checksum: it is no more known than one with a wrong checksum.
    unknown = keys.mint(Environment.SANDBOX, KeyType.SECRET, randbytes, made_up).text
    return {
        "key": access.key,
        "unknown": unknown,
        "revoked": revoked,
        "founder": running.founder,
    }


class TestRefusals:
    """What a caller hears of its credential."""

    @pytest.mark.parametrize(("method", "headers", "status", "reason", "challenge"), REFUSALS)
    def test_the_challenge(
        self,
        api: ApiClient,
        words: dict[str, str],
        method: str,
        headers: dict[str, str],
        status: int,
        reason: str,
        challenge: str | None,
    ) -> None:
        """In the head of the reply; in gRPC in the trailing metadata."""
        sent = {name: value.format(**words) for name, value in headers.items()}
        reply = api.call(method, {}, **sent)
        assert reply.reason == reason
        assert reply.headers.get("www-authenticate") == challenge
        assert (reply.code == "unauthenticated") == (status == 401)

    @pytest.mark.parametrize(("method", "headers", "status", "reason", "challenge"), REFUSALS)
    def test_a_problem(
        self,
        running: Running,
        words: dict[str, str],
        method: str,
        headers: dict[str, str],
        status: int,
        reason: str,
        challenge: str | None,
    ) -> None:
        """RFC 9457 for whoever accepts it, with the same head."""
        sent = {name: value.format(**words) for name, value in headers.items()}
        if "key" in sent:
            sent["authorization"] = f"Bearer {sent.pop('key')}"
        paths = {"ListJobs": "jobs", "ListKeys": "admin/keys", "ListSyncRuns": "jobs/ats/runs"}
        url = f"http://{running.rest}/v1/{paths[method]}"
        reply = httpx.get(url, headers={**sent, "accept": "application/problem+json"})
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.headers.get("www-authenticate") == challenge
        problem = reply.json()
        assert (reply.status_code, problem["status"], problem["reason"]) == (status, status, reason)
        assert problem["type"].endswith(f"#{reason.lower()}")
        assert problem["requestId"] == reply.headers["x-request-id"]


def test_an_error_links_to_the_servers_own_page(
    api: ApiClient, running: Running, access: Access
) -> None:
    """The link of an error is followed as it stands: the page has its reason, at the anchor."""
    refused = api.call("GetJob", {"jobId": "job_x"}, key=access.key)
    links = [link for each in refused.body["details"] for link in each.get("links", [])]
    (url,) = [link["url"] for link in links]
    assert url == f"http://{running.rest}/docs/errors#not_found"
    page = httpx.get(url, timeout=20)
    assert page.status_code == 200
    _, _, article = page.text.partition('<article id="not_found">')
    assert article.lstrip().startswith('<h3><a href="#not_found">NOT_FOUND</a>')
    accept = {"authorization": f"Bearer {access.key}", "accept": "application/problem+json"}
    problem = httpx.get(f"http://{running.rest}/v1/jobs/job_x", headers=accept, timeout=20)
    assert problem.json()["type"] == url
