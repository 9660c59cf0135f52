"""`xaigh ats` and `xaigh jobs` against a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.cli.program import Cli, plain
from tests.harness.access import EMPLOYER


def _job(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": number,
        "internal_job_id": number + 1000,
        "title": f"Picker {number}",
        "updated_at": "2026-06-01T08:00:00-04:00",
        "requisition_id": f"R-{number}",
        "location": {"name": "Leeds, United Kingdom"},
        "absolute_url": f"https://boards.greenhouse.io/northline/jobs/{number}",
        "content": "&lt;p&gt;Pick and pack.&lt;/p&gt;",
        **changed,
    }


def _board(folder: Path, *jobs: dict[str, Any]) -> str:
    file = folder / "board.json"
    file.write_text(json.dumps({"jobs": jobs, "meta": {"total": len(jobs)}}))
    return str(file)


@pytest.fixture(scope="module")
def integration(integrator: Cli, founder: Cli) -> str:
    """An active Greenhouse integration of the employer."""
    made = integrator.json(
        "ats", "integrations", "create", "-p", "greenhouse", "--employer", EMPLOYER,
        "--board", "northline", "--name", "Northline board",
    )  # fmt: skip
    number = str(made["integrationId"])
    listed = founder.json("ats", "integrations", "list", "-e", "sandbox", "--state", "active")
    assert number in [one["integrationId"] for one in listed]
    return number


def test_the_operators_steps(integrator: Cli, founder: Cli, integration: str) -> None:
    """Activation of an active one changes nothing; a change that isn't there is refused."""
    shown = founder.json("ats", "integrations", "show", integration, "-e", "sandbox")
    step = (integration, "-e", "sandbox", "--organization", str(shown["organizationId"]))
    assert founder.json("ats", "integrations", "activate", *step) == shown
    etag = ("--etag", str(shown["etag"]), "--yes")
    for command in (("apply-change",), ("discard-change", "--reason", "x")):
        done = founder.run("ats", "integrations", command[0], *step, *etag, *command[1:])
        assert (done.code, "ILLEGAL_TRANSITION" in done.err) == (6, True)


@pytest.fixture(scope="module")
def mirrored(integrator: Cli, integration: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A mirrored job that stays open."""
    board = _board(tmp_path_factory.mktemp("board"), _job(900))
    reply = integrator.json("ats", "sync", board, "-p", "greenhouse")
    return str(reply[0]["outcomes"][0]["jobId"])


def test_the_story_of_a_board(integrator: Cli, integration: str, tmp_path: Path) -> None:
    """Created, unchanged, changed, closed; a dry run before it changes nothing."""
    sync = ("ats", "sync", _board(tmp_path, _job(1), _job(2), _job(3)), "-p", "greenhouse")
    tried = integrator.ok(*sync, "--dry-run")
    assert tried.out.splitlines()[0] == "Would be: 3 created"
    assert integrator.json("jobs", "list") == []
    assert integrator.ok(*sync).out.splitlines()[0] == "3 created"
    assert integrator.ok(*sync).out.splitlines()[0] == "3 unchanged"
    _board(tmp_path, _job(1), _job(2, title="Packer 2", updated_at="2026-06-03T08:00:00-04:00"))
    gone = plain(integrator.screen(*sync, "--close-missing").out)
    assert "1 updated, 1 unchanged" in gone
    assert "Closed 1 role that the feed no longer holds" in gone
    assert "Picker 3" in gone
    open_ = integrator.json("jobs", "list", "--state", "open")
    assert sorted(job["jobContent"]["title"] for job in open_) == ["Packer 2", "Picker 1"]
    (closed,) = integrator.json("jobs", "list", "--state", "closed")
    assert closed["publicationStatus"]["closeReason"] == "ATS_MISSING_FROM_AUTHORITATIVE_SYNC"
    status = plain(integrator.screen("ats", "status", width=120).out)
    assert integration in status
    assert "fresh" in status
    assert "2 open of 3 managed roles." in status
    missing = integrator.ok("ats", "events", "--type", "missing-from-ats").out
    assert closed["jobId"] in missing


def test_a_bad_record_doesnt_stop_the_others(
    integrator: Cli, integration: str, tmp_path: Path
) -> None:
    """It is named with what is wrong, and the exit code says that something needs a look."""
    board = _board(tmp_path, _job(1), _job(11), {"id": 12, "title": ""})
    done = integrator.run("ats", "sync", board, "-p", "greenhouse")
    assert done.code == 11
    assert "1 created" in done.out
    assert "1 rejected" in done.out
    assert "12" in done.out


def test_a_mass_close_waits_for_a_confirmation(
    integrator: Cli, integration: str, tmp_path: Path
) -> None:
    """More than two batches go as one run; then nearly all are gone, and somebody has to say so."""
    jobs = [_job(number) for number in range(100, 350)]
    sync = ("ats", "sync", _board(tmp_path, *jobs), "-p", "greenhouse", "--close-missing")
    first = integrator.run(*sync)
    assert "250 created" in first.out
    _board(tmp_path, *jobs[:20])
    held = integrator.run(*sync)
    assert held.code == 11
    assert "Held back" in held.err
    run = next(line for line in held.err.splitlines() if "confirm-close" in line).split()
    name, number = run[run.index("confirm-close") + 1], run[-1]
    assert integrator.run("ats", "confirm-close", name, "--count", number).code == 2
    assert integrator.run("ats", "confirm-close", name, "--count", "3", "--yes").code == 6
    confirmed = integrator.ok("ats", "confirm-close", name, "--count", number, "--yes")
    assert confirmed.out.strip() == f"Closed {number} roles."
    assert "confirmed" in integrator.ok("ats", "runs").out


def test_feeds_come_in_every_shape(integrator: Cli, integration: str, tmp_path: Path) -> None:
    """A document, a list, lines, one record, stdin."""
    record = _job(1)
    document = tmp_path / "feed"
    sync = ("ats", "sync", str(document), "-p", "greenhouse", "--dry-run", "--json")
    for text in (json.dumps([record]), json.dumps(record) + "\n", json.dumps({"jobs": [record]})):
        document.write_text(text)
        (reply,) = integrator.ok(*sync).json
        assert len(reply["outcomes"]) == 1
    piped = integrator.ok(
        "ats", "sync", "-", "-p", "greenhouse", "--dry-run", stdin=json.dumps([record])
    )
    assert piped.out.startswith("Would be: 1")
    for text in ("nonsense", "[1]", ""):
        document.write_text(text)
        assert integrator.run(*sync).code == 2
    assert integrator.run("ats", "sync", str(document), "-p", "typewriter").code == 2


def test_a_mirrored_job_is_the_clients(integrator: Cli, mirrored: str) -> None:
    """Closing it by hand is refused, with the fields that the ATS owns."""
    done = integrator.run("jobs", "close", mirrored, "--yes")
    assert done.code == 6
    assert "ATS_INGEST_REQUIRED" in done.err


def test_every_method_is_in_reach(integrator: Cli, nobody: Cli, mirrored: str) -> None:
    """By any of its names, from a file or stdin, with streams as lines."""
    methods = [row["method"] for row in nobody.json("call")]
    assert "JobsService/PostJob" in methods
    assert "AtsSyncService/SyncFeed" in methods
    for name in ("WhoAmI", "SelfService/WhoAmI", "/xaigh.keys.v1.SelfService/WhoAmI"):
        assert integrator.ok("call", name).json["key"]["state"] == "ACTIVE"
    listed = integrator.ok("call", "ListJobs", "-", stdin='{"pageSize": 1}')
    assert len(listed.json["jobs"]) == 1
    opening = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "detail": "ALL"}
    lines = [{"open": opening}, {"job": _job(1)}, {"complete": {"expectedTotal": 1}}]
    fed = integrator.ok("call", "SyncFeed", stdin="".join(json.dumps(x) + "\n" for x in lines))
    assert "outcome" in json.loads(fed.out.splitlines()[0])
    assert integrator.run("call", "GetJob", '{"jobid": 1}').code == 2
    assert integrator.run("call", "GetJob", "{").code == 2
    wrong = integrator.run("call", "postjobs")
    assert wrong.code == 2


def test_changes_are_watched_as_lines(integrator: Cli, mirrored: str) -> None:
    """`watch --existing` prints what is there at once."""
    import subprocess

    from tests.acceptance.cli.program import PROGRAM

    watching = subprocess.Popen(
        [PROGRAM, "jobs", "watch", "--existing", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=integrator.environ(),
    )
    assert watching.stdout is not None
    with watching.stdout:
        first = json.loads(watching.stdout.readline())
        watching.terminate()
        watching.wait(timeout=10)
    assert first["cursor"]
