"""What is read or tried leaves a trace: the log itself, sealed keys, tests, probes, streams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyrage
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, ok
from tests.harness.api_client import ApiClient
from tests.harness.open_calls import GrpcOpenCall, RestOpenCall
from tests.harness.server import Running, server
from tests.harness.waiting import until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that takes a caller's address from its proxy."""
    proxied = {"XAIGH_TRUSTED_PROXIES": "127.0.0.0/8"}
    with server(tmp_path_factory.mktemp("data"), **ENVIRON, **proxied) as started:
        yield started


def events(api: ApiClient, running: Running, **filters: str) -> list[dict[str, Any]]:
    """The newest events that match."""
    found = ok(api.call("ListAuditEvents", filters, key=running.founder))
    listed: list[dict[str, Any]] = found.get("auditEvents", [])
    return listed


def test_reading_the_log_is_an_event_with_its_filters(api: ApiClient, running: Running) -> None:
    """One for each call, who made it and what it looked for."""
    ok(api.call("ListAuditEvents", {"action": "key.issued"}, key=running.founder))
    first = events(api, running, action="audit_log.read")[0]
    assert first["actor"].startswith("operator:")
    assert first["after"] == {"action": "key.issued"}


def test_a_sealed_key_is_fetched_under_the_eyes_of_the_log(
    api: ApiClient, running: Running
) -> None:
    """By the applicant, whose status token proved the ticket; a wrong token leaves no event."""
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    access = grant_access(api, running.founder, sealTo=recipient, companyName=f"Sealed {api.name}")
    asked = {"ticketId": access.ticket_id}
    wrong = api.call("GetSealedKey", asked, x_status_token="xst_wrong")
    assert wrong.code == "not_found"
    assert not events(api, running, action="sealed_key.fetched", target=access.ticket_id)
    ok(api.call("GetSealedKey", asked, x_status_token=access.status_token))
    (event,) = events(api, running, action="sealed_key.fetched", target=access.ticket_id)
    assert event["actor"] == f"applicant:{access.ticket_id}"


def test_a_test_event_and_a_probe_are_audited(api: ApiClient, running: Running) -> None:
    """A dossier that connects to nobody isn't."""
    scopes = ["webhooks:read", "webhooks:write"]
    access = grant_access(
        api, running.founder, requestedScopes=scopes, companyName=f"Probed {api.name}"
    )
    form = {"url": "https://8.8.8.8/", "eventTypes": ["key.revoked"]}
    endpoint = ok(api.call("CreateEndpoint", form, key=access.key))["endpointId"]
    ok(api.call("SendTest", {"endpointId": endpoint}, key=access.key))
    (tested,) = events(api, running, action="webhook_endpoint.tested", target=endpoint)
    assert tested["actor"] == f"key:{access.key_id}"
    asked = {"ticketId": access.ticket_id}
    ok(api.call("GetDossier", asked, key=running.founder))
    assert not events(api, running, action="callback.probed", target=access.ticket_id)
    ok(api.call("GetDossier", {**asked, "probeCallback": True}, key=running.founder))
    (probed,) = events(api, running, action="callback.probed", target=access.ticket_id)
    assert probed["actor"].startswith("operator:")


def test_a_key_that_reads_the_log_is_named(
    api: ApiClient, running: Running, access: Access
) -> None:
    """It is refused, and the refusal stands in the log that it wanted to read."""
    assert api.call("ListAuditEvents", {}, key=access.key).code != "ok"
    refused = events(api, running, target=access.key_id)[0]
    assert (refused["outcome"], refused["actor"]) == ("REFUSED", f"key:{access.key_id}")


def test_tries_without_a_credential_are_named_by_their_address(
    api: ApiClient, running: Running
) -> None:
    """Of methods that are audited; once a minute, whatever was tried."""
    peer = {"REST": "203.0.113.7", "gRPC": "203.0.113.8"}[api.name]
    for method, body in (
        ("RevokeKey", {"keyId": "0DHGJktXuu", "reason": "x"}),
        ("RotateKey", {"keyId": "0DHGJktXuu"}),
    ):
        reply = api.call(method, body, x_forwarded_for=peer)
        assert reply.reason == "CREDENTIALS_MISSING"
    found = [each for each in events(api, running, action="call.refused") if each["peer"] == peer]
    assert [(each["outcome"], each["after"]["tried"]) for each in found] == [
        ("REFUSED", "key.revoked")
    ]


def test_a_watch_that_ends_with_its_key_is_named(api: ApiClient, running: Running) -> None:
    """A refusal in the middle of a stream is one like any other."""
    access = grant_access(api, running.founder, companyName=f"Watched {api.name}")
    address, kind = (
        (running.rest, RestOpenCall) if api.name == "REST" else (running.grpc, GrpcOpenCall)
    )
    with closing(kind(address, "WatchJobs", access.key)) as watch:
        until(lambda: bool(watch.replies), "the watch has begun")
        ok(api.call("RevokeKey", {"keyId": access.key_id, "reason": "x"}, key=running.founder))
        assert watch.wait() == "KEY_REVOKED"
    refused = [
        each["after"]["method"].rpartition(".")[2]
        for each in events(api, running, target=access.key_id)
        if each["outcome"] == "REFUSED"
    ]
    assert refused == ["WatchJobs"]
