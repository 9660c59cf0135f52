"""Syncs against a real server: both faces, feeds as NDJSON, and SIGKILL in the midst of a run."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.support.access import EMPLOYER, grant_access, ok
from tests.support.faces import Face, GrpcFace, RestFace
from tests.support.server import Running, server

databases = both_engines

SCOPES = ["jobs:read", "jobs:write", "ats:read", "ats:sync", "ats:confirm"]
BOARD = "northline"


def posting(number: int, **members: Any) -> dict[str, Any]:
    """One job of a Greenhouse board."""
    return {
        "id": number,
        "internal_job_id": number + 1,
        "title": f"Picker {number}",
        "absolute_url": f"https://boards.greenhouse.io/{BOARD}/jobs/{number}",
        "location": {"name": "Reno, NV"},
        "updated_at": "2026-05-01T10:00:00-04:00",
        "content": "&lt;p&gt;Lift and carry.&lt;/p&gt;",
        **members,
    }


def integrated(running: Running, face: Face) -> str:
    """A key of an organization of its own, with an active integration."""
    key = grant_access(face, running.founder, requestedScopes=SCOPES).key
    wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [EMPLOYER]}
    made = ok(face.call("CreateIntegration", {"integration": wanted}, key=key))
    step = {"integrationId": made["integrationId"], "environment": "sandbox"}
    ok(face.call("ActivateIntegration", step, key=running.founder))
    return key


def lines(feed: Sequence[dict[str, Any]], *, total: int, **said: Any) -> Iterator[bytes]:
    """A feed as NDJSON, one line at a time."""
    opening = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, **said}
    for line in ({"open": opening}, *({"job": job} for job in feed)):
        yield json.dumps(line).encode() + b"\n"
    yield json.dumps({"complete": {"expectedTotal": total}}).encode() + b"\n"


def send(address: str, key: str, body: Iterator[bytes]) -> list[dict[str, Any]]:
    """Sends a feed and returns the lines of the answer."""
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/x-ndjson",
        "Accept": "application/x-ndjson",
    }
    with httpx.Client(timeout=60) as client:
        reply = client.post(f"http://{address}/v1/jobs/ats/feed", content=body, headers=headers)
    assert reply.status_code == 200, reply.text
    return [json.loads(line) for line in reply.text.splitlines() if line]


class TestFaces:
    def test_a_board_and_the_same_board_later(self, running: Running, face: Face) -> None:
        """Created, unchanged, exactly the missing one closed; a direct write is refused."""
        key = integrated(running, face)
        said = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "closeMissing": True}

        def sync(numbers: Sequence[int], name: str) -> Any:
            body = {**said, "jobs": [posting(n) for n in numbers], "expectedTotal": len(numbers)}
            return ok(face.call("SyncJobs", body, key=key, idempotency_key=name))

        first = sync([1, 2, 3], "monday")
        assert [each["outcome"] for each in first["outcomes"]] == ["CREATED"] * 3
        second = sync([1, 3], "thursday")
        assert [each["outcome"] for each in second["outcomes"]] == ["UNCHANGED"] * 2
        gone = second["run"]["close"]["roles"]
        assert [role["externalJobId"] for role in gone] == ["2"]
        job = ok(face.call("GetJob", {"jobId": gone[0]["jobId"]}, key=key))
        assert job["publicationStatus"]["closeReason"] == "ATS_MISSING_FROM_AUTHORITATIVE_SYNC"
        change = {"job": {"jobId": job["jobId"], "jobContent": {"title": "Mine"}}}
        refused = face.call("UpdateJob", change, key=key)
        assert (refused.code, refused.body["reason"]) == (
            "failed_precondition",
            "ATS_INGEST_REQUIRED",
        )

    def test_a_repeat_may_take_the_other_transport(self, running: Running) -> None:
        """The same batch under the same key replays; another is refused."""
        with closing(RestFace(running.rest)) as rest, closing(GrpcFace(running.grpc)) as grpc:
            key = integrated(running, rest)
            body = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": [posting(1)]}
            first = ok(rest.call("SyncJobs", body, key=key, idempotency_key="a"))
            assert ok(grpc.call("SyncJobs", body, key=key, idempotency_key="a")) == first
            changed = {**body, "jobs": [posting(1, title="Packer")]}
            for face in (rest, grpc):
                refused = face.call("SyncJobs", changed, key=key, idempotency_key="a")
                assert refused.body["reason"] == "IDEMPOTENCY_KEY_REUSED"

    def test_a_rehearsal_needs_no_key(self, running: Running, face: Face) -> None:
        """And a sync does."""
        key = integrated(running, face)
        body = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": [posting(1)]}
        refused = face.call("SyncJobs", body, key=key)
        assert refused.body["reason"] == "IDEMPOTENCY_KEY_MISSING"
        answer = ok(face.call("SyncJobs", {**body, "validateOnly": True}, key=key))
        assert answer["outcomes"][0]["outcome"] == "CREATED"
        assert not ok(face.call("ListJobs", {}, key=key)).get("jobs")

    def test_201_records_are_refused(self, running: Running, face: Face) -> None:
        """Before any of them is written."""
        key = integrated(running, face)
        body = {
            "provider": "GREENHOUSE",
            "employerUserId": EMPLOYER,
            "jobs": [posting(n) for n in range(201)],
        }
        refused = face.call("SyncJobs", body, key=key, idempotency_key="a")
        assert (refused.code, refused.body["reason"]) == ("invalid_argument", "BATCH_TOO_LARGE")


class TestFeeds:
    @pytest.fixture
    def key(self, running: Running) -> Iterator[str]:
        with closing(RestFace(running.rest)) as face:
            yield integrated(running, face)

    def test_a_feed_of_lines_is_summed_up(self, running: Running, key: str) -> None:
        """One line in answer unless more is asked for."""
        feed = [posting(n) for n in range(450)]
        (line,) = send(running.rest, key, lines(feed, total=450))
        assert line["summary"]["state"] == "COMPLETED"
        assert line["summary"]["counts"]["created"] == 450
        again = send(running.rest, key, lines(feed, total=450, detail="BATCHES"))
        assert [each["batch"]["recordTotal"] for each in again[:-1]] == [200, 400, 450]

    def test_changes_are_watched_over_rest(self, running: Running, key: str) -> None:
        """As lines, from the moment of the first bookmark."""
        url = f"http://{running.rest}/v1/jobs:watch"
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/x-ndjson"}
        with httpx.stream("GET", url, headers=headers, timeout=20) as stream:
            heard = stream.iter_lines()
            assert json.loads(next(heard))["kind"] == "BOOKMARK"
            send(running.rest, key, lines([posting(1)], total=1))
            change = json.loads(next(heard))
        assert (change["kind"], change["job"]["atsLink"]["externalJobId"]) == ("CREATED", "1")


@pytest.mark.parametrize("moment", [0.15, 0.4, 0.8])
def test_a_server_killed_in_the_midst_of_a_run(tmp_path: Path, moment: float) -> None:
    """The run resumes; nothing was closed early, and nothing is closed or made twice."""
    feed = [posting(n, title=f"Picker {n}, new") for n in range(1, 2000)]
    with server(tmp_path, **ENVIRON) as running, closing(RestFace(running.rest)) as face:
        key = integrated(running, face)
        send(running.rest, key, lines([posting(n) for n in range(100)], total=100))
        fatal = threading.Timer(moment, running.process.send_signal, [signal.SIGKILL])
        fatal.start()
        with contextlib.suppress(httpx.TransportError):
            body = lines(feed, total=len(feed), closeMissing=True, syncRunId="nightly")
            send(running.rest, key, body)
        fatal.join()
        running.process.wait(timeout=10)
    with server(tmp_path, **ENVIRON) as running, closing(RestFace(running.rest)) as face:
        before = ok(face.call("GetSyncStatus", {}, key=key))["integrations"][0]
        if before.get("lastAttemptResult") != "COMPLETED":
            assert before["roles"].get("closed", 0) == 0
        body = lines(feed, total=len(feed), closeMissing=True, syncRunId="nightly")
        summary = send(running.rest, key, body)[-1]["summary"]
        assert summary["state"] == "COMPLETED"
        status = ok(face.call("GetSyncStatus", {}, key=key))["integrations"][0]
        assert (status["roles"]["open"], status["roles"]["closed"]) == (1999, 1)
        wanted = {"syncRunId": "nightly", "pageSize": 200}
        events = ok(face.call("ListSyncEvents", wanted, key=key))["events"]
        closes = [e["type"] for e in events if e["type"] in ("CLOSED", "MISSING_FROM_ATS")]
        assert sorted(closes) == ["CLOSED", "MISSING_FROM_ATS"]
