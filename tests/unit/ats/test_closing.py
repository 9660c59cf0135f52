"""What a complete run may close."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.ats.closing import CONFIRMABLE, check_confirm, decide_close, policy
from xaigh_server.ats.errors import CloseCountMismatch, CloseNotPending
from xaigh_server.ats.integrations import MassCloseGuard
from xaigh_server.ats.runs import CloseState, MissingClose, Run, RunState, SkipReason

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RUN = Run(
    number=1,
    sync_run_id="run_1",
    organization_id="org",
    integration_id="int",
    provider="LEVER",
    state=RunState.COMPLETED,
    begin_time=NOW,
    last_batch_time=NOW,
    order_time=NOW,
    close_missing=True,
    seen_total=5,
)


def decided(
    run: Run, missing: int, open_count: int, guard: MassCloseGuard | None = None
) -> MissingClose:
    return decide_close(
        run,
        missing=missing,
        open_count=open_count,
        roles=(),
        guard=guard or MassCloseGuard(),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("missing", "open_count", "state"),
    [
        (0, 0, "CLOSED"),
        (1, 1, "CLOSED"),
        (10, 10, "CLOSED"),
        (11, 55, "CLOSED"),
        (11, 54, "HELD"),
        (20, 100, "CLOSED"),
        (21, 100, "HELD"),
        (1000, 5000, "CLOSED"),
        (1001, 5000, "HELD"),
    ],
)
def test_more_than_both_figures_waits(missing: int, open_count: int, state: str) -> None:
    """More than ten roles and more than a fifth of the open ones."""
    close = decided(RUN, missing, open_count)
    assert close.state == CloseState(state)
    assert (close.confirm_by_time == NOW + CONFIRMABLE) is (state == "HELD")
    assert (close.closed_time == NOW) is (state == "CLOSED")


def test_an_empty_feed_waits_however_few_it_would_close() -> None:
    """Unless there is nothing to close."""
    empty = replace(RUN, seen_total=0)
    assert decided(empty, 1, 1).reason is SkipReason.EMPTY_FEED
    assert decided(empty, 0, 0).state is CloseState.CLOSED


@pytest.mark.parametrize(
    "run", [replace(RUN, state=RunState.OPEN), replace(RUN, close_missing=False)]
)
def test_only_a_complete_run_that_was_asked_to_closes(run: Run) -> None:
    """Anything else is left as it is."""
    assert decided(run, 5, 5) is run.close


def test_a_guard_of_ones_own() -> None:
    """Zero and zero hold everything; a hundred percent nothing."""
    assert decided(RUN, 1, 100, MassCloseGuard(min_roles=0, percent=0)).state is CloseState.HELD
    assert decided(RUN, 100, 100, MassCloseGuard(percent=100)).state is CloseState.CLOSED


def test_the_policy_is_kept_in_words() -> None:
    """For the record of each role; a run that closes nothing has none."""
    assert policy(RUN, MassCloseGuard()) == "closeMissing; guard 10 roles and 20 %"
    assert policy(replace(RUN, close_missing=False), MassCloseGuard()) == ""


HELD = replace(
    RUN, close=MissingClose(state=CloseState.HELD, count=30, confirm_by_time=NOW + CONFIRMABLE)
)


@pytest.mark.parametrize(
    ("run", "count", "after", "error"),
    [
        (HELD, 30, timedelta(0), None),
        (HELD, 29, timedelta(0), CloseCountMismatch),
        (HELD, 30, CONFIRMABLE - timedelta(microseconds=1), None),
        (HELD, 30, CONFIRMABLE, CloseNotPending),
        (RUN, 30, timedelta(0), CloseNotPending),
    ],
)
def test_what_may_be_confirmed(
    run: Run, count: int, after: timedelta, error: type[Exception] | None
) -> None:
    """Exactly the count held, within a day."""
    if error is None:
        check_confirm(run, count, NOW + after)
    else:
        with pytest.raises(error):
            check_confirm(run, count, NOW + after)
