"""`xaigh call`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.client.cli.command_runner import METHODS, CommandRunner

from xaigh.ats.v1.sync_pb2 import SyncFeedResponse
from xaigh.jobs.v1.job_change_pb2 import JobChange
from xaigh.jobs.v1.job_pb2 import Job


@pytest.mark.parametrize(
    "name", ["GetJob", "JobsService/GetJob", "/xaigh.jobs.v1.JobsService/GetJob"]
)
def test_a_method_is_found_by_the_end_of_its_name(cli: CommandRunner, name: str) -> None:
    """The service may be left out."""
    cli.script("GetJob", Job(job_id="job_1"))
    assert cli.run("call", name, '{"jobId": "job_1"}').json["jobId"] == "job_1"


def test_an_unknown_method_suggests_similar_ones(cli: CommandRunner) -> None:
    """By a part of the name."""
    done = cli.run("call", "endpoint")
    assert (done.code, "did you mean GetEndpoint, " in done.err) == (2, True)


def test_a_request_comes_from_a_file(cli: CommandRunner, tmp_path: Path) -> None:
    """`@FILE`, as curl takes it."""
    file = tmp_path / "request.json"
    file.write_text('{"jobId": "job_2"}')
    cli.script("GetJob", Job())
    cli.run("call", "GetJob", f"@{file}")
    assert cli.sent("GetJob")[0].job_id == "job_2"


@pytest.mark.parametrize("body", ["{", '{"nothing": 1}', '{"jobId": 1}'])
def test_a_request_of_another_form_is_refused(cli: CommandRunner, body: str) -> None:
    """The message names the request's type."""
    done = cli.run("call", "GetJob", body)
    assert (done.code, "isn't a GetJobRequest" in done.err) == (2, True)


def test_the_status_token_comes_from_the_environment(cli: CommandRunner) -> None:
    """It never is an argument, which other users could see."""
    cli.environ["XAIGH_STATUS_TOKEN"] = "xst_1"
    cli.script("GetJob", Job())
    cli.run("call", "GetJob", "{}", "--status-token")
    assert cli.metadata("GetJob")["x-status-token"] == "xst_1"


def test_a_stream_is_printed_as_lines(cli: CommandRunner) -> None:
    """One message a line."""
    cli.script("WatchJobs", [JobChange(cursor="1"), JobChange(cursor="2")])
    lines = cli.run("call", "WatchJobs").out.splitlines()
    assert [json.loads(line)["cursor"] for line in lines] == ["1", "2"]


def test_a_feed_reads_lines(cli: CommandRunner) -> None:
    """From stdin, blank ones left out."""
    cli.script("SyncFeed", [SyncFeedResponse()])
    cli.run("call", "SyncFeed", "-", stdin='{"open": {}}\n\n{"job": {"id": 1}}\n')
    kinds = [one.WhichOneof("item") for one in cli.sent("SyncFeed")]
    assert kinds == ["open", "job"]


def test_without_a_method_every_method_is_listed(cli: CommandRunner) -> None:
    """With its route and its summary."""
    found = {one["method"]: one for one in cli.run("call", "--json").json}
    assert len(found) == len(METHODS)
    assert found["JobsService/GetJob"]["route"] == "GET /v1/jobs/{job_id}"
    assert all(one["summary"] for one in found.values())
