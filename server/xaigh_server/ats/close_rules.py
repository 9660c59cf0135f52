"""Closing what a complete run no longer holds, and holding back what looks like an accident."""

from __future__ import annotations

from datetime import datetime, timedelta

from xaigh_server.ats.errors import CloseCountMismatch, CloseNotPending
from xaigh_server.ats.integrations import MassCloseGuard
from xaigh_server.ats.runs import CloseState, MissingClose, MissingRole, Run, RunState, SkipReason

CONFIRMABLE = timedelta(days=1)
SHOWN_ROLES = 100


def decide_close(
    run: Run,
    *,
    missing: int,
    open_count: int,
    unnamed: int,
    roles: tuple[MissingRole, ...],
    guard: MassCloseGuard,
    now: datetime,
) -> MissingClose:
    """What becomes of the roles that are missing. Called once, when the run has completed.

    `open_count` is of the integration's open roles before anything is closed.
    """
    if run.state is not RunState.COMPLETED or not run.close_missing:
        return run.close
    held = _held_for(run, missing, open_count, guard)
    return MissingClose(
        state=CloseState.CLOSED if held is None else CloseState.HELD,
        reason=held,
        count=missing,
        open_count=open_count,
        unnamed_count=unnamed,
        roles=roles[:SHOWN_ROLES],
        confirm_by_time=None if held is None else now + CONFIRMABLE,
        closed_time=now if held is None else None,
    )


def check_confirm(run: Run, count: int, now: datetime) -> None:
    """Raises CloseNotPending or CloseCountMismatch unless this count may be closed now."""
    close = run.close.shown(now)
    if close.state is not CloseState.HELD:
        raise CloseNotPending(run.sync_run_id, close.state)
    if close.count != count:
        raise CloseCountMismatch(given=count, held=close.count)


def policy(run: Run, guard: MassCloseGuard) -> str:
    """What the run's closes are held to, in words, for the record; empty where it closes none."""
    return f"closeMissing; {guard}" if run.close_missing else ""


def _held_for(run: Run, missing: int, open_count: int, guard: MassCloseGuard) -> SkipReason | None:
    if not missing:
        return None
    if run.seen_total == 0:
        return SkipReason.EMPTY_FEED
    return SkipReason.MASS_CLOSE if guard.holds(missing, open_count) else None
