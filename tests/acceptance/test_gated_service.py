"""A FastAPI service in a process of its own, gated by the middleware that the page shows.

The gateway is on PostgreSQL, where answers are kept.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.acceptance.conftest import postgresql_alone
from tests.harness.access import Access, grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.server import Running, operator
from tests.harness.waiting import until

from xaigh.errors.v1 import error_reason_pb2

databases = postgresql_alone

PAGE = Path(__file__).parents[2] / "client" / "docs" / "gating.md"
TRAILS = "/v1/nature/trails"
ECHO = """

@app.api_route("/v1/nature/echo", methods=["GET", "POST"])
async def echo(request: Request) -> dict[str, str]:
    return dict(request.headers)
"""


@pytest.fixture(scope="module")
def access(running: Running) -> Access:
    """A key for reads of one product."""
    with closing(RestClient(running.rest)) as rest:
        return grant_access(rest, running.founder, requestedScopes=["nature:read", "jobs:read"])


@pytest.fixture(scope="module")
def credential(running: Running) -> str:
    """The credential that services show."""
    return operator(running.data_dir, "trails", "service", **running.environ)


@contextmanager
def service(folder: Path, **environ: str) -> Iterator[httpx.Client]:
    """Runs the page's service with uvicorn, on a socket that is bound here; gives a client."""
    (source,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    options = environ.pop("OPTIONS", "")
    (folder / "service.py").write_text(
        source.replace('["/healthz"]', f'["/healthz"]{options}') + ECHO
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with (folder / "service.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "service:app", "--fd", str(listening.fileno())],
                cwd=folder,
                stdout=log,
                stderr=log,
                pass_fds=[listening.fileno()],
                env={**os.environ, **environ},
            )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            reply = client.get("/healthz")  # waits in the socket until the service accepts
            assert reply.json() == {"status": "ok"}
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def gated(
    running: Running, credential: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the service."""
    folder = tmp_path_factory.mktemp("service")
    with service(folder, XAIGH_ADDR=running.grpc, XAIGH_API_KEY=credential) as client:
        yield client


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", **more}


def test_a_good_key_passes(gated: httpx.Client, access: Access) -> None:
    """The service hears who calls, and nothing that the client says of itself."""
    reply = gated.get(TRAILS, headers=bearer(access.key))
    assert (reply.status_code, reply.json()) == (200, {"organization": access.organization_id})
    forged = {"x-xaigh-organization-id": "org_forged", "X_Xaigh_Admin": "yes", "accept": "a/b"}
    heard = gated.get("/v1/nature/echo", headers=bearer(access.key, **forged)).json()
    assert heard["x-xaigh-organization-id"] == access.organization_id
    assert heard["x-xaigh-key-id"] == access.key_id
    assert heard["x-xaigh-scopes"] == "jobs:read nature:read"
    assert heard["accept"] == "a/b"
    assert not {"authorization", "x_xaigh_admin", "x-xaigh-admin"} & set(heard)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "reason"),
    [
        ("GET", TRAILS, {}, 401, "CREDENTIALS_MISSING"),
        ("GET", TRAILS, bearer("nonsense"), 401, "CREDENTIALS_MALFORMED"),
        ("GET", TRAILS, bearer("{key}", origin="https://a.example"), 403, "SECRET_KEY_IN_BROWSER"),
        ("GET", TRAILS, bearer("{key}", cookie="key={key}"), 401, "CREDENTIALS_AMBIGUOUS"),
        ("GET", TRAILS + "?key={key}", bearer("{key}"), 401, "CREDENTIALS_AMBIGUOUS"),
        ("POST", "/v1/nature/echo", bearer("{key}"), 403, "SCOPE_NOT_GRANTED"),
        ("GET", "/v1/nothing", bearer("{key}"), 404, "ROUTE_NOT_FOUND"),
        ("GET", "/docs", {}, 401, "CREDENTIALS_MISSING"),
        ("GET", "/healthz/", {}, 401, "CREDENTIALS_MISSING"),
    ],
)
def test_refusals_are_those_of_the_gateway(
    gated: httpx.Client,
    access: Access,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
    reason: str,
) -> None:
    """Status, headers and body, as Envoy passes them on."""
    sent = {name: value.replace("{key}", access.key) for name, value in headers.items()}
    reply = gated.request(method, path.replace("{key}", access.key), headers=sent)
    assert (reply.status_code, reply.json()["error"]["reason"]) == (status, reason)
    assert reply.json()["error"]["requestId"] == reply.headers["x-request-id"]
    assert ("www-authenticate" in reply.headers) == (status == 401 or reason == "SCOPE_NOT_GRANTED")
    assert ("ratelimit" in reply.headers) == (reason in ("SCOPE_NOT_GRANTED", "ROUTE_NOT_FOUND"))


def test_a_revoked_key_opens_nothing(gated: httpx.Client, running: Running) -> None:
    """From the reply to its revocation on, although answers for it were kept until then."""
    with closing(RestClient(running.rest)) as rest:
        name = f"Revoked {uuid4().hex[:6]}"
        ended = grant_access(
            rest, running.founder, requestedScopes=["nature:read"], companyName=name
        )
        for _ in range(20):
            assert gated.get(TRAILS, headers=bearer(ended.key)).status_code == 200
        ok(rest.call("RevokeKey", {"keyId": ended.key_id, "reason": "Lost."}, key=running.founder))
    reply = gated.get(TRAILS, headers=bearer(ended.key))
    assert (reply.status_code, reply.json()["error"]["reason"]) == (401, "KEY_REVOKED")


def test_answers_are_kept_and_end(gated: httpx.Client, access: Access) -> None:
    """Calls share a check, by its id, and later ones have another."""

    def check() -> Any:
        reply = gated.get("/v1/nature/echo", headers=bearer(access.key))
        return reply.json()["x-xaigh-request-id"]

    seen: list[Any] = []

    def shared() -> bool:
        seen.extend((check(), check()))
        return bool(seen[-2] == seen[-1])

    until(shared, "two calls in a row that share an answer")
    until(lambda: check() != seen[-1], "another answer")


@pytest.mark.parametrize(("options", "status"), [("", 503), (', when_unavailable="allow"', 200)])
def test_without_a_gateway(access: Access, tmp_path: Path, options: str, status: int) -> None:
    """Nobody passes, unless the service chose that everybody does."""
    with socket.socket() as nobody:  # bound, and never listening
        nobody.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{nobody.getsockname()[1]}"
        with service(tmp_path, XAIGH_ADDR=where, XAIGH_API_KEY="", OPTIONS=options) as client:
            # Without a credential of its own nothing is asked, and nobody passes.
            assert client.get("/v1/nature/echo", headers=bearer(access.key)).status_code == 503
        environ = {"XAIGH_ADDR": where, "XAIGH_API_KEY": access.key, "OPTIONS": options}
        with service(tmp_path, **environ) as client:
            reply = client.get("/v1/nature/echo", headers=bearer(access.key))
            assert reply.status_code == status
            if status == 503:
                assert reply.json()["error"]["reason"] == "UNAVAILABLE"
                assert reply.headers["retry-after"] == "1"
            else:
                assert not {"authorization", "x-xaigh-organization-id"} & set(reply.json())


def test_a_service_that_may_not_verify_lets_nobody_pass(
    running: Running, access: Access, tmp_path: Path
) -> None:
    """A founder's credential doesn't have the scope; failing open isn't meant for that."""
    environ = {"XAIGH_ADDR": running.grpc, "XAIGH_API_KEY": running.founder}
    with service(tmp_path, **environ, OPTIONS=', when_unavailable="allow"') as client:
        assert client.get(TRAILS, headers=bearer(access.key)).status_code == 503
    log = (tmp_path / "service.log").read_text()
    assert "doesn't answer this service" in log and running.founder not in log


def test_the_page_has_the_statuses_of_the_protos() -> None:
    """Its table of refusals names reasons that exist, each with its status."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| (\d{3}) \|", PAGE.read_text(), re.MULTILINE)
    assert len(rows) > 10
    values = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    for names, status in rows:
        for name in re.findall(r"[A-Z_]+", names):
            spec = values[name].GetOptions().Extensions[error_reason_pb2.reason_spec]
            assert (name, spec.http_status) == (name, int(status))
