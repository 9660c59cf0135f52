"""`xaigh jobs`."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
from tests.unit.client.cli.command_runner import CommandRunner
from tests.unit.client.scripted_server import Fail

from xaigh.jobs.v1.job_change_pb2 import JobChange
from xaigh.jobs.v1.job_pb2 import Job, JobContent, PublicationStatus
from xaigh.jobs.v1.jobs_service_pb2 import ListJobsResponse
from xaigh.jobs.v1.workforce_pb2 import WorkforceStatus

CREW = Job(
    job_id="job_1",
    source=Job.CLIENT_ATS,
    etag="e1",
    job_content=JobContent(title="Crew", slots=12),
    publication_status=PublicationStatus(state=PublicationStatus.OPEN),
)


def test_list_filters_by_state_and_source(cli: CommandRunner) -> None:
    """Values are typed in small letters with dashes."""
    cli.script("ListJobs", ListJobsResponse(jobs=[CREW]))
    (row,) = cli.run("jobs", "list", "--state", "open", "--source", "client-ats").rows
    assert (row[0], row[1], row[2], row[4], row[5]) == ("job_1", "open", "Crew", "client ats", "12")
    (sent,) = cli.sent("ListJobs")
    assert (sent.state, sent.source) == (PublicationStatus.OPEN, Job.CLIENT_ATS)


def test_list_fetches_no_page_beyond_its_limit(cli: CommandRunner) -> None:
    """A next page that isn't needed isn't asked for."""
    cli.script("ListJobs", ListJobsResponse(jobs=[CREW, CREW], next_page_token="t"))
    assert len(cli.run("jobs", "list", "--limit", "2").rows) == 2
    assert len(cli.sent("ListJobs")) == 1


def test_show_leaves_out_what_is_empty(cli: CommandRunner) -> None:
    """A direct open job has no reason of closing."""
    cli.script("GetJob", CREW)
    facts = cli.run("jobs", "show", "job_1").facts
    assert facts["title"] == "Crew"
    assert "closed because" not in facts


def test_post_takes_options_before_the_file(cli: CommandRunner, tmp_path: Path) -> None:
    """A file may be a template."""
    file = tmp_path / "job.json"
    file.write_text(
        json.dumps(
            {"employerUserId": "employer_1", "title": "Old", "pay": {"currency": "GBP"}, "slots": 1}
        )
    )
    cli.script("PostJob", CREW)
    cli.run(
        *("jobs", "post", "--file", str(file), "--title", "Crew"),
        *("--starts", "2026-06-18T08:00:00Z", "--idempotency-key", "shift-1"),
    )
    (sent,) = cli.sent("PostJob")
    assert (sent.title, sent.slots, sent.pay.currency) == ("Crew", 1, "GBP")
    assert cli.metadata("PostJob")["idempotency-key"] == "shift-1"


def test_a_file_with_unknown_members_is_refused(cli: CommandRunner) -> None:
    """A mistyped member would be lost."""
    done = cli.run("jobs", "post", "--file", "-", stdin='{"titel": "Crew"}')
    assert (done.code, "titel" in done.err, cli.sent("PostJob")) == (2, True, [])


def test_a_file_that_is_no_json_is_refused(cli: CommandRunner) -> None:
    """The message names the position."""
    done = cli.run("jobs", "post", "--file", "-", stdin="{")
    assert (done.code, "isn't JSON" in done.err) == (2, True)


def test_close_sends_the_revision_that_was_read(cli: CommandRunner) -> None:
    """A job that changed meanwhile isn't closed."""
    cli.script("GetJob", CREW)
    cli.script("CloseJob", CREW)
    cli.run("jobs", "close", "job_1", "--yes")
    assert cli.sent("CloseJob")[0].etag == "e1"


def test_watch_prints_a_line_of_json_for_each_change(cli: CommandRunner) -> None:
    """Until the stream ends."""
    cli.script("WatchJobs", [JobChange(cursor="1", kind=JobChange.BOOKMARK), JobChange(job=CREW)])
    done = cli.run("jobs", "watch", "--existing", "--json")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert (lines[0]["cursor"], lines[1]["job"]["jobId"]) == ("1", "job_1")
    assert cli.sent("WatchJobs")[0].include_existing


def test_watch_prints_no_line_for_a_bookmark(cli: CommandRunner) -> None:
    """A person wants jobs."""
    cli.script("WatchJobs", [JobChange(kind=JobChange.BOOKMARK), JobChange(job=CREW)])
    assert cli.run("jobs", "watch").out.split() == ["job_1", "Crew"]


def test_a_watch_that_is_refused_ends_with_its_error(cli: CommandRunner) -> None:
    """The exit code is that of the refusal."""
    cli.script("WatchJobs", [Fail(code=grpc.StatusCode.UNAUTHENTICATED, reason="KEY_REVOKED")])
    assert cli.run("jobs", "watch").code == 3


def test_workforce_prints_json(cli: CommandRunner) -> None:
    """The numbers are for other programs."""
    cli.script("GetWorkforceStatus", WorkforceStatus())
    assert cli.run("jobs", "workforce", "employer_1").json == {}
