"""Replies over REST in every mode of a method: real ones and rehearsed ones are as published.

The `api` of these tests compares each reply with the schema in the published document, so that a
client made from that document can read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from tests.harness.access import (
    EMPLOYER,
    LIVE_TERMS,
    approval,
    grant_access,
    live_form,
    ok,
    prove_callback,
)
from tests.harness.api_client import RestClient
from tests.harness.schemas import violations
from tests.harness.server import Running

SCOPES = ["jobs:read", "jobs:write", "ats:read", "ats:sync", "ats:confirm"]
BOARD = "northline"
UNKNOWN_TITLE = {"id": 4, "title": ""}
UNREADABLE = {"title": "No id"}


def posting(number: int, **members: Any) -> dict[str, Any]:
    """One job of a Greenhouse board."""
    return {
        "id": number,
        "title": f"Picker {number}",
        "absolute_url": f"https://boards.greenhouse.io/{BOARD}/jobs/{number}",
        "location": {"name": "Reno, NV"},
        "updated_at": "2026-05-02T10:00:00Z",
        "content": "&lt;p&gt;Lift and carry.&lt;/p&gt;",
        **members,
    }


@pytest.fixture(scope="module")
def rest(running: Running) -> Iterator[RestClient]:
    with closing(RestClient(running.rest)) as api:
        yield api


class Feed:
    """An organization's active integration, and syncs of it."""

    def __init__(self, rest: RestClient, founder: str) -> None:
        self.rest = rest
        self.key = grant_access(rest, founder, requestedScopes=SCOPES).key
        wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [EMPLOYER]}
        ok(rest.call("CreateIntegration", {"integration": wanted}, key=self.key))

    def sync(self, *jobs: dict[str, Any], name: str, **said: Any) -> Any:
        """A batch under an idempotency key of its own."""
        body = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": list(jobs), **said}
        return ok(self.rest.call("SyncJobs", body, key=self.key, idempotency_key=name))

    def rehearse(self, *jobs: dict[str, Any], **said: Any) -> Any:
        """The same without a key, and without a trace."""
        body = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": list(jobs), **said}
        return ok(self.rest.call("SyncJobs", {**body, "validateOnly": True}, key=self.key))


@pytest.fixture
def feed(rest: RestClient, running: Running) -> Feed:
    return Feed(rest, running.founder)


def outcomes(reply: Any) -> list[str]:
    """The word for each record."""
    return [each["outcome"] for each in reply.get("outcomes", ())]


def closed(reply: Any) -> tuple[str, list[str]]:
    """What became of the roles that the feed didn't hold, and which those are."""
    close = reply["run"]["close"]
    return close["state"], [role["externalJobId"] for role in close.get("roles", ())]


def test_a_reply_without_a_promised_member_is_found() -> None:
    """The comparison itself: a run without its id isn't as published."""
    assert violations("syncJobs", 200, {"run": {"syncRunId": "run_1"}}) == []
    assert violations("syncJobs", 200, {"run": {}}) == ["$.run: 'syncRunId' is a required property"]


class TestSyncs:
    def test_a_rehearsal_says_what_a_sync_says(self, feed: Feed) -> None:
        """Members and outcomes are those of the sync that follows; the run's id is its own."""
        jobs = (posting(1), UNKNOWN_TITLE, UNREADABLE, posting(1))
        rehearsed = feed.rehearse(*jobs)
        done = feed.sync(*jobs, name="a")
        assert outcomes(rehearsed) == ["CREATED", "REJECTED", "REJECTED", "UNCHANGED"]
        assert rehearsed["outcomes"] == done["outcomes"]
        assert rehearsed["syncRunId"] == rehearsed["run"]["syncRunId"] != done["syncRunId"]
        assert rehearsed.keys() - done.keys() == {"validateOnly"}
        assert rehearsed["run"].keys() == done["run"].keys()

    def test_a_rehearsed_run_is_not_kept(self, feed: Feed) -> None:
        """Its id is of no run."""
        rehearsed = feed.rehearse(posting(1))
        runs = ok(feed.rest.call("ListSyncRuns", {}, key=feed.key)).get("runs", [])
        assert rehearsed["syncRunId"] not in [run["syncRunId"] for run in runs]
        refused = feed.rest.call(
            "ConfirmClose", {"syncRunId": rehearsed["syncRunId"], "closeCount": 1}, key=feed.key
        )
        assert refused.code == "not_found"

    @pytest.mark.parametrize("rehearsed", [True, False])
    def test_a_rejected_record_has_the_id_of_its_mirror_or_none(
        self, feed: Feed, rehearsed: bool
    ) -> None:
        """A mirror that nobody made has no id; of one that stands the record is told."""
        jobs = (UNKNOWN_TITLE, dict(UNKNOWN_TITLE), UNREADABLE)
        first = feed.rehearse(*jobs) if rehearsed else feed.sync(*jobs, name="a")
        assert outcomes(first) == ["REJECTED"] * 3
        assert [each.get("jobId") for each in first["outcomes"]] == [None] * 3
        made = feed.sync(posting(4), name="b")["outcomes"][0]["jobId"]
        again = feed.rehearse(*jobs) if rehearsed else feed.sync(*jobs, name="c")
        assert [each.get("jobId") for each in again["outcomes"]] == [made, made, None]

    def test_every_outcome_and_a_close(self, feed: Feed) -> None:
        """Each word over REST, rehearsed before it is done."""
        older = posting(3, title="Old", updated_at="2026-05-01T10:00:00Z")
        steps: list[tuple[list[dict[str, Any]], list[str]]] = [
            ([posting(1), posting(2), posting(3)], ["CREATED"] * 3),
            ([posting(1), posting(2, title="Packer"), older],
             ["UNCHANGED", "UPDATED", "STALE_SKIPPED"]),
            ([posting(1), posting(3)], ["UNCHANGED", "UNCHANGED"]),
            ([posting(1), posting(2, title="Packer"), posting(3)],
             ["UNCHANGED", "REOPENED", "UNCHANGED"]),
            ([], []),
        ]  # fmt: skip
        for step, (jobs, expected) in enumerate(steps):
            said = {"closeMissing": True, "expectedTotal": len(jobs)}
            rehearsed = feed.rehearse(*jobs, **said)
            done = feed.sync(*jobs, name=f"step-{step}", **said)
            assert outcomes(rehearsed) == outcomes(done) == expected
            assert closed(rehearsed) == closed(done)
        assert closed(done) == ("HELD", ["1", "2", "3"])

    def test_a_run_of_several_batches(self, feed: Feed) -> None:
        """Open, resumed, repeated, rehearsed in between, and complete."""
        run = {"syncRunId": "nightly"}
        opened = feed.sync(posting(1), name="a", **run, batchIndex=0)
        assert opened["run"]["state"] == "OPEN"
        rehearsed = feed.rehearse(posting(2), **run, batchIndex=1)
        assert (rehearsed["syncRunId"], outcomes(rehearsed)) == ("nightly", ["CREATED"])
        last = {**run, "batchIndex": 1, "complete": True, "expectedTotal": 2}
        assert feed.sync(posting(2), name="b", **last)["run"]["state"] == "COMPLETED"
        repeated = feed.sync(posting(1), name="c", **run, batchIndex=0)
        assert repeated["replayed"] and outcomes(repeated) == ["CREATED"]
        assert feed.sync(posting(2), name="b", **last)["run"]["state"] == "COMPLETED"
        for method in ("ListSyncRuns", "ListSyncEvents", "GetSyncStatus"):
            assert ok(feed.rest.call(method, {}, key=feed.key))


class TestApprovals:
    @pytest.mark.parametrize("environment", ["sandbox", "production"])
    def test_a_rehearsed_approval_and_a_real_one(
        self, rest: RestClient, running: Running, environment: str
    ) -> None:
        """What would be done, for the sandbox a grant and for production a proposal."""
        sent = ok(rest.call("SubmitAccessRequest", live_form(environments=[environment])))
        prove_callback(rest, sent)
        ticket = sent["ticketId"]
        etag = ok(rest.call("StartReview", {"ticketId": ticket}, key=running.founder))["etag"]
        wanted = approval(ticket, environment, etag, **LIVE_TERMS)
        rehearsal = {**wanted, "validateOnly": True}
        rehearsed = ok(rest.call("ApproveAccessRequest", rehearsal, key=running.founder))
        assert rehearsed["accessRequest"]["ticketId"] == ticket
        done = ok(rest.call("ApproveAccessRequest", wanted, key=running.founder))
        assert rehearsed["outcome"] == done["outcome"]
