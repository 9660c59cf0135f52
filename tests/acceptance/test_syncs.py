"""Syncs against a real server: feeds as NDJSON, and SIGKILL in the midst of a run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.harness.access import EMPLOYER, grant_access, ok
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.server import Running, children, server

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


def integrated(running: Running, api: ApiClient) -> str:
    """A key of an organization of its own, with an active integration."""
    key = grant_access(api, running.founder, requestedScopes=SCOPES).key
    wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [EMPLOYER]}
    ok(api.call("CreateIntegration", {"integration": wanted}, key=key))
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
    def test_a_board_and_the_same_board_later(self, running: Running, api: ApiClient) -> None:
        """Created, unchanged, exactly the missing one closed; a direct write is refused."""
        key = integrated(running, api)
        said = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "closeMissing": True}

        def sync(numbers: Sequence[int], name: str) -> Any:
            body = {**said, "jobs": [posting(n) for n in numbers], "expectedTotal": len(numbers)}
            return ok(api.call("SyncJobs", body, key=key, idempotency_key=name))

        first = sync([1, 2, 3], "monday")
        assert [each["outcome"] for each in first["outcomes"]] == ["CREATED"] * 3
        second = sync([1, 3], "thursday")
        assert [each["outcome"] for each in second["outcomes"]] == ["UNCHANGED"] * 2
        gone = second["run"]["close"]["roles"]
        assert [role["externalJobId"] for role in gone] == ["2"]
        job = ok(api.call("GetJob", {"jobId": gone[0]["jobId"]}, key=key))
        assert job["publicationStatus"]["closeReason"] == "ATS_MISSING_FROM_AUTHORITATIVE_SYNC"
        change = {"job": {"jobId": job["jobId"], "jobContent": {"title": "Mine"}}}
        refused = api.call("UpdateJob", change, key=key)
        assert (refused.code, refused.body["reason"]) == (
            "failed_precondition",
            "ATS_INGEST_REQUIRED",
        )

    def test_a_repeat_may_take_the_other_transport(self, running: Running) -> None:
        """The same batch under the same key replays; another is refused."""
        with closing(RestClient(running.rest)) as rest, closing(GrpcClient(running.grpc)) as grpc:
            key = integrated(running, rest)
            body = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": [posting(1)]}
            first = ok(rest.call("SyncJobs", body, key=key, idempotency_key="a"))
            assert ok(grpc.call("SyncJobs", body, key=key, idempotency_key="a")) == first
            changed = {**body, "jobs": [posting(1, title="Packer")]}
            for api in (rest, grpc):
                refused = api.call("SyncJobs", changed, key=key, idempotency_key="a")
                assert refused.body["reason"] == "IDEMPOTENCY_KEY_REUSED"

    def test_a_rehearsal_needs_no_key(self, running: Running, api: ApiClient) -> None:
        """And a sync does."""
        key = integrated(running, api)
        body = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": [posting(1)]}
        refused = api.call("SyncJobs", body, key=key)
        assert refused.body["reason"] == "IDEMPOTENCY_KEY_MISSING"
        answer = ok(api.call("SyncJobs", {**body, "validateOnly": True}, key=key))
        assert answer["outcomes"][0]["outcome"] == "CREATED"
        assert not ok(api.call("ListJobs", {}, key=key)).get("jobs")

    def test_201_records_are_refused(self, running: Running, api: ApiClient) -> None:
        """Before any of them is written."""
        key = integrated(running, api)
        body = {
            "provider": "GREENHOUSE",
            "employerUserId": EMPLOYER,
            "jobs": [posting(n) for n in range(201)],
        }
        refused = api.call("SyncJobs", body, key=key, idempotency_key="a")
        assert (refused.code, refused.body["reason"]) == ("invalid_argument", "BATCH_TOO_LARGE")


def large(**said: Any) -> dict[str, Any]:
    """A batch that is long enough to be read by another process."""
    jobs = [posting(n, content="Lift and carry. " * 10) for n in range(120)]
    return {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": jobs, **said}


class TestLargeBatches:
    """Their records are read beside the server, which hears from there what they are."""

    @pytest.fixture
    def api(self, running: Running) -> Iterator[RestClient]:
        with closing(RestClient(running.rest)) as made:
            yield made

    @pytest.fixture
    def key(self, running: Running, api: RestClient) -> str:
        return integrated(running, api)

    def post(self, running: Running, key: str, body: str, **headers: str) -> httpx.Response:
        """Sends a body as it is."""
        sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
        url = f"http://{running.rest}/v1/jobs/ats/sync"
        return httpx.post(url, content=body, headers=sent, timeout=20)

    def test_a_repeat_is_the_same_however_it_is_written(
        self, running: Running, api: RestClient, key: str
    ) -> None:
        """By gRPC, with other spaces, in another order; other content is refused."""
        body = large()
        first = ok(api.call("SyncJobs", body, key=key, idempotency_key="a"))
        backwards = [dict(reversed(job.items())) for job in body["jobs"]]
        written = json.dumps({**body, "jobs": backwards}, indent=2)
        again = self.post(running, key, written, **{"Idempotency-Key": "a"})
        assert again.json() == first and again.headers["idempotent-replayed"] == "true"
        other = {**body, "jobs": [*body["jobs"][:-1], posting(119, title="Packer")]}
        with closing(GrpcClient(running.grpc)) as grpc:
            assert ok(grpc.call("SyncJobs", body, key=key, idempotency_key="a")) == first
            for each in (api, grpc):
                refused = each.call("SyncJobs", other, key=key, idempotency_key="a")
                assert refused.body["reason"] == "IDEMPOTENCY_KEY_REUSED"
            second = ok(grpc.call("SyncJobs", other, key=key, idempotency_key="b"))
        assert ok(api.call("SyncJobs", other, key=key, idempotency_key="b")) == second
        assert [each["outcome"] for each in second["outcomes"]] == [*["UNCHANGED"] * 119, "UPDATED"]

    def test_at_once_under_one_key_one_is_written(self, running: Running, key: str) -> None:
        """The others hear the same, or are refused for other content."""
        bodies = [json.dumps(large(validateOnly=False), indent=n % 2) for n in range(4)]
        bodies.append(json.dumps(large(closeMissing=True)))
        with ThreadPoolExecutor(len(bodies)) as pool:
            replies = list(
                pool.map(
                    lambda body: self.post(running, key, body, **{"Idempotency-Key": "a"}), bodies
                )
            )
        good = [reply for reply in replies if reply.status_code == 200]
        assert len({reply.text for reply in good}) == 1
        assert sum("idempotent-replayed" not in reply.headers for reply in good) == 1
        assert {reply.status_code for reply in replies} == {200, 422}
        assert len(good) in (1, 4)

    def test_a_process_that_dies_costs_only_speed(
        self, running: Running, api: RestClient, key: str
    ) -> None:
        """The batch is taken, and has the fingerprint that it had."""
        first = ok(api.call("SyncJobs", large(), key=key, idempotency_key="a"))
        (helper,) = children(running.process.pid)
        os.kill(helper, signal.SIGKILL)
        assert ok(api.call("SyncJobs", large(), key=key, idempotency_key="a")) == first
        again = ok(api.call("SyncJobs", large(), key=key, idempotency_key="b"))
        assert {each["outcome"] for each in again["outcomes"]} == {"UNCHANGED"}

    @pytest.mark.parametrize(
        ("changed", "found", "put"),
        [
            ({}, '"id": 7,', '"id": 7, "id": 8,'),
            ({}, '"id": 7,', '"id": 7, "pay": NaN,'),
            ({}, '"id": 7,', '"id": 7, "text": "\\ud800",'),
            ({}, '"id": 7,', '"id": 7 "'),
            ({}, '"jobs": [', '"jobs": [{}, 7, '),
            ({"provider": "NOBODY"}, '"id": 7,', '"id": 7, "id": 8,'),
            ({"provider": "LEVER"}, '"id": 7,', '"id": 7, "id": 8,'),
            ({"provider": "LEVER"}, "", ""),
            ({"batchIndex": 1}, "", ""),
            ({"batchIndex": -1}, "]}", ", 7]}"),
            ({"unknown": 1}, '"id": 7,', '"id": 7, "id": 8,'),
            ({"jobs": [posting(n) for n in range(201)], "provider": "LEVER"}, "", ""),
            ({"jobs": [posting(n) for n in range(200)], "closeMissing": True}, "", ""),
            ({"jobs": [posting(n) for n in range(200)], "closeMissing": 1}, "", ""),
        ],
    )
    def test_faults_are_told_as_by_the_server_itself(
        self, running: Running, key: str, changed: dict[str, Any], found: str, put: str
    ) -> None:
        """It reads a body itself if a name beside the records is spelled with an escape."""
        body = json.dumps(large(**changed)).replace(found, put, 1)
        assert '"employerUserId": ' in body
        itself = body.replace('"employerUserId": ', '"\\u0065mployerUserId":', 1)
        padded = body.replace('"employerUserId": ', '"employerUserId":     ', 1)
        for headers in ({"Idempotency-Key": "a"}, {}):
            pages = [self.post(running, key, each, **headers) for each in (padded, itself)]
            ours, theirs = (each.text.replace(_request_id(each), "") for each in pages)
            assert ours == theirs
            assert pages[0].status_code == pages[1].status_code >= 400


@pytest.mark.parametrize("transport", [RestClient, GrpcClient])
def test_few_but_large_records_are_read_beside_the_server(
    tmp_path: Path, transport: type[RestClient | GrpcClient]
) -> None:
    """It is the bytes that count, on either transport; small batches are read in the server."""
    with server(tmp_path, **ENVIRON) as running, closing(RestClient(running.rest)) as rest:
        key = integrated(running, rest)
        body = large(jobs=[posting(n, content="Lift. " * 300) for n in range(30)])
        small = large(jobs=[posting(n) for n in range(3)])
        address = running.rest if transport is RestClient else running.grpc
        with closing(transport(address)) as api:
            ok(api.call("SyncJobs", small, key=key, idempotency_key="a"))
            assert not children(running.process.pid)
            ok(api.call("SyncJobs", body, key=key, idempotency_key="b"))
        assert children(running.process.pid)


def _request_id(reply: httpx.Response) -> str:
    found: str = reply.json()["error"]["requestId"]
    return found


class TestFeeds:
    @pytest.fixture
    def key(self, running: Running) -> Iterator[str]:
        with closing(RestClient(running.rest)) as api:
            yield integrated(running, api)

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
    with server(tmp_path, **ENVIRON) as running, closing(RestClient(running.rest)) as api:
        key = integrated(running, api)
        send(running.rest, key, lines([posting(n) for n in range(100)], total=100))
        fatal = threading.Timer(moment, running.process.send_signal, [signal.SIGKILL])
        fatal.start()
        with contextlib.suppress(httpx.TransportError):
            body = lines(feed, total=len(feed), closeMissing=True, syncRunId="nightly")
            send(running.rest, key, body)
        fatal.join()
        running.process.wait(timeout=10)
    with server(tmp_path, **ENVIRON) as running, closing(RestClient(running.rest)) as api:
        before = ok(api.call("GetSyncStatus", {}, key=key))["integrations"][0]
        if before.get("lastAttemptResult") != "COMPLETED":
            assert before["roles"].get("closed", 0) == 0
        body = lines(feed, total=len(feed), closeMissing=True, syncRunId="nightly")
        summary = send(running.rest, key, body)[-1]["summary"]
        assert summary["state"] == "COMPLETED"
        status = ok(api.call("GetSyncStatus", {}, key=key))["integrations"][0]
        assert (status["roles"]["open"], status["roles"]["closed"]) == (1999, 1)
        wanted = {"syncRunId": "nightly", "pageSize": 200}
        events = ok(api.call("ListSyncEvents", wanted, key=key))["events"]
        closes = [e["type"] for e in events if e["type"] in ("CLOSED", "MISSING_FROM_ATS")]
        assert sorted(closes) == ["CLOSED", "MISSING_FROM_ATS"]
