"""Exactly one wins: 50 at once, on two server processes over the same files."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from tests.acceptance.conftest import both_engines
from tests.harness.access import (
    LIVE_TERMS,
    Access,
    approval,
    grant_access,
    job_form,
    live_form,
    ok,
    prove_callback,
    request_form,
)
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.server import Running, operator, server, verify_audit

databases = both_engines

AT_ONCE = 50


@pytest.fixture(scope="module")
def apis(running: Running) -> Iterator[list[ApiClient]]:
    """A client for each racer: four kinds, by both transports of both processes."""
    with server(running.data_dir, **running.environ) as other:
        made: list[ApiClient] = []
        for number in range(AT_ONCE):
            place = running if number % 2 else other
            made.append(RestClient(place.rest) if number % 4 < 2 else GrpcClient(place.grpc))
        yield made
        for each in made:
            each.close()


@pytest.fixture(scope="module")
def start(running: Running) -> Iterator[RestClient]:
    """One api for what comes before and after."""
    with closing(RestClient(running.rest)) as made:
        yield made


def race(apis: list[ApiClient], run: Callable[[ApiClient, int], Reply]) -> list[Reply]:
    """Runs all of them as nearly at once as threads can."""
    gate = threading.Barrier(len(apis))

    def one(number: int) -> Reply:
        gate.wait(timeout=20)
        return run(apis[number], number)

    with ThreadPoolExecutor(len(apis)) as pool:
        return list(pool.map(one, range(len(apis))))


def tally(replies: list[Reply]) -> Counter[str]:
    """How many ended how: `ok`, or the reason."""
    return Counter("ok" if each.code == "ok" else each.body["reason"] for each in replies)


def started(api: ApiClient, founder: str, **form: Any) -> tuple[str, str]:
    """A ticket under review: its id and etag."""
    asked = request_form(failureMode="we call", **form)
    ticket_id = ok(api.call("SubmitAccessRequest", asked))["ticketId"]
    begun = ok(api.call("StartReview", {"ticketId": ticket_id}, key=founder))
    return ticket_id, begun["etag"]


def test_of_many_approvals_one_makes_the_grant(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """The others hear that somebody was faster; one grant exists."""
    ticket_id, etag = started(start, running.founder)
    wanted = approval(ticket_id, "sandbox", etag)
    replies = race(
        apis, lambda api, _: api.call("ApproveAccessRequest", wanted, key=running.founder)
    )
    counts = tally(replies)
    assert counts["ok"] == 1
    assert set(counts) <= {"ok", "ETAG_MISMATCH", "ILLEGAL_TRANSITION", "CONCURRENT_UPDATE"}
    grants = ok(start.call("ListGrants", {"ticketId": ticket_id}, key=running.founder))
    assert len(grants["grants"]) == 1


def test_of_approvals_and_denials_one_decides(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """Never both: what stands is what the winner was told."""
    ticket_id, etag = started(start, running.founder, environments=["sandbox"])
    yes = approval(ticket_id, "sandbox", etag)
    no = {"ticketId": ticket_id, "etag": etag, "publicReason": "No."}

    def decide(api: ApiClient, number: int) -> Reply:
        if number % 3:
            return api.call("ApproveAccessRequest", yes, key=running.founder)
        return api.call("DenyAccessRequest", no, key=running.founder)

    replies = race(apis, decide)
    (winner,) = [each for each in replies if each.code == "ok"]
    stands = ok(start.call("GetAccessRequest", {"ticketId": ticket_id}, key=running.founder))
    assert stands["state"] == winner.body.get("accessRequest", winner.body)["state"]
    grants = ok(start.call("ListGrants", {"ticketId": ticket_id}, key=running.founder))
    assert len(grants.get("grants", [])) == (1 if stands["state"] == "APPROVED" else 0)


def test_of_two_operators_confirmations_one_makes_the_grant(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """A proposal is confirmed once."""
    second = operator(running.data_dir, "racer", "founder", **running.environ)
    sent = ok(start.call("SubmitAccessRequest", live_form()))
    prove_callback(start, sent)
    ticket_id = sent["ticketId"]
    etag = ok(start.call("StartReview", {"ticketId": ticket_id}, key=running.founder))["etag"]
    wanted = approval(ticket_id, "production", etag, **LIVE_TERMS)
    proposed = start.call("ApproveAccessRequest", wanted, key=running.founder)
    proposal = ok(proposed)["proposal"]
    named = {"proposalId": proposal["proposalId"], "etag": proposal["etag"]}
    replies = race(apis, lambda api, _: api.call("ConfirmProposal", named, key=second))
    assert tally(replies) == {"ok": 1, "PROPOSAL_CLOSED": AT_ONCE - 1}
    grants = ok(start.call("ListGrants", {"ticketId": ticket_id}, key=running.founder))
    assert len(grants["grants"]) == 1


def test_an_allowance_is_never_exceeded(apis: list[ApiClient], start: RestClient, running: Running):
    """Fifty ask for a key from a grant of seven: with the first one, seven keys exist."""
    access = grant_access(start, running.founder, approval_terms={"keyAllowance": 7})
    replies = race(
        apis,
        lambda api, number: api.call(
            "IssueKey", {"grantId": access.grant_id, "name": f"k{number}"}, key=running.founder
        ),
    )
    assert tally(replies) == {"ok": 6, "ALLOWANCE_SPENT": AT_ONCE - 6}
    listed = ok(
        start.call("ListKeys", {"grantId": access.grant_id, "pageSize": 99}, key=running.founder)
    )
    shown = {each.body["apiKey"][8:18] for each in replies if each.code == "ok"}
    assert {key["keyId"] for key in listed["keys"]} == shown | {access.key_id}


def test_of_many_rotations_one_replaces_the_key(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """One new key works, the old one doesn't, and nobody else got one."""
    access = grant_access(start, running.founder)
    replies = race(
        apis,
        lambda api, _: api.call("RotateKey", {"keyId": access.key_id}, key=running.founder),
    )
    counts = tally(replies)
    assert counts["ok"] == 1
    assert set(counts) <= {"ok", "KEY_INACTIVE", "KEY_ROTATION_OPEN", "CONCURRENT_UPDATE"}
    (new,) = [each.body["apiKey"] for each in replies if each.code == "ok"]
    ok(start.call("WhoAmI", {}, key=new))
    assert start.call("WhoAmI", {}, key=access.key).body["reason"] == "KEY_ROTATED"


def test_one_idempotency_key_makes_one_job(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """By both transports of both processes: the same job for all, and all but one are replays."""
    access = grant_access(start, running.founder)
    replies = race(
        apis,
        lambda api, _: api.call("PostJob", job_form(), key=access.key, idempotency_key="one"),
    )
    assert tally(replies) == {"ok": AT_ONCE}
    assert len({each.body["jobId"] for each in replies}) == 1
    replayed = Counter(each.headers.get("idempotent-replayed", "") for each in replies)
    assert replayed == {"true": AT_ONCE - 1, "": 1}
    assert len(ok(start.call("ListJobs", {}, key=access.key))["jobs"]) == 1


def test_one_idempotency_key_shows_one_secret(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """A repeated issue spends once, and shows the key once."""
    access = grant_access(start, running.founder, approval_terms={"keyAllowance": 9})
    order = {"grantId": access.grant_id, "name": "raced"}
    replies = race(
        apis,
        lambda api, _: api.call(
            "IssueKey", order, key=running.founder, idempotency_key=f"race-{access.grant_id}"
        ),
    )
    assert tally(replies) == {"ok": AT_ONCE}
    assert len({each.body["key"]["keyId"] for each in replies}) == 1
    assert Counter(each.body["disclosure"] for each in replies) == {
        "SHOWN": 1,
        "WITHHELD": AT_ONCE - 1,
    }


def test_a_revocation_lets_no_later_call_through(
    apis: list[ApiClient], start: RestClient, running: Running
):
    """While many use a key, it is revoked: what begins after the reply fails, wherever it runs."""
    access: Access = grant_access(start, running.founder)
    revoked = threading.Event()
    late: list[tuple[str, str]] = []

    def use(api: ApiClient, number: int) -> Reply:
        if number == 0:
            wanted = {"keyId": access.key_id, "reason": "raced"}
            reply = start.call("RevokeKey", wanted, key=running.founder)
            assert reply.code == "ok", reply.body
            revoked.set()
            return reply
        for _ in range(10_000):
            after = revoked.is_set()
            reply = api.call("WhoAmI", {}, key=access.key)
            if after:
                late.append((reply.code, reply.body.get("reason", "")))
                return reply
        raise AssertionError("the revocation never came")

    race(apis[:12], use)
    assert late == [("unauthenticated", "KEY_REVOKED")] * 11


def test_the_audit_chain_holds_after_all_that(running: Running, start: RestClient):
    """Two processes wrote it together; it has no gap and no fork."""
    done = verify_audit(running.data_dir, "--allow-unanchored", **running.environ)
    assert done.returncode == 0, done.stdout
    events = ok(start.call("ListAuditEvents", {"pageSize": 200}, key=running.founder))
    assert "apiKey" not in json.dumps(events)
