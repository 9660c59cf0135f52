"""The schedule, the pauses, and what a receiver may wish for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.net import retry_schedule as retries

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
fraction = st.floats(min_value=0, max_value=1, exclude_max=True)


def test_the_schedule_covers_three_days():
    """From the first try to the last one: three days without jitter, less than 3.4 with it."""
    assert 72 * 3600 <= sum(retries.SCHEDULE) <= 73 * 3600
    assert list(retries.SCHEDULE) == sorted(retries.SCHEDULE)


@given(st.integers(min_value=1, max_value=20), fraction)
def test_jitter_only_lengthens_a_delay(step, drawn):
    """Up to a tenth; after the last step there is no delay."""
    delay = retries.delay(step, lambda: drawn)
    if step > len(retries.SCHEDULE):
        assert delay is None
    else:
        assert delay is not None
        base = retries.SCHEDULE[step - 1]
        assert base <= delay <= base * 1.1


@given(st.integers(min_value=1, max_value=10_000), fraction)
def test_pauses_grow_to_five_minutes(failures, drawn):
    """However many failures: never more, and never an overflow."""
    assert 0.9 <= retries.pause(failures, lambda: drawn) <= 300


def test_the_first_pause_is_shorter_than_the_first_delay():
    """So one event that is refused doesn't hold up those behind it."""
    assert retries.pause(1, lambda: 0.0) < retries.SCHEDULE[0]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 400, 86400),
        ("-1", None),
        ("1.5", None),
        ("١٢٠", None),
        ("soon", None),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=30), usegmt=True), 86400),
        ("Sun, 01 Mar 2026 12:05:00", 300),
        ("Sun, 32 Mar 2026 12:05:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    """A day at most; what makes no sense is no wish."""
    assert retries.retry_after(value, NOW) == seconds


@given(st.text())
def test_no_retry_after_breaks_anything(value):
    """Receivers may send whatever they like."""
    wish = retries.retry_after(value, NOW)
    assert wish is None or 0 <= wish <= retries.MAX_RETRY_AFTER
