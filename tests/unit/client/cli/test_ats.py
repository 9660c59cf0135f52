"""`xaigh ats`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import grpc
from tests.unit.client.cli.command_runner import CommandRunner, timestamp
from tests.unit.client.scripted_server import Fail

from xaigh.ats.v1.ats_sync_service_pb2 import (
    ListIntegrationsResponse,
    ListSyncEventsResponse,
    ListSyncRunsResponse,
)
from xaigh.ats.v1.integration_pb2 import AtsIntegration
from xaigh.ats.v1.sync_event_pb2 import AtsJobSyncEvent
from xaigh.ats.v1.sync_pb2 import SyncJobsResponse
from xaigh.ats.v1.sync_run_pb2 import (
    DriftedField,
    DriftedRole,
    FieldDrift,
    MissingClose,
    SyncCounts,
    SyncRun,
)
from xaigh.ats.v1.sync_status_pb2 import SyncStatus
from xaigh.jobs.v1.ats_job_link_pb2 import AtsJobLink

BOARD = json.dumps({"jobs": [{"id": 1}]})
DONE = SyncJobsResponse(counts=SyncCounts(created=1))


def _integrations(*ids: str) -> ListIntegrationsResponse:
    return ListIntegrationsResponse(
        integrations=[AtsIntegration(integration_id=one) for one in ids]
    )


def test_sync_finds_the_providers_only_integration(cli: CommandRunner) -> None:
    """Nobody has to name it."""
    cli.script("ListIntegrations", _integrations("int_1"))
    cli.script("SyncJobs", DONE)
    done = cli.run("ats", "sync", "-", "-p", "greenhouse", stdin=BOARD)
    assert done.code == 0
    (sent,) = cli.sent("SyncJobs")
    assert (sent.integration_id, sent.provider) == ("int_1", AtsJobLink.GREENHOUSE)


def test_sync_refuses_to_choose_among_integrations(cli: CommandRunner) -> None:
    """The message lists them."""
    cli.script("ListIntegrations", _integrations("int_1", "int_2"))
    done = cli.run("ats", "sync", "-", "-p", "greenhouse", stdin=BOARD)
    assert (done.code, "int_1, int_2" in done.err) == (2, True)
    assert cli.sent("SyncJobs") == []


def test_sync_without_an_integration_says_so(cli: CommandRunner) -> None:
    """The first step is missing."""
    cli.script("ListIntegrations", _integrations())
    done = cli.run("ats", "sync", "-", "-p", "greenhouse", stdin=BOARD)
    assert (done.code, "no integration of greenhouse" in done.err) == (2, True)
    assert "xaigh ats integrations create --provider greenhouse" in done.err


def test_the_first_sync_says_what_it_waits_for_and_for_whom(cli: CommandRunner) -> None:
    """An integration that no operator has activated; `--yes` is accepted as elsewhere."""
    cli.script("ListIntegrations", _integrations("int_1"))
    cli.script(
        "SyncJobs",
        Fail(code=grpc.StatusCode.FAILED_PRECONDITION, reason="INTEGRATION_INACTIVE"),
    )
    done = cli.run("ats", "sync", "-", "-p", "greenhouse", "--yes", stdin=BOARD)
    assert done.code == 6
    assert "waits for an operator" in done.err
    assert "xaigh ats integrations activate" in done.err


def test_sync_of_an_employer_looks_up_no_integration(cli: CommandRunner) -> None:
    """The server finds the integration by the employer."""
    cli.script("SyncJobs", DONE)
    cli.run("ats", "sync", "-", "-p", "greenhouse", "--employer", "employer_1", stdin=BOARD)
    (sent,) = cli.sent("SyncJobs")
    assert (sent.employer_user_id, sent.integration_id) == ("employer_1", "")
    assert cli.sent("ListIntegrations") == []


def test_sync_names_the_known_providers(cli: CommandRunner) -> None:
    """A mistyped one is refused before the file is read."""
    done = cli.run("ats", "sync", "missing.json", "-p", "grenhouse")
    assert (done.code, "greenhouse, lever" in done.err) == (2, True)


def test_sync_needs_a_provider_or_an_integration(cli: CommandRunner) -> None:
    """The server couldn't tell whose feed it is."""
    assert cli.run("ats", "sync", "-", stdin=BOARD).code == 2


def test_a_rejected_record_is_a_partial_success(cli: CommandRunner) -> None:
    """Exit code 11, and the reply as JSON."""
    cli.script("SyncJobs", SyncJobsResponse(counts=SyncCounts(rejected=1)))
    done = cli.run("ats", "sync", "-", "--integration", "int_1", "--json", stdin=BOARD)
    assert (done.code, done.json[0]["counts"]) == (11, {"rejected": 1})


def test_a_run_is_taken_up_by_its_id(cli: CommandRunner) -> None:
    """Also by a file that fits in one batch."""
    cli.script("SyncJobs", DONE)
    options = ("--integration", "int_1", "--run", "board-7")
    assert cli.run("ats", "sync", "-", *options, stdin=BOARD).code == 0
    (sent,) = cli.sent("SyncJobs")
    assert (sent.sync_run_id, sent.complete) == ("board-7", True)


def test_a_dry_run_validates_only(cli: CommandRunner) -> None:
    """Nothing is written."""
    cli.script("SyncJobs", DONE)
    done = cli.run("ats", "sync", "-", "--integration", "int_1", "--dry-run", stdin=BOARD)
    assert cli.sent("SyncJobs")[0].validate_only
    assert done.out.startswith("Would be: 1 created")


def test_status_filters_by_provider(cli: CommandRunner) -> None:
    """The provider's name becomes the enum's value."""
    cli.script("GetSyncStatus", SyncStatus(provider_count=1))
    assert cli.run("ats", "status", "-p", "lever", "--json").json == {"providerCount": 1}
    assert cli.sent("GetSyncStatus")[0].provider == AtsJobLink.LEVER


def test_runs_print_seen_of_expected(cli: CommandRunner) -> None:
    """Changes are summed; a close shows its state and its number."""
    run = SyncRun(
        sync_run_id="run-1",
        state=SyncRun.COMPLETED,
        seen_total=9,
        expected_total=10,
        counts=SyncCounts(created=1, updated=2, reopened=3, closed=4, unchanged=90),
        close=MissingClose(state=MissingClose.HELD, count=4),
        begin_time=timestamp("2026-06-18T11:00:00Z"),
    )
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[run]))
    (row,) = cli.run("ats", "runs").rows
    assert (row[1], row[3], row[4], row[6]) == ("completed", "9/10", "10", "held 4")


def test_a_run_without_a_close_leaves_its_column_empty(cli: CommandRunner) -> None:
    """Most runs ask for none."""
    run = SyncRun(sync_run_id="run-1", close=MissingClose(state=MissingClose.NOT_REQUESTED))
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[run]))
    (row,) = cli.run("ats", "runs").rows
    assert row[6] == ""


def test_events_filter_by_type(cli: CommandRunner) -> None:
    """Types are typed with dashes."""
    event = AtsJobSyncEvent(job_id="ats_1", changed_fields=["title", "pay"])
    cli.script("ListSyncEvents", ListSyncEventsResponse(events=[event]))
    (row,) = cli.run("ats", "events", "--type", "missing-from-ats").rows
    assert (row[2], row[4]) == ("ats_1", "title, pay")
    assert cli.sent("ListSyncEvents")[0].type == AtsJobSyncEvent.MISSING_FROM_ATS


def test_confirm_close_takes_the_number_from_the_held_run(cli: CommandRunner) -> None:
    """A person sees the roles, and confirms how many."""
    run = SyncRun(sync_run_id="run-1", close=MissingClose(state=MissingClose.HELD, count=37))
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[run]))
    cli.script("ConfirmClose", SyncRun(close=MissingClose(count=37)))
    done = cli.run("ats", "confirm-close", "run-1", "--yes")
    assert cli.sent("ConfirmClose")[0].close_count == 37
    assert done.out == "Closed 37 roles.\n"


def _drifted(state: FieldDrift.State.ValueType = FieldDrift.HELD_DRIFT) -> SyncRun:
    roles = [DriftedRole(external_job_id="17", title="Picker")]
    fields = [
        DriftedField(field="pay", lost_count=31, had_count=40, examples=roles),
        DriftedField(field="department", lost_count=40, had_count=40),
    ]
    return SyncRun(sync_run_id="run-1", drift=FieldDrift(state=state, fields=fields))


def test_confirm_drift_takes_the_fields_from_the_held_run(cli: CommandRunner) -> None:
    """A person sees how many roles lost each, and examples."""
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[_drifted()]))
    cli.script("ConfirmDrift", _drifted(FieldDrift.CONFIRMED))
    done = cli.run("ats", "confirm-drift", "run-1", "--yes")
    assert list(cli.sent("ConfirmDrift")[0].fields) == ["pay", "department"]
    assert "pay  lost by 31 of 40 roles" in done.err and "17  Picker" in done.err
    assert done.out == "Cleared pay, department.\n"


def test_confirm_drift_keeps_the_users_fields(cli: CommandRunner) -> None:
    """The server refuses one that isn't held."""
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[_drifted()]))
    cli.script("ConfirmDrift", _drifted(FieldDrift.CONFIRMED))
    cli.run("ats", "confirm-drift", "run-1", "--field", "pay", "--yes")
    assert list(cli.sent("ConfirmDrift")[0].fields) == ["pay"]


def test_confirm_drift_needs_a_field_where_nothing_is_held(cli: CommandRunner) -> None:
    """A run that isn't held can't tell which."""
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[_drifted(FieldDrift.LAPSED)]))
    assert cli.run("ats", "confirm-drift", "run-1", "--yes").code == 2
    assert cli.sent("ConfirmDrift") == []


def test_confirm_close_keeps_the_users_number(cli: CommandRunner) -> None:
    """The server refuses a number that isn't the held one."""
    run = SyncRun(sync_run_id="run-1", close=MissingClose(state=MissingClose.HELD, count=37))
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[run]))
    cli.script("ConfirmClose", SyncRun(close=MissingClose(count=30)))
    cli.run("ats", "confirm-close", "run-1", "--count", "30", "--yes")
    assert cli.sent("ConfirmClose")[0].close_count == 30


def test_confirm_close_needs_a_number_where_nothing_is_held(cli: CommandRunner) -> None:
    """A run that isn't held can't tell how many."""
    run = SyncRun(sync_run_id="run-1", close=MissingClose(state=MissingClose.CLOSED, count=37))
    cli.script("ListSyncRuns", ListSyncRunsResponse(runs=[run]))
    assert cli.run("ats", "confirm-close", "run-1", "--yes").code == 2
    assert cli.sent("ConfirmClose") == []


def test_a_raw_hash_is_computed_offline(cli: CommandRunner, tmp_path: Path) -> None:
    """One line for each record, and no call; the provider is needed."""
    board = tmp_path / "board.json"
    board.write_text('{"jobs": [{"id": 1}, {"id": 1.0, "recruiter": "Ada"}, {"id": 2}]}')
    first, second, third = cli.run("ats", "hash", str(board), "-p", "greenhouse").out.split()
    assert first == second == hashlib.sha256(b'{"id":1}').hexdigest() != third
    assert cli.run("ats", "hash", str(board), "-p", "greenhouse", "--json").json[0] == {
        "index": 0,
        "rawHash": first,
    }
    assert cli.run("ats", "hash", str(board)).code == 2
