"""A real Envoy before foreign services, on the shipped configuration, gated by a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import httpx
import orjson
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.envoy import gated
from tests.harness.server import Running, operator, server

from xaigh.gating.v1 import envoy_check_service_pb2 as api

SHIPPED = Path(__file__).parents[2] / "deploy" / "envoy-ext-authz.yaml"
FAMILY = """
[families.games]
launched = true

[families.games.routes]
write = ["POST /games.v1.Games/*"]
"""


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it got."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = orjson.dumps({name.lower(): value for name, value in self.headers.items()})
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that knows the family of the gRPC service."""
    folder = tmp_path_factory.mktemp("data")
    settings = folder / "families.toml"
    settings.write_text(FAMILY)
    with server(folder, **ENVIRON, XAIGH_SETTINGS=str(settings)) as running:
        yield running


@pytest.fixture(scope="module")
def access(gate: Running) -> Access:
    """A key for reads of one product and writes of another."""
    with closing(RestClient(gate.rest)) as rest:
        return grant_access(
            rest,
            gate.founder,
            requestedScopes=["nature:read", "games:write", "jobs:read"],
            approval_terms={"keyAllowance": 10},
        )


@pytest.fixture(scope="module")
def credential(gate: Running) -> str:
    """The credential that Envoy shows."""
    return operator(gate.data_dir, "envoy", "service", **gate.environ)


@pytest.fixture(scope="module")
def plain(
    gate: Running, credential: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a plain HTTP service behind Envoy."""
    service = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    folder = tmp_path_factory.mktemp("envoy")
    behind = f"127.0.0.1:{service.server_port}"
    with (
        gated(folder, SHIPPED, service=behind, gateway=gate.grpc, credential=credential) as address,
        httpx.Client(base_url=f"http://{address}") as client,
    ):
        yield client
    service.shutdown()
    service.server_close()


def _bearer(key: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", **more}


def test_a_good_key_passes_and_the_service_hears_who_calls(
    plain: httpx.Client, access: Access
) -> None:
    """The key itself doesn't reach the service, and what a client says of itself is replaced."""
    forged = {
        "x-xaigh-organization-id": "org_forged",
        "x-xaigh-scopes": "jobs:write",
        "x-xaigh-admin": "yes",
    }
    reply = plain.get("/v1/nature/trails?far=1", headers=_bearer(access.key, **forged))
    assert reply.status_code == 200
    heard = reply.json()
    assert "authorization" not in heard and "x-xaigh-admin" not in heard
    assert heard["x-xaigh-organization-id"] == access.organization_id
    assert heard["x-xaigh-key-id"] == access.key_id
    assert heard["x-xaigh-environment"] == "sandbox"
    assert heard["x-xaigh-key-type"] == "sk"
    assert heard["x-xaigh-tier"] == "enterprise"
    assert heard["x-xaigh-scopes"] == "games:write jobs:read nature:read"
    assert heard["x-xaigh-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "reason"),
    [
        ("GET", "/v1/nature/trails", {}, 401, "CREDENTIALS_MISSING"),
        ("GET", "/v1/nature/trails", _bearer("nonsense"), 401, "CREDENTIALS_MALFORMED"),
        ("GET", "/v1/nature/trails", _bearer("{key}", origin="https://a.example"), 403,
         "SECRET_KEY_IN_BROWSER"),
        ("POST", "/v1/nature/trails", _bearer("{key}"), 403, "SCOPE_NOT_GRANTED"),
        ("GET", "/v1/nothing", _bearer("{key}"), 404, "ROUTE_NOT_FOUND"),
        ("GET", "/v1/nature/trails?key={key}", _bearer("{key}"), 401, "CREDENTIALS_AMBIGUOUS"),
        ("OPTIONS", "/v1/nature/trails", _bearer("{key}"), 405, "METHOD_NOT_ALLOWED"),
    ],
)  # fmt: skip
def test_refusals_have_the_shape_of_our_own(
    plain: httpx.Client,
    access: Access,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    reason: str,
) -> None:
    """Status, body and headers are those that a call of this server would get."""
    sent = {name: value.replace("{key}", access.key) for name, value in headers.items()}
    reply = plain.request(method, path.replace("{key}", access.key), headers=sent)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (status, reason)
    assert reply.headers["content-type"] == "application/json"
    assert reply.json()["error"]["requestId"] == reply.headers["x-request-id"]
    assert ("www-authenticate" in reply.headers) == (status == 401 or reason == "SCOPE_NOT_GRANTED")
    if reason in ("SCOPE_NOT_GRANTED", "ROUTE_NOT_FOUND"):
        assert "r=" in reply.headers["ratelimit"]


def _asked(access: Access, path: str, **http: str) -> api.CheckRequest:
    request = api.CheckRequest()
    head = request.attributes.request.http
    head.method, head.path = http.get("method", "GET"), path
    head.headers["authorization"] = f"Bearer {access.key}"
    return request


PATHS = (
    "/envoy.service.auth.v3.Authorization/Check",
    "/xaigh.gating.v1.EnvoyCheckService/Check",
)


def _check(gate: Running, credential: str, request: api.CheckRequest, path: str = PATHS[0]) -> Any:
    with grpc.insecure_channel(gate.grpc) as channel:
        check = channel.unary_unary(
            path,
            request_serializer=api.CheckRequest.SerializeToString,
            response_deserializer=api.CheckResponse.FromString,
        )
        return check(request, metadata=(("authorization", f"Bearer {credential}"),), timeout=10)


@pytest.mark.parametrize("path", PATHS)
def test_one_rule_holds_under_both_names(
    gate: Running, access: Access, credential: str, path: str
) -> None:
    """Envoy's name of the method opens nothing that ours doesn't."""
    asked = _asked(access, "/v1/nature/trails")
    assert _check(gate, credential, asked, path).HasField("ok_response")
    for wrong in (access.key, gate.founder):
        with pytest.raises(grpc.RpcError) as refused:
            _check(gate, wrong, asked, path)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    "path",
    ["", "v1/nature/a", "/v1/nature/../payroll", "/v1/nature/%2E%2e/x", "/v1//nature/x",
     "/v1/nature/a%2Fb", "/v1/nature/a%5cb", "/v1/nature/a\\b", "/v1/nature/a#b",
     "/v1/nature/" + "a" * 2048],
)  # fmt: skip
def test_a_path_that_services_may_read_differently_is_denied(
    gate: Running, access: Access, credential: str, path: str
) -> None:
    """Also where Envoy is configured to pass it on as it is."""
    reply = _check(gate, credential, _asked(access, path))
    assert reply.denied_response.status.code == 400 and reply.status.code
    assert orjson.loads(reply.denied_response.body)["error"]["reason"] == "PATH_INVALID"


def test_a_check_without_a_request_is_denied(gate: Running, credential: str) -> None:
    """A filter of another protocol than HTTP sends no head."""
    reply = _check(gate, credential, api.CheckRequest())
    assert reply.WhichOneof("http_response") == "denied_response" and reply.status.code


def test_a_secret_key_from_a_browser_is_flagged(gate: Running, credential: str) -> None:
    """As it is where a browser calls this server with it."""
    with closing(RestClient(gate.rest)) as rest:
        leaked = grant_access(rest, gate.founder, requestedScopes=["nature:read"])
        asked = _asked(leaked, "/v1/nature/trails")
        asked.attributes.request.http.headers["origin"] = "https://app.example.com"
        assert _check(gate, credential, asked).denied_response.status.code == 403
        asked_events = {"target": leaked.key_id, "action": "key.flagged"}
        found = ok(rest.call("ListAuditEvents", asked_events, key=gate.founder))
    assert len(found["auditEvents"]) == 1


def test_a_gate_without_a_good_credential_lets_nobody_through(
    gate: Running, access: Access, tmp_path: Path
) -> None:
    """Envoy's own credential is judged as any caller's, and its failure is no permission."""
    with (
        gated(
            tmp_path, SHIPPED, service="127.0.0.1:9", gateway=gate.grpc, credential=gate.founder
        ) as address,
        httpx.Client(base_url=f"http://{address}") as client,
    ):
        assert client.get("/v1/nature/trails", headers=_bearer(access.key)).status_code == 503


def _play(request: bytes, context: Any) -> bytes:
    """Answers with the metadata that came."""
    return orjson.dumps({name: str(value) for name, value in context.invocation_metadata()})


GAMES = grpc.method_handlers_generic_handler(
    "games.v1.Games",
    {
        "Play": grpc.unary_unary_rpc_method_handler(_play),
        "Watch": grpc.unary_stream_rpc_method_handler(lambda *call: iter([_play(*call)] * 3)),
    },
)


@pytest.fixture(scope="module")
def games(
    gate: Running, credential: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[grpc.Channel]:
    """A channel to a gRPC service behind Envoy."""
    service = grpc.server(ThreadPoolExecutor(2), handlers=[GAMES])
    behind = f"127.0.0.1:{service.add_insecure_port('127.0.0.1:0')}"
    service.start()
    folder = tmp_path_factory.mktemp("games")
    try:
        with (
            gated(
                folder, SHIPPED, service=behind, gateway=gate.grpc, credential=credential
            ) as address,
            grpc.insecure_channel(address) as channel,
        ):
            yield channel
    finally:
        service.stop(None).wait()


def _unary(channel: grpc.Channel, path: str) -> Any:
    return channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)


PLAY = "/games.v1.Games/Play"


def test_a_grpc_service_hears_who_calls(games: grpc.Channel, access: Access) -> None:
    """Of unary calls and of streams, by metadata that a client can't forge; never the key."""
    forged = (("x-xaigh-organization-id", "org_forged"), ("x-xaigh-admin", "yes"))
    metadata = (*_bearer(access.key).items(), *forged, ("theirs", "kept"))
    watch = games.unary_stream(
        "/games.v1.Games/Watch", request_serializer=bytes, response_deserializer=bytes
    )
    replies = [_unary(games, PLAY)(b"", metadata=metadata, timeout=20)]
    replies += watch(b"", metadata=metadata, timeout=20)
    assert len(replies) == 4
    for heard in map(orjson.loads, replies):
        assert heard["x-xaigh-organization-id"] == access.organization_id
        assert heard["x-xaigh-key-id"] == access.key_id
        assert heard["theirs"] == "kept"
        assert not {"authorization", "x-xaigh-admin"} & set(heard)


@pytest.mark.parametrize(
    ("path", "sent", "code"),
    [
        (PLAY, {}, grpc.StatusCode.UNAUTHENTICATED),
        (PLAY, _bearer("{reader}"), grpc.StatusCode.PERMISSION_DENIED),
        (PLAY, _bearer("{key}", origin="https://a.example"), grpc.StatusCode.PERMISSION_DENIED),
        ("/other.v1.Other/Do", _bearer("{key}"), grpc.StatusCode.UNIMPLEMENTED),
    ],
)
def test_a_grpc_client_is_refused_by_a_code(
    games: grpc.Channel,
    gate: Running,
    access: Access,
    path: str,
    sent: dict[str, str],
    code: grpc.StatusCode,
) -> None:
    """Envoy makes it of the status: no key, one without the scope, a browser, no such route."""
    with closing(RestClient(gate.rest)) as rest:
        order = {"grantId": access.grant_id, "name": "reader", "scopes": ["nature:read"]}
        reader = ok(rest.call("IssueKey", order, key=gate.founder))["apiKey"]
    metadata = [
        (name, value.replace("{key}", access.key).replace("{reader}", reader))
        for name, value in sent.items()
    ]
    with pytest.raises(grpc.RpcError) as refused:
        _unary(games, path)(b"", metadata=metadata, timeout=20)
    assert refused.value.code() is code
