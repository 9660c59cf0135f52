"""Runs: what proves a feed whole, and who may begin another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.ats.errors import RunClosed, RunInProgress, RunOutdated, RunSuperseded
from xaigh_server.ats.record_decisions import RecordOutcome
from xaigh_server.ats.runs import (
    LEASE,
    RESUMABLE,
    BatchFacts,
    CloseState,
    Counts,
    Run,
    RunState,
    SkipReason,
    check_may_begin,
    count,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RUN = Run(
    number=1,
    sync_run_id="run_1",
    organization_id="org",
    integration_id="int",
    provider="LEVER",
    begin_time=NOW,
    last_batch_time=NOW,
    lease_expire_time=NOW + LEASE,
    order_time=NOW,
)


def batch(
    seen: int, *, unreadable: int = 0, total: int | None = None, closes: bool = True
) -> BatchFacts:
    return BatchFacts(
        employer_id="e",
        counts=Counts(created=seen),
        newly_seen=seen,
        unreadable=unreadable,
        whole=total is not None,
        expected_total=total,
        close_missing=closes,
    )


@pytest.mark.parametrize(
    ("batches", "alone", "state", "close", "reason"),
    [
        ([batch(3)], False, "OPEN", "WAITING", None),
        ([batch(3, total=3)], False, "COMPLETED", "WAITING", None),
        ([batch(1, total=3), batch(2)], False, "COMPLETED", "WAITING", None),
        ([batch(2, total=3)], False, "OPEN", "WAITING", "COUNT_MISMATCH"),
        ([batch(2, total=3)], True, "INCOMPLETE", "SKIPPED", "COUNT_MISMATCH"),
        ([batch(4, total=3)], False, "INCOMPLETE", "SKIPPED", "COUNT_MISMATCH"),
        ([batch(2, unreadable=1, total=3)], False, "INCOMPLETE", "SKIPPED", "UNREADABLE_RECORDS"),
        ([batch(3, unreadable=1, total=3)], False, "INCOMPLETE", "SKIPPED", "UNREADABLE_RECORDS"),
        ([batch(1, unreadable=1, total=4)], False, "OPEN", "WAITING", "UNREADABLE_RECORDS"),
        ([batch(3, total=3, closes=False)], False, "COMPLETED", "NOT_REQUESTED", None),
        ([batch(2, total=3, closes=False)], True, "INCOMPLETE", "NOT_REQUESTED", None),
        ([batch(0, total=0)], True, "COMPLETED", "WAITING", None),
    ],
)
def test_what_proves_a_feed_whole(
    batches: list[BatchFacts], alone: bool, state: str, close: str, reason: str | None
) -> None:
    """As many distinct ids as announced, and every id readable; anything else closes nothing."""
    run = RUN
    for facts in batches:
        run = run.with_batch(facts, NOW).judged(NOW, last_chance=alone)
    assert run.state == RunState(state)
    assert run.close.state == CloseState(close)
    assert run.close.reason == (None if reason is None else SkipReason(reason))
    assert (run.lease_expire_time is None) is (run.state is not RunState.OPEN)


def test_a_batch_renews_the_lease_and_adds_up() -> None:
    """Employers are named once, in the order of their coming."""
    later = NOW + timedelta(minutes=9)
    run = RUN.with_batch(batch(2), NOW).with_batch(replace(batch(1), employer_id="f"), later)
    assert run.lease_expire_time == later + LEASE
    assert run.employer_ids == ("e", "f")
    assert (run.seen_total, run.batch_total, run.counts.created) == (3, 2, 3)


@pytest.mark.parametrize(
    ("run", "after", "error"),
    [
        (RUN, timedelta(0), None),
        (RUN, RESUMABLE - timedelta(microseconds=1), None),
        (RUN, RESUMABLE, RunClosed),
        (RUN.superseded(NOW), timedelta(0), RunSuperseded),
        (replace(RUN, state=RunState.COMPLETED, lease_expire_time=None), timedelta(0), RunClosed),
        (replace(RUN, state=RunState.PARTIAL, lease_expire_time=None), timedelta(0), RunClosed),
    ],
)
def test_which_runs_take_batches(run: Run, after: timedelta, error: type[Exception] | None) -> None:
    """Open ones, for a day after their last batch."""
    if error is None:
        run.check_takes_batches(NOW + after)
    else:
        with pytest.raises(error):
            run.check_takes_batches(NOW + after)


@pytest.mark.parametrize(
    ("order", "now", "under_way", "completed", "error"),
    [
        (NOW, NOW, None, None, None),
        (NOW, NOW, RUN, None, RunInProgress),
        (NOW, NOW + LEASE, RUN, None, None),
        (NOW - LEASE, NOW + LEASE, RUN, None, RunOutdated),
        (NOW, NOW, None, RUN, None),
        (NOW - LEASE, NOW, None, RUN, RunOutdated),
    ],
)
def test_who_may_begin(
    order: datetime,
    now: datetime,
    under_way: Run | None,
    completed: Run | None,
    error: type[Exception] | None,
) -> None:
    """Nobody while a lease holds, and nobody with an older reading."""

    def begin() -> None:
        check_may_begin(order, now=now, under_way=under_way, last_completed=completed)

    if error is None:
        begin()
    else:
        with pytest.raises(error):
            begin()


def test_outcomes_are_counted() -> None:
    """Each in its place."""
    assert count({RecordOutcome.CREATED: 2, RecordOutcome.STALE_SKIPPED: 1}) == Counts(
        created=2, stale_skipped=1
    )
    assert Counts(created=1) + Counts(created=2, closed=1) == Counts(created=3, closed=1)


def test_a_run_that_nobody_can_resume_shows_as_expired() -> None:
    """With the reason for which it closed nothing."""
    shown = RUN.with_batch(batch(1), NOW).shown(NOW + RESUMABLE)
    assert (shown.state, shown.end_time) == (RunState.EXPIRED, NOW + RESUMABLE)
    assert shown.close.reason is SkipReason.NOT_COMPLETED
