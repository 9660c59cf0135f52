"""A stranger can't fill the disk with access requests: what one address has stored is bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.acceptance.conftest import ENVIRON
from tests.harness.access import ok, request_form
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.server import server

BYTES = 1024 * 1024
LIMITS = {
    "XAIGH_PUBLIC_BYTES_PER_DAY": str(BYTES),
    "XAIGH_PUBLIC_LIMIT_PER_MINUTE": "10000",
    "XAIGH_CONTACT_LIMIT_PER_DAY": "10000",
}
TRIES = 200


def big_form(number: int) -> dict[str, Any]:
    """A form of 100 kB, every time another one."""
    employers = [f"employer-{number}-{each}-".ljust(128, "x") for each in range(700)]
    return request_form(useCase="ö" * 5000, employerUserIds=employers)


def stored(data_dir: Path) -> int:
    """The size of the control database and of its log of writes."""
    return sum(each.stat().st_size for each in data_dir.glob("control.db*"))


def test_submits_and_amendments_of_one_address_are_bounded(data_dir: Path) -> None:
    """200 of each, over both transports, then short replies under idempotency keys."""
    with server(data_dir, **{**ENVIRON, **LIMITS}) as running:
        before = stored(data_dir)
        rest, rpc = RestClient(running.rest), GrpcClient(running.grpc)
        tickets = []
        refused = []
        for number in range(TRIES):
            reply = (rest, rpc)[number % 2].call("SubmitAccessRequest", big_form(number))
            if reply.code == "ok":
                tickets.append(ok(reply))
            else:
                refused.append(reply)
        assert 5 <= len(tickets) <= BYTES // 100_000
        for reply in refused:
            assert (reply.code, reply.reason) == ("rate_limited", "PEER_STORAGE_SPENT")
            assert 86_000 < int(reply.headers["retry-after"]) <= 86_400
        mine = {"ticketId": tickets[0]["ticketId"]}
        token = tickets[0]["statusToken"]
        codes = set()
        for number in range(TRIES):
            amended = rest.call(
                "AmendAccessRequest", {**mine, "form": big_form(number)}, x_status_token=token
            )
            codes.add(amended.reason)
        assert codes == {"PEER_STORAGE_SPENT"}
        assert ok(rest.call("GetTicketStatus", mine, x_status_token=token))["revision"] == 1
        assert stored(data_dir) - before < 8 * BYTES
        rest.close()
        rpc.close()


def test_one_ticket_is_bounded_whoever_sends(data_dir: Path) -> None:
    """Many addresses together can't send more for it; it can still be withdrawn."""
    limits = {**LIMITS, "XAIGH_TRUSTED_PROXIES": "127.0.0.0/8"}
    with server(data_dir, **{**ENVIRON, **limits}) as running:
        rest = RestClient(running.rest)
        ticket = ok(rest.call("SubmitAccessRequest", big_form(0)))
        mine = {"ticketId": ticket["ticketId"]}
        headers = {"x_status_token": ticket["statusToken"]}
        for number in range(10):
            amended = rest.call(
                "AmendAccessRequest",
                {**mine, "form": big_form(number)},
                x_forwarded_for=f"203.0.113.{number}",
                **headers,
            )
        assert (amended.code, amended.reason) == ("failed_precondition", "TICKET_FULL")
        assert 3 <= ok(rest.call("GetTicketStatus", mine, **headers))["revision"] <= 5
        assert ok(rest.call("WithdrawAccessRequest", mine, **headers))["state"] == "WITHDRAWN"
        rest.close()
