"""Feeds from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.client.cli.command_runner import CommandRunner, new_session

from xaigh.ats.v1.sync_pb2 import SyncJobsResponse
from xaigh_client.cli import feeds
from xaigh_client.cli.feeds import Feed
from xaigh_client.cli.problems import UsageProblem

RECORDS = [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps({"jobs": RECORDS, "meta": {}}),
        json.dumps({"jobPostings": RECORDS, "total": 2}),
        json.dumps({"Report_Entry": RECORDS}),
        "\n".join(json.dumps(record) for record in RECORDS) + "\n\n",
    ],
    ids=["list", "greenhouse", "workday", "report", "lines"],
)
def test_records_are_found_in_every_shape(text: str) -> None:
    """A list, a provider's document, or lines of JSON."""
    assert feeds.read(new_session({}, stdin=text), "-") == RECORDS


def test_a_document_without_a_list_is_one_record(tmp_path: Path) -> None:
    """A provider's webhook holds a single job."""
    file = tmp_path / "job.json"
    file.write_text('{"id": 1, "title": "Crew"}')
    assert feeds.read(new_session({}), str(file)) == [{"id": 1, "title": "Crew"}]


def test_an_empty_list_is_a_feed_without_records() -> None:
    """A board may have no open role."""
    assert feeds.read(new_session({}, stdin='{"jobs": []}'), "-") == []


@pytest.mark.parametrize("text", ["", " \n", "[1, 2]", "not json", '{"a": 1}\nnot json', "3"])
def test_a_file_of_another_form_is_refused(text: str) -> None:
    """An empty file is no empty feed: it would close every role."""
    with pytest.raises(UsageProblem):
        feeds.read(new_session({}, stdin=text), "-")


def _sent(cli: CommandRunner, count: int, run: str = "", **given: Any) -> list[Any]:
    cli.script("SyncJobs", SyncJobsResponse())
    records = [{"id": number} for number in range(count)]
    feed = Feed(records=records, provider="GREENHOUSE", integration="int_1", run=run, **given)
    session = new_session(cli.environ)
    try:
        assert list(feeds.send(session, feed, dry_run=False))
    finally:
        session.close()
    return cli.sent("SyncJobs")


def test_a_single_batch_needs_no_run(cli: CommandRunner) -> None:
    """It is complete by itself."""
    (sent,) = _sent(cli, 3)
    assert (sent.sync_run_id, sent.complete, len(sent.jobs)) == ("", False, 3)
    assert not sent.HasField("expected_total")


def test_several_batches_form_a_run(cli: CommandRunner) -> None:
    """Batches are numbered, and the last completes the run."""
    sent = _sent(cli, feeds.BATCH + 1, run="run-1")
    assert [(one.sync_run_id, one.batch_index, one.complete, len(one.jobs)) for one in sent] == [
        ("run-1", 0, False, feeds.BATCH),
        ("run-1", 1, True, 1),
    ]


def test_a_new_run_has_an_id_of_its_own(cli: CommandRunner) -> None:
    """The same one in all of its batches."""
    ids = {one.sync_run_id for one in _sent(cli, feeds.BATCH + 1)}
    assert len(ids) == 1 and ids.pop().startswith("cli-")


def test_a_single_batch_belongs_to_the_run_that_is_named(cli: CommandRunner) -> None:
    """It is the whole run, and completes it."""
    (sent,) = _sent(cli, 3, run="run-1")
    assert (sent.sync_run_id, sent.batch_index, sent.complete) == ("run-1", 0, True)
    assert sent.expected_total == 3


def test_the_last_batch_states_how_many_records_are_expected(cli: CommandRunner) -> None:
    """The server compares the number before it closes roles."""
    first, last = _sent(cli, feeds.BATCH + 1, close_missing=True)
    assert not first.HasField("expected_total")
    assert (last.expected_total, last.close_missing) == (feeds.BATCH + 1, True)


def test_an_expected_total_of_the_user_comes_first(cli: CommandRunner) -> None:
    """A feed may list a role twice."""
    (sent,) = _sent(cli, 3, close_missing=True, expected_total=2)
    assert sent.expected_total == 2


def test_a_feed_without_records_is_still_sent(cli: CommandRunner) -> None:
    """One empty batch says that the board is empty."""
    (sent,) = _sent(cli, 0, close_missing=True)
    assert (len(sent.jobs), sent.expected_total, sent.HasField("expected_total")) == (0, 0, True)
