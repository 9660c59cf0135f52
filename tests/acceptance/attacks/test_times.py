"""Times out of range are refused on both transports; a row that holds one is readable.

Such rows were stored by earlier releases. Each is written into the database here, beside the
server, since no call can store it any more.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2, status_pb2
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.server import Running, server
from tests.harness.waiting import until

from xaigh.jobs.v1 import job_pb2, jobs_service_pb2
from xaigh.keys.v1 import key_admin_service_pb2

JOBS = "/xaigh.jobs.v1.JobsService"
LATEST = "9999-12-31T23:59:59.999999999Z"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with server(tmp_path_factory.mktemp("data"), **ENVIRON, XAIGH_LOG_FORMAT="json") as started:
        yield started


@pytest.fixture(scope="module")
def access(running: Running) -> Iterator[Access]:
    with closing(RestClient(running.rest)) as api:
        yield grant_access(api, running.founder)


def refused(address: str, path: str, request: Any, key: str) -> tuple[grpc.StatusCode, list[str]]:
    """The code and the paths with which a gRPC call is refused."""
    with grpc.insecure_channel(address) as channel:
        rpc = channel.unary_unary(path, lambda each: each.SerializeToString(), None)
        with pytest.raises(grpc.RpcError) as caught:
            rpc(request, metadata=(("authorization", f"Bearer {key}"),), timeout=20)
    error: Any = caught.value
    status = status_pb2.Status.FromString(
        dict(error.trailing_metadata())["grpc-status-details-bin"]
    )
    bad = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.type_url.endswith("/google.rpc.BadRequest"):
            detail.Unpack(bad)
    return error.code(), [each.field for each in bad.field_violations]


@pytest.mark.parametrize(("seconds", "nanos"), [(2**40, 0), (-(2**40), 0), (1, -1), (1, 10**9)])
def test_a_wrong_time_is_refused_by_its_path_over_grpc(
    running: Running, access: Access, seconds: int, nanos: int
):
    """Whatever is wrong with it; at the top of a request and within a job."""
    post = jobs_service_pb2.PostJobRequest(employer_user_id="employer_123", title="x", slots=1)
    post.starts_at.seconds, post.starts_at.nanos = seconds, nanos
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    assert refused(running.grpc, f"{JOBS}/PostJob", post, access.key) == (invalid, ["startsAt"])
    update = jobs_service_pb2.UpdateJobRequest(job=job_pb2.Job(job_id="job_1"))
    update.job.job_content.ends_at.seconds = seconds
    update.job.job_content.ends_at.nanos = nanos
    code, paths = refused(running.grpc, f"{JOBS}/UpdateJob", update, access.key)
    assert (code, paths) == (invalid, ["job.jobContent.endsAt"])


def test_a_wrong_duration_is_refused_over_grpc(running: Running):
    """Of two signs, or longer than there is time."""
    for seconds, nanos in ((1, -1), (2**50, 0)):
        rotate = key_admin_service_pb2.RotateKeyRequest(key_id="0123456789")
        rotate.grace.seconds, rotate.grace.nanos = seconds, nanos
        path = "/xaigh.keys.v1.KeyAdminService/RotateKey"
        code, paths = refused(running.grpc, path, rotate, running.founder)
        assert (code, paths) == (grpc.StatusCode.INVALID_ARGUMENT, ["grace"])


@pytest.mark.parametrize(
    "text", ["10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "+12026-01-01T00:00:00Z"]
)
def test_a_wrong_time_is_refused_by_its_path_over_rest(running: Running, access: Access, text: str):
    """As text it isn't even readable."""
    with closing(RestClient(running.rest)) as api:
        reply = api.call("PostJob", job_form(startsAt=text), key=access.key)
    assert reply.code == "invalid_argument"
    bad = [each for each in reply.body["details"] if each["@type"].endswith("BadRequest")]
    assert [each["field"] for each in bad[0]["fieldViolations"]] == ["startsAt"]


def store_wrong_times(data_dir: Path, job_id: str) -> None:
    """Makes a job what an earlier release stored of a call over gRPC."""
    with closing(sqlite3.connect(data_dir / "sandbox.db", timeout=10)) as database, database:
        row = database.execute(
            "SELECT number, content FROM job_postings WHERE job_id = ?", (job_id,)
        ).fetchone()
        content = job_pb2.JobContent.FromString(row[1])
        content.starts_at.seconds = 2**50
        content.ends_at.nanos = -5
        database.execute(
            "UPDATE job_postings SET content = ? WHERE number = ?",
            (content.SerializeToString(), row[0]),
        )


@pytest.fixture(scope="module")
def stored(running: Running, access: Access) -> str:
    """The id of a job whose times are out of range."""
    with closing(RestClient(running.rest)) as api:
        job_id = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="stored"))[
            "jobId"
        ]
    store_wrong_times(running.data_dir, job_id)
    return str(job_id)


def test_a_stored_time_out_of_range_is_shown_as_the_nearest_one(
    running: Running, access: Access, stored: str
):
    """By both transports, alone and in a list."""
    for made in (RestClient(running.rest), GrpcClient(running.grpc)):
        with closing(made) as api:
            job = ok(api.call("GetJob", {"jobId": stored}, key=access.key))
            assert job["jobContent"]["startsAt"] == LATEST
            assert job["jobContent"]["endsAt"] == "1970-01-01T00:00:00Z"
            listed = ok(api.call("ListJobs", {}, key=access.key))["jobs"]
            assert stored in [each["jobId"] for each in listed]


def test_a_watch_goes_on_over_such_a_row(running: Running, access: Access, stored: str):
    """It sends the row, and what comes behind it."""
    headers = {"authorization": f"Bearer {access.key}", "accept": "application/x-ndjson"}
    with (
        httpx.Client(base_url=f"http://{running.rest}", timeout=20) as http,
        http.stream("GET", "/v1/jobs:watch", headers=headers) as reply,
    ):
        for line in reply.iter_lines():
            change = json.loads(line) if line.strip() else {}
            change = change.get("result", change)
            if change.get("job", {}).get("jobId") == stored:
                assert change["job"]["jobContent"]["startsAt"] == LATEST
            if change.get("kind") == "BOOKMARK":
                return
    pytest.fail("the watch ended before everything that exists was sent")


def test_such_a_job_can_be_mended_by_its_owner(running: Running, access: Access, stored: str):
    """An update that gives good times stores them."""
    with closing(RestClient(running.rest)) as api:
        content = {"startsAt": "2027-01-01T00:00:00Z", "endsAt": "2027-01-02T00:00:00Z"}
        wanted = {
            "job": {"jobId": stored, "jobContent": content},
            "updateMask": "jobContent.startsAt,jobContent.endsAt",
        }
        job = ok(api.call("UpdateJob", wanted, key=access.key))
    assert job["jobContent"]["startsAt"] == "2027-01-01T00:00:00Z"


def test_a_reply_that_cannot_be_printed_is_logged_as_it_is_answered(
    running: Running, access: Access
):
    """With its code and its request id; here it is a stored reply that an earlier release made."""
    key, job = "unprintable", job_form()
    with closing(RestClient(running.rest)) as api:
        posted = ok(api.call("PostJob", job, key=access.key, idempotency_key=key))
        with (
            closing(sqlite3.connect(running.data_dir / "sandbox.db", timeout=10)) as database,
            database,
        ):
            wrong = job_pb2.Job(job_id=posted["jobId"])
            wrong.create_time.seconds = 2**50
            database.execute(
                "UPDATE idempotency_records SET reply = ? WHERE key = ?",
                (wrong.SerializeToString(), key),
            )
        reply = api.call("PostJob", job, key=access.key, idempotency_key=key)
    assert reply.code == "internal" and reply.body["reason"] == "INTERNAL"
    request_id = reply.body["requestId"]

    def lines() -> list[dict[str, Any]]:
        text = (running.data_dir / "server.log").read_text()
        return [json.loads(line) for line in text.splitlines() if request_id in line]

    until(lambda: len(lines()) == 2, "the lines of the failed call")
    failure, call = sorted(lines(), key=lambda line: str(line["event"] == "call.ended"))
    assert call["code"] == "internal" and call["method"].endswith(".PostJob")
    assert failure["request_id"] == request_id and "exception" in failure
