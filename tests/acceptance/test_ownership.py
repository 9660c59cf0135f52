"""Proving a domain and a callback to a real server, which asks a name server of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.test_bad_input import violations
from tests.harness.access import ok, request_form
from tests.harness.api_client import ApiClient
from tests.harness.challenged_callback import ChallengedCallback, challenged
from tests.harness.name_server import NameServer, Zone
from tests.harness.server import Running, server
from tests.harness.threaded_name_server import threaded_name_server

from xaigh_client.webhooks import callback_secret, verify_webhook


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with threaded_name_server() as started:
        yield started


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, names: NameServer) -> Iterator[Running]:
    environ = {**ENVIRON, "XAIGH_NAME_SERVERS": names.address}
    with server(tmp_path_factory.mktemp("data"), **environ) as started:
        yield started


@pytest.fixture
def callback() -> Iterator[ChallengedCallback]:
    with challenged() as made:
        yield made


def test_a_domain_by_its_record(api: ApiClient, running: Running, names: NameServer) -> None:
    """The status says what to publish; before that the refusal says what is missing."""
    form = request_form(contactEmail="maya@proven.example")
    ticket = ok(api.call("SubmitAccessRequest", form))
    by_id = {"ticketId": ticket["ticketId"]}
    token = {"x_status_token": ticket["statusToken"]}
    wanted = ok(api.call("GetTicketStatus", by_id, **token))["ownershipInstructions"]
    names.zones.pop(wanted["dnsName"], None)
    refused = api.call("ProveDomain", by_id, **token)
    assert refused.body["reason"] == "DOMAIN_UNPROVEN"
    assert violations(refused.body) == {"contactEmail"}
    names.zones[wanted["dnsName"]] = Zone(texts=[wanted["dnsValue"].encode()])
    proven = ok(api.call("ProveDomain", by_id, **token))["proofs"][0]
    assert (proven["subject"], proven["state"]) == ("proven.example", "PROVEN")
    dossier = ok(api.call("GetDossier", by_id, key=running.founder))
    assert dossier["proofs"][0] == proven


def test_a_callback_by_its_answer(
    api: ApiClient, running: Running, callback: ChallengedCallback
) -> None:
    """Signed with what the holder of the status token derives."""
    form = request_form(callbackUrl=callback.url())
    ticket = ok(api.call("SubmitAccessRequest", form))
    by_id = {"ticketId": ticket["ticketId"]}
    token = {"x_status_token": ticket["statusToken"]}
    callback.honest = False
    refused = api.call("ProveCallback", by_id, **token)
    assert refused.body["reason"] == "CALLBACK_UNPROVEN"
    assert violations(refused.body) == {"callbackUrl"}
    callback.honest = True
    proofs = ok(api.call("ProveCallback", by_id, **token))["proofs"]
    assert [proof["state"] for proof in proofs] == ["UNPROVEN", "PROVEN"]
    headers, body = callback.challenges[-1]
    event = verify_webhook(body, headers, callback_secret(ticket["statusToken"], "ticket"))
    assert event.type == "callback.challenge"
    assert event.data["ticketId"] == ticket["ticketId"]


def test_a_free_mailbox_proves_nothing(api: ApiClient, running: Running) -> None:
    ticket = ok(api.call("SubmitAccessRequest", request_form(contactEmail="maya@gmail.com")))
    step = {"ticketId": ticket["ticketId"]}
    refused = api.call("ProveDomain", step, x_status_token=ticket["statusToken"])
    assert refused.body["reason"] == "DOMAIN_UNPROVABLE"


def test_a_foreign_status_token_proves_nothing(
    api: ApiClient, running: Running, callback: ChallengedCallback
) -> None:
    """And makes the server connect nowhere."""
    form = request_form(callbackUrl=callback.url())
    mine, theirs = (ok(api.call("SubmitAccessRequest", form)) for _ in range(2))
    for method in ("ProveDomain", "ProveCallback"):
        step = {"ticketId": theirs["ticketId"]}
        refused = api.call(method, step, x_status_token=mine["statusToken"])
        assert refused.body["reason"] == "NOT_FOUND"
    assert callback.challenges == []
