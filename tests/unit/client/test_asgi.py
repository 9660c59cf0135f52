"""What the middleware asks, what it lets through to the application, and what it answers itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from xaigh.gating.v1 import envoy_check_service_pb2 as api
from xaigh_client import (
    AsyncClient,
    ConfigurationError,
    CredentialMissingError,
    DeadlineExceededError,
    PermissionDeniedError,
    Reply,
    UnavailableError,
    XaighError,
)
from xaigh_client.asgi import Caller, XaighMiddleware
from xaigh_client.errors import Failure

FAILURE = Failure(message="no")
OURS = {
    "x-xaigh-organization-id": "org_1",
    "x-xaigh-environment": "sandbox",
    "x-xaigh-key-id": "key_1",
    "x-xaigh-key-type": "sk",
    "x-xaigh-scopes": "jobs:read nature:read",
    "x-xaigh-employer-ids": "",
    "x-xaigh-tier": "standard",
    "x-xaigh-request-id": "req_1",
}


def _set(headers: Any, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        option = headers.add()
        option.header.key, option.header.value = name, value


def allowed() -> api.CheckResponse:
    answer = api.CheckResponse(ok_response=api.CheckResponse.Allowed())
    _set(answer.ok_response.headers, OURS)
    return answer


def denied() -> api.CheckResponse:
    answer = api.CheckResponse()
    answer.denied_response.status.code = 429
    answer.denied_response.body = '{"error":{}}'
    _set(answer.denied_response.headers, {"content-type": "application/json", "retry-after": "9"})
    return answer


@dataclass
class Gateway:
    """Gives one answer to each question, or fails."""

    answer: api.CheckResponse | XaighError
    asked: list[api.CheckRequest] = field(default_factory=list)
    closed: bool = False

    async def call(self, method: Any, request: api.CheckRequest, **_: Any) -> Reply[Any]:
        self.asked.append(request)
        if isinstance(self.answer, XaighError):
            raise self.answer
        return Reply(message=self.answer, request_id="", replayed=False, attempts=1, metadata={})

    async def close(self) -> None:
        self.closed = True


@dataclass
class App:
    """Keeps the scopes that it was called with."""

    scopes: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)


async def run(
    answer: api.CheckResponse | XaighError,
    *,
    options: Mapping[str, Any] | None = None,
    **changed: Any,
) -> tuple[App, Gateway, list[Any]]:
    """Sends one request through the middleware. Returns also what it sent to the client."""
    app, gateway, sent = App(), Gateway(answer), list[Any]()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/nature/ä",
        "raw_path": b"/v1/nature/%C3%A4",
        "query_string": b"a=b",
        "headers": [(b"Authorization", b"Bearer x"), (b"accept", b"*/*")],
        "client": ("192.0.2.1", 1),
        "state": {"theirs": 1},
        **changed,
    }

    async def send(message: Any) -> None:
        sent.append(message)

    if scope["type"] == "websocket":
        del scope["method"]
    middleware = XaighMiddleware(app, client=cast(AsyncClient, gateway), **(options or {}))
    await middleware(scope, cast(Any, None), send)
    return app, gateway, sent


async def test_the_application_hears_who_calls() -> None:
    """In the state and in headers; the rest of the state stays."""
    app, gateway, sent = await run(allowed())
    (scope,) = app.scopes
    assert scope["state"]["theirs"] == 1
    assert scope["state"]["xaigh"] == Caller(
        organization_id="org_1",
        environment="sandbox",
        key_id="key_1",
        key_type="sk",
        scopes=frozenset({"jobs:read", "nature:read"}),
        employer_ids=frozenset(),
        tier="standard",
        request_id="req_1",
    )
    assert dict(scope["headers"])[b"x-xaigh-organization-id"] == b"org_1"
    assert sent == []
    http = gateway.asked[0].attributes.request.http
    assert http.path == "/v1/nature/%C3%A4?a=b"


@pytest.mark.parametrize(
    "name", [b"authorization", b"Authorization", b"x-xaigh-tier", b"X_Xaigh-Admin"]
)
@pytest.mark.parametrize("path", ["/v1/nature/ä", "/healthz"])
async def test_what_a_client_forges_is_taken_out(name: bytes, path: str) -> None:
    """In any case, by `_` or `-`, on open paths as well; so is the key."""
    forged = [(name, b"forged"), (b"accept", b"*/*")]
    options = {"open_paths": ["/healthz"]}
    app, gateway, _ = await run(allowed(), options=options, path=path, headers=forged)
    (scope,) = app.scopes
    assert (b"accept", b"*/*") in scope["headers"]
    assert b"forged" not in [value for _, value in scope["headers"]]
    assert (scope["state"]["xaigh"] is None) == (path == "/healthz") == (not gateway.asked)


async def test_a_refusal_is_passed_on() -> None:
    """Status, headers and body are the gateway's."""
    app, _, (start, body) = await run(denied())
    assert app.scopes == []
    assert (start["type"], start["status"]) == ("http.response.start", 429)
    assert (b"retry-after", b"9") in start["headers"]
    assert (b"content-length", b"12") in start["headers"]
    assert body["body"] == b'{"error":{}}'


async def test_a_websocket_is_judged_as_a_get() -> None:
    """A refusal is a reply where the server can send one, and else the end of the handshake."""
    app, gateway, _ = await run(allowed(), type="websocket")
    assert len(app.scopes) == 1
    assert gateway.asked[0].attributes.request.http.method == "GET"
    _, _, sent = await run(denied(), type="websocket")
    assert [each["type"] for each in sent] == ["websocket.close"]
    able: dict[str, Any] = {"websocket.http.response": {}}
    _, _, (start, _body) = await run(denied(), type="websocket", extensions=able)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 429)


@pytest.mark.parametrize("error", [UnavailableError(FAILURE), DeadlineExceededError(FAILURE)])
async def test_no_answer_is_no_permission(error: XaighError) -> None:
    """The request is refused in the shape of every error, unless the service chose otherwise."""
    app, _, (start, body) = await run(error)
    assert app.scopes == [] and start["status"] == 503
    assert (b"retry-after", b"1") in start["headers"]
    shown = json.loads(body["body"])["error"]
    assert (shown["code"], shown["reason"]) == ("unavailable", "UNAVAILABLE")
    app, _, sent = await run(error, options={"when_unavailable": "allow"})
    assert app.scopes[0]["state"]["xaigh"] is None and sent == []
    assert [name for name, _ in app.scopes[0]["headers"]] == [b"accept"]


@pytest.mark.parametrize("error", [PermissionDeniedError(FAILURE), CredentialMissingError("none")])
async def test_a_service_that_may_not_ask_lets_nobody_pass(error: XaighError) -> None:
    """Whatever it chose for a gateway that can't be reached."""
    app, _, (start, _body) = await run(error, options={"when_unavailable": "allow"})
    assert app.scopes == [] and start["status"] == 503


async def test_another_choice_is_refused() -> None:
    """A misspelt one must not open the service, and not look as if it did."""
    with pytest.raises(ConfigurationError):
        await run(allowed(), options={"when_unavailable": "open"})


async def test_servers_that_say_less() -> None:
    """No raw path, no client, no state: all three are optional in ASGI."""
    app, gateway, _ = await run(allowed(), raw_path=None, client=None, state=None, query_string=b"")
    attributes = gateway.asked[0].attributes
    assert attributes.request.http.path == "/v1/nature/%C3%A4"
    assert attributes.source.address.socket_address.address == ""
    assert app.scopes[0]["state"]["xaigh"].tier == "standard"


async def test_a_given_client_stays_open() -> None:
    """The end of the application closes only what the middleware opened itself."""
    app, gateway, _ = await run(allowed(), type="lifespan")
    assert app.scopes[0]["type"] == "lifespan"
    assert not gateway.closed and gateway.asked == []
