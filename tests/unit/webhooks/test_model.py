"""What a try means for its delivery and its endpoint, and what an endpoint may hear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.net.http_reply import HttpOutcome
from xaigh_server.net.retry_schedule import SCHEDULE
from xaigh_server.webhooks.errors import QuotaExceeded
from xaigh_server.webhooks.model import (
    FAILING_AFTER,
    MAX_ENDPOINTS,
    DeliveryAttempt,
    DeliveryDecision,
    DeliveryState,
    DisableReason,
    EndpointHealth,
    SealedSecrets,
    check_quota,
    decide,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WELL = EndpointHealth()


def verdict(
    outcome: HttpOutcome = HttpOutcome.REFUSED,
    status: int = 500,
    *,
    step: int = 1,
    health: EndpointHealth = WELL,
    retry_after: float | None = None,
) -> DeliveryDecision:
    attempt = DeliveryAttempt(
        number=step,
        started_at=NOW - timedelta(seconds=1),
        duration=timedelta(seconds=1),
        outcome=outcome,
        status=status,
    )
    return decide(
        attempt, step=step, health=health, now=NOW, retry_after=retry_after, random=lambda: 0.0
    )


def test_success_ends_the_delivery_and_heals_the_endpoint():
    """The count of failures begins anew; when it last failed stays known."""
    ill = EndpointHealth(failure_count=7, failing_since=NOW, last_failure_at=NOW)
    made = verdict(HttpOutcome.ACCEPTED, 200, health=ill)
    assert made.state is DeliveryState.SUCCEEDED
    assert made.next_attempt_at is None
    assert made.pause_until is None
    assert made.health == EndpointHealth(last_success_at=NOW, last_failure_at=NOW)


@pytest.mark.parametrize(
    "outcome", [each for each in HttpOutcome if each is not HttpOutcome.ACCEPTED]
)
def test_every_other_outcome_leads_to_another_try(outcome):
    """The schedule says when; the endpoint pauses for a second."""
    made = verdict(outcome, 0)
    assert made.state is DeliveryState.PENDING
    assert made.next_attempt_at == NOW + timedelta(seconds=SCHEDULE[0])
    assert made.pause_until == NOW + timedelta(seconds=1)
    assert made.health.failure_count == 1
    assert made.health.failing_since == NOW - timedelta(seconds=1)


def test_after_the_last_step_there_is_no_other_try():
    """The delivery failed; an endpoint that had successes meanwhile stays enabled."""
    made = verdict(step=len(SCHEDULE) + 1)
    assert made.state is DeliveryState.FAILED
    assert made.disable is DisableReason.NONE


@pytest.mark.parametrize(
    ("wish", "delay", "pause"), [(1.0, 5, 1), (60.0, 60, 60), (86400.0, 86400, 86400)]
)
def test_a_wish_lengthens_delay_and_pause_but_never_shortens(wish, delay, pause):
    """Retry-After speaks for the whole endpoint."""
    made = verdict(status=429, retry_after=wish)
    assert made.next_attempt_at == NOW + timedelta(seconds=delay)
    assert made.pause_until == NOW + timedelta(seconds=pause)


def test_410_disables_at_once():
    """Gone is gone, on the first try."""
    made = verdict(status=410)
    assert made.disable is DisableReason.GONE
    assert made.state is DeliveryState.FAILED


@pytest.mark.parametrize(
    ("since", "disable"),
    [
        (FAILING_AFTER, DisableReason.FAILING),
        (FAILING_AFTER - timedelta(seconds=1), DisableReason.NONE),
    ],
)
def test_three_days_of_failures_disable(since, disable):
    """Counted from the first failure in a row."""
    made = verdict(health=EndpointHealth(failure_count=9, failing_since=NOW - since))
    assert made.disable is disable


@pytest.mark.parametrize(
    ("since", "last", "tell"),
    [
        (None, None, False),
        (None, timedelta(minutes=1), False),
        (timedelta(minutes=59), timedelta(minutes=30), False),
        (timedelta(minutes=60), timedelta(minutes=1), True),
        (timedelta(hours=9), timedelta(hours=8, minutes=30), True),
        (timedelta(minutes=61), timedelta(seconds=60), False),
        (timedelta(hours=9), timedelta(hours=2), False),
    ],
)
def test_an_hour_of_failures_is_told_once(since, last, tell):
    """By the first attempt past it; the ones after it say nothing, however they come."""
    health = EndpointHealth(
        failure_count=3,
        failing_since=None if since is None else NOW - since,
        last_failure_at=None if last is None else NOW - last,
    )
    assert verdict(health=health).tell is tell
    assert not verdict(HttpOutcome.ACCEPTED, 200, health=health).tell
    assert not verdict(status=410, health=health).tell


def test_two_secrets_sign_until_the_overlap_ends():
    """The current one first."""
    ends = NOW + timedelta(hours=1)
    secrets = SealedSecrets(current=b"new", previous=b"old", previous_expires_at=ends)
    assert secrets.signing(NOW) == (b"new", b"old")
    assert secrets.signing(ends) == (b"new",)
    assert SealedSecrets(current=b"new").signing(NOW) == (b"new",)
    assert "new" not in repr(secrets)


def test_the_quota_counts_what_stands():
    """The last one that fits, and the first that doesn't."""
    check_quota(MAX_ENDPOINTS - 1)
    with pytest.raises(QuotaExceeded):
        check_quota(MAX_ENDPOINTS)
