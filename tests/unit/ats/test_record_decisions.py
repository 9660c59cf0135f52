"""What one record means for its mirror, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.ats.providers.record import OfferStatus
from xaigh_server.ats.record_decisions import (
    Incoming,
    Mirror,
    RecordOutcome,
    clamped,
    decide,
    first_sight,
    is_stale,
)
from xaigh_server.jobs.model import CloseReason, JobState, Publication

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MIRROR = Mirror(
    number=1,
    job_id="ats_1",
    external_job_id="1",
    employer_user_id="e",
    integration_id="int_1",
    raw_hash="r",
    content_hash="c",
    mapping="1.1",
    state=JobState.OPEN,
    close_reason=None,
    listed=True,
    held=False,
    updated_time=None,
    order_time=NOW - HOUR,
    seen_run=None,
)
INCOMING = Incoming(
    external_job_id="1",
    job_id="ats_1",
    raw_hash="r",
    content_hash="c",
    mapping="1.1",
    status=OfferStatus.OPEN,
    listed=True,
    updated_time=None,
)
GONE = MIRROR._replace(state=JobState.CLOSED, close_reason=CloseReason.ATS_MISSING)


@pytest.mark.parametrize(
    ("mirror", "incoming", "outcome", "state"),
    [
        (MIRROR, INCOMING, RecordOutcome.UNCHANGED, JobState.OPEN),
        (MIRROR, INCOMING._replace(raw_hash="other"), RecordOutcome.UNCHANGED, JobState.OPEN),
        (MIRROR, INCOMING._replace(content_hash="d"), RecordOutcome.UPDATED, JobState.OPEN),
        (MIRROR, INCOMING._replace(mapping="1.2"), RecordOutcome.UPDATED, JobState.OPEN),
        (
            MIRROR,
            INCOMING._replace(status=OfferStatus.CLOSED),
            RecordOutcome.CLOSED,
            JobState.CLOSED,
        ),
        (
            MIRROR,
            INCOMING._replace(status=OfferStatus.DRAFT),
            RecordOutcome.CLOSED,
            JobState.CLOSED,
        ),
        (
            MIRROR,
            INCOMING._replace(status=OfferStatus.UNLISTED, content_hash="d"),
            RecordOutcome.UPDATED,
            JobState.OPEN,
        ),
        (
            MIRROR,
            INCOMING._replace(status=OfferStatus.UNKNOWN),
            RecordOutcome.UNCHANGED,
            JobState.OPEN,
        ),
        (GONE, INCOMING, RecordOutcome.REOPENED, JobState.OPEN),
        (GONE._replace(held=True), INCOMING, RecordOutcome.UPDATED, JobState.OPEN),
        (
            GONE,
            INCOMING._replace(status=OfferStatus.UNKNOWN),
            RecordOutcome.UNCHANGED,
            JobState.CLOSED,
        ),
        (
            GONE,
            INCOMING._replace(status=OfferStatus.CLOSED),
            RecordOutcome.UNCHANGED,
            JobState.CLOSED,
        ),
        (
            GONE,
            INCOMING._replace(content_hash="d", status=OfferStatus.CLOSED),
            RecordOutcome.UPDATED,
            JobState.CLOSED,
        ),
    ],
)
def test_what_a_record_does(
    mirror: Mirror, incoming: Incoming, outcome: RecordOutcome, state: JobState
) -> None:
    """Content and state decide together; an unknown status keeps what is known."""
    verdict = decide(mirror, incoming, updated=None, order_time=NOW)
    assert (verdict.outcome, verdict.state) == (outcome, state)


@pytest.mark.parametrize(
    ("known", "said", "read", "stale"),
    [
        (None, None, NOW - HOUR, False),
        (None, None, NOW - 2 * HOUR, True),
        (NOW, NOW, NOW, False),
        (NOW, NOW, NOW - 2 * HOUR, True),
        (NOW, NOW - HOUR, NOW, True),
        (NOW - HOUR, NOW, NOW - 2 * HOUR, False),
        (NOW, None, NOW, False),
        (None, NOW, NOW - 2 * HOUR, True),
    ],
)
def test_what_is_older_than_what_is_known(
    known: datetime | None, said: datetime | None, read: datetime, stale: bool
) -> None:
    """The provider's times where both differ, else when the feeds were read."""
    assert is_stale(MIRROR._replace(updated_time=known), said, read) is stale


def test_an_older_record_that_says_the_same_is_unchanged() -> None:
    """There is nothing to overwrite, so nothing is skipped."""
    verdict = decide(MIRROR, INCOMING, updated=None, order_time=NOW - 9 * HOUR)
    assert verdict.outcome is RecordOutcome.UNCHANGED
    other = INCOMING._replace(content_hash="d")
    assert decide(MIRROR, other, updated=None, order_time=NOW - 9 * HOUR).outcome is (
        RecordOutcome.STALE_SKIPPED
    )


@pytest.mark.parametrize(
    ("ahead", "warned"),
    [(-HOUR, False), (timedelta(0), False), (timedelta(minutes=5), False), (HOUR, True)],
)
def test_a_time_in_the_future_counts_as_now(ahead: timedelta, warned: bool) -> None:
    """A little skew says nothing; more of it is warned about."""
    updated, warnings = clamped(INCOMING._replace(updated_time=NOW + ahead), NOW)
    assert updated == NOW + min(ahead, timedelta(0))
    assert bool(warnings) is warned


@pytest.mark.parametrize(
    ("status", "state", "listed"),
    [
        (OfferStatus.OPEN, JobState.OPEN, True),
        (OfferStatus.UNKNOWN, JobState.OPEN, True),
        (OfferStatus.UNLISTED, JobState.OPEN, False),
        (OfferStatus.CLOSED, JobState.CLOSED, True),
        (OfferStatus.DRAFT, JobState.CLOSED, True),
    ],
)
def test_a_first_sight(status: OfferStatus, state: JobState, listed: bool) -> None:
    """A role is open because it is there, unless its record says otherwise."""
    verdict = first_sight(INCOMING._replace(status=status))
    assert (verdict.outcome, verdict.state, verdict.listed) == (
        RecordOutcome.CREATED,
        state,
        listed,
    )
    publication = verdict.publication(Publication(), NOW)
    assert (publication.closed_time == NOW) is (state is JobState.CLOSED)
