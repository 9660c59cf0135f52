"""Decisions on one record: create, update, reopen, close, reject, or leave its mirror unchanged.

A batch makes hundreds of these values, so they are named tuples, the cheapest immutable type.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from xaigh_server.ats.providers.record import Note, OfferStatus, SyncWarning
from xaigh_server.jobs.model import CloseReason, JobState, Publication

SKEW = timedelta(minutes=5)
"""How far a provider's clock may be ahead of the server's without a warning."""


class RecordOutcome(StrEnum):
    """Outcome of a record."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REOPENED = "REOPENED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    STALE_SKIPPED = "STALE_SKIPPED"


WRITES = frozenset(
    {RecordOutcome.CREATED, RecordOutcome.UPDATED, RecordOutcome.REOPENED, RecordOutcome.CLOSED}
)
"""The outcomes that change a mirror and publish an event."""


_CLOSES = {
    OfferStatus.CLOSED: CloseReason.ATS_CLOSED,
    OfferStatus.DRAFT: CloseReason.ATS_UNPUBLISHED,
}


class Incoming(NamedTuple):
    """Facts of a normalized record that the decision needs.

    `updated_time` is the provider's; `mapping` names the rules that made the content of it.
    """

    external_job_id: str
    job_id: str
    raw_hash: str
    content_hash: str
    mapping: str
    status: OfferStatus
    listed: bool
    updated_time: datetime | None


class Mirror(NamedTuple):
    """Stored facts of a role, before the record. Runs are identified by their numbers.

    `order_time` is when the newest feed that held the role was read. `valued` are the fields that
    the role has, `withheld` those of them that its last record lacks, as bits (drift.py).
    """

    number: int
    job_id: str
    external_job_id: str
    employer_user_id: str
    integration_id: str
    raw_hash: str
    content_hash: str
    mapping: str
    state: JobState
    close_reason: CloseReason | None
    listed: bool
    held: bool
    updated_time: datetime | None
    order_time: datetime
    seen_run: int | None
    expires_time: datetime | None = None
    warnings: tuple[Note, ...] = ()
    valued: int = 0
    withheld: int = 0


class RecordDecision(NamedTuple):
    """What a record does. `publication` is the mirror's afterwards, None where it stays."""

    outcome: RecordOutcome
    state: JobState
    listed: bool
    close_reason: CloseReason | None
    warnings: tuple[Note, ...] = ()

    @property
    def writes(self) -> bool:
        return self.outcome in WRITES

    def publication(self, before: Publication, now: datetime) -> Publication:
        """Whether the role is offered, after this."""
        kept = before if self.listed is before.listed else replace(before, listed=self.listed)
        if self.state is before.state:
            return kept
        if self.state is JobState.OPEN:
            return kept.reopened(now)
        return kept.closed(self.close_reason or CloseReason.ATS_CLOSED, now)


def clamped(incoming: Incoming, now: datetime) -> tuple[datetime | None, tuple[Note, ...]]:
    """The provider's time of change for ordering, and a warning where it lies in the future.

    A time in the future counts as now, so that one wrong clock doesn't freeze a role against all
    later changes.
    """
    said = incoming.updated_time
    if said is None or said <= now:
        return said, ()
    if said <= now + SKEW:
        return now, ()
    message = f"{said.isoformat()} is in the future; taken as now."
    return now, (Note(SyncWarning.TIME_IN_FUTURE, "updatedAt", message),)


def is_stale(mirror: Mirror, updated: datetime | None, order_time: datetime) -> bool:
    """Whether a record is older than what is known.

    The provider's own times decide where both have one and they differ; otherwise the times at
    which the feeds were read.
    """
    if updated is not None and mirror.updated_time is not None and updated != mirror.updated_time:
        return updated < mirror.updated_time
    return order_time < mirror.order_time


def first_sight(incoming: Incoming) -> RecordDecision:
    """A record without a mirror makes one, open unless it says otherwise."""
    reason = _CLOSES.get(incoming.status)
    return RecordDecision(
        outcome=RecordOutcome.CREATED,
        state=JobState.OPEN if reason is None else JobState.CLOSED,
        listed=_listed(incoming, known=True),
        close_reason=reason,
    )


def decide(
    mirror: Mirror,
    incoming: Incoming,
    *,
    updated: datetime | None,
    order_time: datetime,
    withheld: int = 0,
) -> RecordDecision:
    """What a record does to its mirror. `updated` is the clamped time of its change.

    `withheld` are the fields that the record lacks and the role has. A record with the content of
    the last one withholds others only if the one of them was of a form that can't carry them.
    """
    state, reason = _next_state(mirror, incoming.status)
    same = (incoming.content_hash, incoming.mapping) == (mirror.content_hash, mirror.mapping)
    if same and state is mirror.state and withheld == mirror.withheld:
        return _kept(mirror, RecordOutcome.UNCHANGED)
    if is_stale(mirror, updated, order_time):
        return _kept(mirror, RecordOutcome.STALE_SKIPPED)
    return RecordDecision(
        outcome=_outcome(mirror, state),
        state=state,
        listed=_listed(incoming, known=mirror.listed),
        close_reason=reason,
        warnings=_held_warning(mirror, state),
    )


def _next_state(mirror: Mirror, status: OfferStatus) -> tuple[JobState, CloseReason | None]:
    if status is OfferStatus.UNKNOWN:
        return mirror.state, mirror.close_reason
    closes = _CLOSES.get(status)
    if closes is None:
        return JobState.OPEN, None
    if mirror.state is JobState.CLOSED:
        return JobState.CLOSED, mirror.close_reason
    return JobState.CLOSED, closes


def _outcome(mirror: Mirror, state: JobState) -> RecordOutcome:
    if state is mirror.state:
        return RecordOutcome.UPDATED
    if state is JobState.CLOSED:
        return RecordOutcome.CLOSED
    return RecordOutcome.UPDATED if mirror.held else RecordOutcome.REOPENED


def _held_warning(mirror: Mirror, state: JobState) -> tuple[Note, ...]:
    if not mirror.held or state is not JobState.OPEN or mirror.state is JobState.OPEN:
        return ()
    return (Note(SyncWarning.HELD_LOCALLY, "", "The role is held back here and stays closed."),)


def _kept(mirror: Mirror, outcome: RecordOutcome) -> RecordDecision:
    return RecordDecision(
        outcome=outcome,
        state=mirror.state,
        listed=mirror.listed,
        close_reason=mirror.close_reason,
    )


def _listed(incoming: Incoming, *, known: bool) -> bool:
    if incoming.status is OfferStatus.UNKNOWN:
        return known
    return incoming.listed and incoming.status is not OfferStatus.UNLISTED
