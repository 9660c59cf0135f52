"""`xaigh ticket proofs`, `prove-domain` and `prove-callback`."""

from __future__ import annotations

import grpc
import pytest
from tests.unit.client.cli.command_runner import CommandRunner, timestamp
from tests.unit.client.scripted_server import Fail

from xaigh.access.v1.access_request_service_pb2 import TicketStatus
from xaigh.access.v1.ownership_pb2 import OwnershipInstructions, OwnershipProof

STATUS = TicketStatus(
    ticket_id="tkt_1",
    proofs=[
        OwnershipProof(
            kind=OwnershipProof.DOMAIN, subject="northwind.example", state=OwnershipProof.UNPROVEN
        ),
        OwnershipProof(
            kind=OwnershipProof.CALLBACK,
            subject="https://hooks.northwind.example/",
            state=OwnershipProof.LAPSED,
            method=OwnershipProof.CHALLENGE,
            prove_time=timestamp("2026-06-01T00:00:00Z"),
            finding="It answered 500.",
        ),
    ],
    ownership_instructions=OwnershipInstructions(steps=["Publish the TXT record."]),
)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The applicant's status token is in the environment."""
    monkeypatch.setenv("XAIGH_STATUS_TOKEN", "xst_" + "a" * 38)


def test_proofs_show_what_is_left(cli: CommandRunner) -> None:
    """Each with its state, and the steps behind them."""
    cli.script("GetTicketStatus", STATUS)
    done = cli.run("ticket", "proofs", "tkt_1")
    assert "domain northwind.example\tunproven" in done.out
    assert "lapsed" in done.out
    assert "It answered 500." in done.out
    assert "Publish the TXT record." in done.out


@pytest.mark.parametrize("what", ["domain", "callback"])
def test_a_proof_names_the_ticket(cli: CommandRunner, what: str) -> None:
    method = f"Prove{what.title()}"
    cli.script(method, STATUS)
    assert cli.run("ticket", f"prove-{what}", "tkt_1").code == 0
    (sent,) = cli.sent(method)
    assert sent.ticket_id == "tkt_1"


def test_a_refusal_says_what_was_found(cli: CommandRunner) -> None:
    refusal = Fail(
        code=grpc.StatusCode.FAILED_PRECONDITION,
        reason="DOMAIN_UNPROVEN",
        message="northwind.example isn't proven",
    )
    cli.script("ProveDomain", refusal)
    done = cli.run("ticket", "prove-domain", "tkt_1")
    assert (done.code != 0, "isn't proven" in done.err) == (True, True)
