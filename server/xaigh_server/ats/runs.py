"""Runs: a run is one pass over a feed, in one batch or several.

A run is complete when it has received as many distinct ids as its feed has, and every id could be
read. Only a complete run renews its integration's freshness and closes missing roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from xaigh_server.ats.drift import DriftState, FieldDrift
from xaigh_server.ats.errors import RunClosed, RunInProgress, RunOutdated, RunSuperseded
from xaigh_server.ats.record_decisions import RecordOutcome

LEASE = timedelta(minutes=10)
"""How long after its last batch a run prevents others from beginning."""

RESUMABLE = timedelta(days=1)
"""How long after its last batch a run can be resumed, unless it was superseded."""


class RunState(StrEnum):
    """State of a run."""

    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    INCOMPLETE = "INCOMPLETE"
    PARTIAL = "PARTIAL"
    SUPERSEDED = "SUPERSEDED"
    EXPIRED = "EXPIRED"


class CloseState(StrEnum):
    """State of the close of the roles that a run lacks."""

    NOT_REQUESTED = "NOT_REQUESTED"
    WAITING = "WAITING"
    CLOSED = "CLOSED"
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    SKIPPED = "SKIPPED"
    LAPSED = "LAPSED"
    SUPERSEDED = "SUPERSEDED"
    CANCELLED = "CANCELLED"


class SkipReason(StrEnum):
    """Why nothing was closed."""

    MASS_CLOSE = "MASS_CLOSE"
    EMPTY_FEED = "EMPTY_FEED"
    COUNT_MISMATCH = "COUNT_MISMATCH"
    UNREADABLE_RECORDS = "UNREADABLE_RECORDS"
    NOT_COMPLETED = "NOT_COMPLETED"
    INTEGRATION_DEACTIVATED = "INTEGRATION_DEACTIVATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Number of records by outcome."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    reopened: int = 0
    closed: int = 0
    rejected: int = 0
    stale_skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        names = (field.name for field in fields(self))
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


def count(tally: Mapping[RecordOutcome, int]) -> Counts:
    """How many records had each outcome."""
    return Counts(**{outcome.lower(): number for outcome, number in tally.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRole:
    """A role that a feed no longer holds."""

    job_id: str
    external_job_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingClose:
    """Close of the roles that a run lacks.

    `count` is of closed or held roles; `roles` has the first hundred.
    """

    state: CloseState = CloseState.NOT_REQUESTED
    reason: SkipReason | None = None
    count: int = 0
    open_count: int = 0
    roles: tuple[MissingRole, ...] = ()
    confirm_by_time: datetime | None = None
    closed_time: datetime | None = None

    def shown(self, now: datetime) -> MissingClose:
        """The close at a time: one that was not confirmed in time has lapsed."""
        if self.state is not CloseState.HELD or self.confirm_by_time is None:
            return self
        if now < self.confirm_by_time:
            return self
        return replace(self, state=CloseState.LAPSED, confirm_by_time=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFacts:
    """What a batch adds to its run.

    `newly_seen` counts distinct ids that no earlier batch of the run held; `whole` says that the
    caller sent all of the feed, `expected_total` how many ids that is. `withheld` counts records
    that lack a guarded field of their role.
    """

    employer_id: str
    counts: Counts
    newly_seen: int
    unreadable: int
    whole: bool
    expected_total: int | None
    close_missing: bool
    withheld: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One reading of a feed. `order_time` is when it was read, as the caller says, or its begin.

    `number` is its place in the order of making.
    """

    number: int
    sync_run_id: str
    organization_id: str
    integration_id: str
    provider: str
    state: RunState = RunState.OPEN
    employer_ids: tuple[str, ...] = ()
    begin_time: datetime
    last_batch_time: datetime
    end_time: datetime | None = None
    lease_expire_time: datetime | None = None
    generated_time: datetime | None = None
    order_time: datetime
    expected_total: int | None = None
    whole_said: bool = False
    close_missing: bool = False
    seen_total: int = 0
    unreadable_total: int = 0
    batch_total: int = 0
    counts: Counts = Counts()
    close: MissingClose = MissingClose()
    withheld_total: int = 0
    drift: FieldDrift | None = None

    def shown(self, now: datetime) -> Run:
        """The run at a time: an open run that can't be resumed has expired."""
        close = self.close.shown(now)
        drift = None if self.drift is None else self.drift.shown(now)
        if not self.is_abandoned_for_good(now):
            return replace(self, close=close, drift=drift)
        return replace(self._ended(RunState.EXPIRED, self.last_batch_time + RESUMABLE))

    def is_abandoned_for_good(self, now: datetime) -> bool:
        return self.state is RunState.OPEN and now >= self.last_batch_time + RESUMABLE

    def holds_lease(self, now: datetime) -> bool:
        return self.lease_expire_time is not None and now < self.lease_expire_time

    def check_takes_batches(self, now: datetime) -> None:
        """Raises RunSuperseded or RunClosed unless the run is open."""
        if self.state is RunState.SUPERSEDED:
            raise RunSuperseded(self.sync_run_id)
        if self.state is not RunState.OPEN or self.is_abandoned_for_good(now):
            raise RunClosed(self.sync_run_id, self.shown(now).state)

    def superseded(self, now: datetime) -> Run:
        """The run, after a newer one took over."""
        return self._ended(RunState.SUPERSEDED, now)

    def cancelled(self, now: datetime) -> Run:
        """The run, after its integration was deactivated: it ends, or what it holds does."""
        if self.state is RunState.OPEN:
            return self._ended(RunState.EXPIRED, now, SkipReason.INTEGRATION_DEACTIVATED)
        close = self.close
        if close.state is CloseState.HELD:
            reason = SkipReason.INTEGRATION_DEACTIVATED
            close = replace(close, state=CloseState.CANCELLED, reason=reason, confirm_by_time=None)
        drift = self.drift
        if drift is not None and drift.state is DriftState.HELD:
            drift = drift.ended(DriftState.CANCELLED)
        return replace(self, close=close, drift=drift)

    def with_batch(self, batch: BatchFacts, now: datetime) -> Run:
        """The run with one more batch. Its lease is renewed; `judged` says whether it ends."""
        employers = self.employer_ids
        if batch.employer_id not in employers:
            employers = (*employers, batch.employer_id)
        whole = self.whole_said or batch.whole
        closes = self.close_missing or batch.close_missing
        expected = batch.expected_total if batch.whole else None
        return replace(
            self,
            employer_ids=employers,
            last_batch_time=now,
            lease_expire_time=now + LEASE if self.state is RunState.OPEN else None,
            expected_total=self.expected_total if expected is None else expected,
            whole_said=whole,
            close_missing=closes,
            seen_total=self.seen_total + batch.newly_seen,
            unreadable_total=self.unreadable_total + batch.unreadable,
            batch_total=self.batch_total + 1,
            counts=self.counts + batch.counts,
            withheld_total=self.withheld_total + batch.withheld,
            close=MissingClose(state=CloseState.WAITING) if closes else self.close,
        )

    def judged(self, now: datetime, *, last_chance: bool) -> Run:
        """Decides after a batch whether the run completes, ends incomplete, or stays open.

        `last_chance` is for a run without further batches.
        """
        if not self.whole_said:
            return self
        came, due = self.seen_total, self.expected_total or 0
        if came == due and not self.unreadable_total:
            return replace(self, state=RunState.COMPLETED, end_time=now, lease_expire_time=None)
        reason = SkipReason.COUNT_MISMATCH
        if self.unreadable_total:
            reason = SkipReason.UNREADABLE_RECORDS
        if last_chance or came + self.unreadable_total >= due:
            return self._ended(RunState.INCOMPLETE, now, reason)
        # The caller marked the feed as whole, but ids are missing: batches may still come.
        waiting = replace(self.close, reason=reason) if self.close_missing else self.close
        return replace(self, lease_expire_time=now, close=waiting)

    def _ended(
        self, state: RunState, now: datetime, reason: SkipReason = SkipReason.NOT_COMPLETED
    ) -> Run:
        close = self.close
        if self.close_missing:
            close = MissingClose(state=CloseState.SKIPPED, reason=reason)
        return replace(self, state=state, end_time=now, lease_expire_time=None, close=close)


def check_may_begin(
    order_time: datetime,
    *,
    now: datetime,
    under_way: Run | None,
    last_completed: Run | None,
) -> None:
    """Raises RunInProgress or RunOutdated unless a run of this reading may begin now.

    `under_way` is the integration's open run: a newer one takes over once its lease is over.
    """
    if under_way is not None and under_way.holds_lease(now):
        left = (under_way.lease_expire_time or now) - now
        raise RunInProgress(under_way.sync_run_id, retry_after=left.total_seconds())
    for earlier in (last_completed, under_way):
        if earlier is not None and order_time < earlier.order_time:
            raise RunOutdated(earlier.sync_run_id)
