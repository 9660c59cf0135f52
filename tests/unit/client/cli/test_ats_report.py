"""Reports of syncs."""

from __future__ import annotations

import pytest
from tests.unit.client.cli.command_runner import new_session, printed, timestamp

from xaigh.ats.v1.sync_pb2 import RecordNote, RecordOutcome, SyncJobsResponse
from xaigh.ats.v1.sync_run_pb2 import (
    DriftedField,
    FieldDrift,
    MissingClose,
    MissingRole,
    SyncCounts,
    SyncRun,
)
from xaigh.ats.v1.sync_status_pb2 import (
    IntegrationStatus,
    PendingClose,
    PendingDrift,
    RoleCounts,
    SyncStatus,
)
from xaigh_client.cli import ats_report


def _reply(close: MissingClose | None = None, **members: object) -> SyncJobsResponse:
    return SyncJobsResponse(sync_run_id="run-1", run=SyncRun(close=close), **members)  # type: ignore[arg-type]  # Each by its name.


def _report(*replies: SyncJobsResponse, dry_run: bool = False) -> tuple[str, str]:
    session = new_session({}, width=200)
    ats_report.show(session, replies, dry_run=dry_run)
    return printed(session.out), printed(session.err)


@pytest.mark.parametrize(
    ("reply", "attention"),
    [
        (_reply(), False),
        (_reply(counts=SyncCounts(created=3)), False),
        (_reply(counts=SyncCounts(rejected=1)), True),
        (_reply(MissingClose(state=MissingClose.HELD)), True),
        (_reply(MissingClose(state=MissingClose.SKIPPED)), True),
        (_reply(MissingClose(state=MissingClose.CLOSED)), False),
    ],
)
def test_rejections_and_held_closes_need_attention(
    reply: SyncJobsResponse, attention: bool
) -> None:
    """The exit code depends on it."""
    assert ats_report.needs_attention([reply]) is attention


def test_counts_of_all_batches_are_summed() -> None:
    """Zeroes are left out."""
    out, _ = _report(
        _reply(counts=SyncCounts(created=1, unchanged=2)), _reply(counts=SyncCounts(unchanged=3))
    )
    assert out == "1 created, 5 unchanged\n"


def test_a_sync_without_records_says_so() -> None:
    """An empty line would look like a fault."""
    assert _report(_reply())[0] == "no records\n"


def test_a_rejection_names_record_field_and_message() -> None:
    """A record without an id has its position."""
    outcome = RecordOutcome(
        index=4, rejections=[RecordNote(field="title", message="is empty"), RecordNote(message="x")]
    )
    out, _ = _report(_reply(outcomes=[outcome]))
    assert out.splitlines()[1:] == ["  record 5  rejected", "    title: is empty", "    x"]


def test_a_warning_leaves_the_record_accepted() -> None:
    """Warnings of a rejected record aren't repeated as such."""
    warned = RecordOutcome(external_job_id="7", warnings=[RecordNote(message="no pay")])
    both = RecordOutcome(
        external_job_id="8",
        warnings=[RecordNote(message="no pay")],
        rejections=[RecordNote(message="no title")],
    )
    out, _ = _report(_reply(outcomes=[warned, both]))
    assert "  7  accepted with warnings\n    no pay\n" in out
    assert out.count("no pay") == 1


def test_long_lists_end_with_their_rest() -> None:
    """Twenty are shown."""
    outcomes = [
        RecordOutcome(
            external_job_id=f"id-{number}",
            outcome=RecordOutcome.UPDATED,
            changed_fields=["title"],
        )
        for number in range(23)
    ]
    out, err = _report(_reply(outcomes=outcomes))
    assert out.count("updated: title") == 20
    assert err == "  and 3 more changed roles\n"


def test_closed_roles_are_listed() -> None:
    """By the provider's id and the title."""
    close = MissingClose(
        state=MissingClose.CLOSED,
        count=1,
        roles=[MissingRole(external_job_id="7", title="Welder")],
    )
    assert _report(_reply(close))[0].endswith("no longer holds:\n  7  Welder\n")
    assert "Would close 1 role" in _report(_reply(close), dry_run=True)[0]


def test_a_run_that_closes_nothing_doesnt_say_closed() -> None:
    """The state CLOSED means that closing was allowed."""
    out, err = _report(_reply(MissingClose(state=MissingClose.CLOSED)))
    assert "Nothing to close" in err
    assert "losed" not in out


def test_a_held_close_says_how_to_confirm_it() -> None:
    """Not after a dry run, which holds nothing back."""
    close = MissingClose(
        state=MissingClose.HELD, reason=MissingClose.MASS_CLOSE, count=9, open_count=10
    )
    command = "xaigh ats confirm-close run-1 --count 9"
    assert command in _report(_reply(close))[1]
    assert command not in _report(_reply(close), dry_run=True)[1]
    assert (
        "closing 9 roles of 10 open ones needs a confirmation (mass close)"
        in (_report(_reply(close))[1])
    )


def test_a_skipped_close_says_why() -> None:
    """Nothing was closed."""
    close = MissingClose(state=MissingClose.SKIPPED, reason=MissingClose.COUNT_MISMATCH)
    assert _report(_reply(close))[1] == "Nothing was closed: count mismatch.\n"


def test_held_fields_say_how_to_confirm_them() -> None:
    """Not after a dry run, which holds nothing back."""
    reply = _reply()
    drift = reply.run.drift
    drift.state = FieldDrift.HELD_DRIFT
    drift.fields.add(field="pay", lost_count=9, had_count=10)
    command = "xaigh ats confirm-drift run-1 --field pay"
    out, err = _report(reply)
    assert command in err and "pay  lost by 9 of 10 roles" in out
    assert command not in _report(reply, dry_run=True)[1]
    assert ats_report.needs_attention([reply])


def test_status_shows_held_fields() -> None:
    """With the command that confirms them."""
    pending = PendingDrift(sync_run_id="run-1", fields=[DriftedField(field="pay")])
    status = SyncStatus(integrations=[IntegrationStatus(pending_drift=pending)])
    session = new_session({}, width=300)
    ats_report.show_status(session, status)
    assert "xaigh ats confirm-drift run-1 --field pay" in printed(session.err)


def test_status_shows_stale_integrations_and_pending_closes() -> None:
    """A pending close comes with the command that confirms it."""
    status = SyncStatus(
        totals=RoleCounts(open=5, managed=8),
        integrations=[
            IntegrationStatus(
                integration_id="int_1",
                stale=True,
                stale_since_time=timestamp("2026-06-17T12:00:00Z"),
                pending_close=PendingClose(
                    sync_run_id="run-1",
                    close_count=9,
                    open_count=10,
                    reason=MissingClose.MASS_CLOSE,
                    confirm_by_time=timestamp("2026-06-19T12:00:00Z"),
                ),
            ),
            IntegrationStatus(integration_id="int_2"),
        ],
    )
    session = new_session({}, width=300)
    ats_report.show_status(session, status)
    _, stale, fresh = printed(session.out).splitlines()
    assert stale.split("\t")[7] == "stale 2026-06-17 12:00:00 UTC"
    assert (fresh.split("\t")[6], fresh.split("\t")[7]) == ("never", "fresh")
    assert "5 open of 8 managed roles." in printed(session.err)
    assert "xaigh ats confirm-close run-1 --count 9" in printed(session.err)
