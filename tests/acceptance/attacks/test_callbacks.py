"""Callbacks whose names never resolve, or that lead back to the gateway itself."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, ok, request_form
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.server import Running, server
from tests.harness.waiting import until

MOST_SECONDS = 2.0


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """A name server that takes every query and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, silent: str) -> Iterator[Running]:
    """A server with names of its own, whose name server never answers."""
    own = {"XAIGH_PUBLIC_NAMES": "api.example.com,*.gate.example.com,8.8.4.4"}
    folder = tmp_path_factory.mktemp("data")
    environ = {**ENVIRON, **own, "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "false"}
    with server(folder, **environ, XAIGH_NAME_SERVERS=silent) as started:
        yield started


@pytest.fixture(scope="module")
def access(api: ApiClient, running: Running) -> Access:
    scopes = ["webhooks:read", "webhooks:write", "jobs:read"]
    return grant_access(api, running.founder, requestedScopes=scopes)


def test_a_dead_name_server_holds_no_submission(api: ApiClient) -> None:
    """Both callbacks are looked up at once; an address that is unknown is a reviewer's finding."""
    form = request_form(
        callbackUrl="https://one.example.net/", sandboxCallbackUrl="https://two.example.net/"
    )
    started = time.monotonic()
    ticket = ok(api.call("SubmitAccessRequest", form))
    assert ticket["state"] == "SUBMITTED"
    assert time.monotonic() - started < MOST_SECONDS + 0.5  # the look-ups, and a slow machine


def test_dead_names_of_one_organization_delay_no_other(api: ApiClient, running: Running) -> None:
    """While forty look-ups of one organization hang, another one's takes its own time alone."""
    dead, other = (_organization(api, running, name) for name in ("Dead", "Other"))
    with _endpoints_being_made(running, dead.key, 40):
        started = time.monotonic()
        ok(_create(api, other.key, "https://hooks.other.example/"))
        assert time.monotonic() - started < MOST_SECONDS + 0.5


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1/jobs",
        "https://API.example.com:8443/",
        "https://eu.gate.example.com/",
        "https://8.8.4.4/",
    ],
)
def test_the_gateway_is_nobodys_callback(api: ApiClient, access: Access, url: str) -> None:
    """Neither of a request nor of an endpoint, new or changed; the field and the cure are named."""
    refused = [
        api.call("SubmitAccessRequest", request_form(callbackUrl=url)),
        api.call("SubmitAccessRequest", request_form(sandboxCallbackUrl=url)),
        _create(api, access.key, url),
    ]
    for reply in refused:
        assert reply.body["reason"] == "CALLBACK_FORBIDDEN"
        assert "this server's own" in str(reply.body)


def test_no_look_up_for_an_organization_without_room(api: ApiClient, running: Running) -> None:
    """The quota comes before the look-up: the refusal doesn't wait for the name server."""
    full = _organization(api, running, "Full")
    for number in range(50):
        made = _create(api, full.key, f"https://8.8.8.8/{number}")
        if made.code != "ok":
            break
    assert made.code != "ok", made.body
    started = time.monotonic()
    late = _create(api, full.key, "https://late.example.net/")
    assert late.body["reason"] == "QUOTA_EXCEEDED"
    assert time.monotonic() - started < 1.0, "it was looked up, which takes 1.5 s here"


def test_an_endpoint_of_a_leaked_key_is_disabled(api: ApiClient, running: Running) -> None:
    """Revoked as leaked, the key takes its endpoint with it; another key's goes on."""
    scopes = ["webhooks:read", "webhooks:write"]
    first = grant_access(
        api,
        running.founder,
        approval_terms={"keyAllowance": 3},
        companyName="Leaky",
        contactEmail="a@leaky.example",
        requestedScopes=scopes,
    )
    order = {"grantId": first.grant_id, "name": "second"}
    second = ok(api.call("IssueKey", order, key=running.founder))["apiKey"]
    its = ok(_create(api, first.key, "https://8.8.8.8/its"))["endpointId"]
    other = ok(_create(api, second, "https://8.8.8.8/other"))["endpointId"]
    asked = {"keyId": first.key_id, "reason": "on a forum", "leaked": True}
    ok(api.call("RevokeKey", asked, key=running.founder))

    def state(endpoint_id: str) -> str:
        shown = ok(api.call("GetEndpoint", {"endpointId": endpoint_id}, key=second))
        return str(shown.get("disableReason", shown["state"]))

    until(lambda: state(its) == "KEY_LEAKED", "its endpoint is disabled")
    assert state(other) == "ENABLED"
    # Said of a key that is revoked already, it holds as well.
    third = ok(api.call("IssueKey", {**order, "name": "third"}, key=running.founder))["apiKey"]
    late = ok(_create(api, third, "https://8.8.8.8/late"))["endpointId"]
    for leaked in (False, True):
        asked = {"keyId": third[8:18], "reason": "lost", "leaked": leaked}
        ok(api.call("RevokeKey", asked, key=running.founder))
    until(lambda: state(late) == "KEY_LEAKED", "its endpoint is disabled, too")


def _organization(api: ApiClient, running: Running, name: str) -> Access:
    contact = f"ada@{name.lower()}.example"
    return grant_access(
        api,
        running.founder,
        companyName=name,
        contactEmail=contact,
        requestedScopes=["webhooks:write"],
    )


def _create(api: ApiClient, key: str, url: str) -> Reply:
    asked = {"url": url, "eventTypes": ["key.revoked"]}
    return api.call("CreateEndpoint", asked, key=key)


@contextmanager
def _endpoints_being_made(running: Running, key: str, count: int) -> Iterator[None]:
    """Callers that make endpoints with dead names until the block ends."""
    ended = threading.Event()

    def work(number: int) -> None:
        made = RestClient(running.rest) if number % 2 else GrpcClient(running.grpc)
        with closing(made) as api:
            while not ended.is_set():
                _create(api, key, f"https://dead-{number}.example.net/")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)
