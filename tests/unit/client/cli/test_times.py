"""Times as they are said and typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xaigh_client.cli import times
from xaigh_client.values import timestamp

NOW = datetime(2026, 6, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (-44, "just now"),
        (10, "in a moment"),
        (-60, "60 s ago"),
        (-300, "5 min ago"),
        (-89 * 60, "89 min ago"),
        (-2 * 3600, "2 h ago"),
        (-3 * 86_400, "3 days ago"),
        (2 * 86_400, "in 2 days"),
        (-40 * 86_400, "9 May 2026"),
        (400 * 86_400, "23 Jul 2027"),
    ],
)
def test_a_time_is_said_as_people_do(seconds: int, said: str) -> None:
    """Rounded to one unit; a date where it is more than a month away."""
    assert times.relative(timestamp(NOW + timedelta(seconds=seconds)), NOW) == said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("7d", 604_800),
        ("2w", 1_209_600),
        ("1d12h", 129_600),
    ],
)
def test_a_span_is_typed_short(text: str, seconds: int) -> None:
    """One letter a unit, and several one after the other."""
    assert times.parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "7", "d", "2 years", "1h nonsense", "-1h", "1.5h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """The message shows how it is written."""
    with pytest.raises(ValueError, match="write 90s"):
        times.parse_span(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T09:00:00+01:00", datetime(2027, 1, 31, 8, tzinfo=UTC)),
        ("90d", NOW + timedelta(days=90)),
    ],
)
def test_a_time_is_a_date_or_a_span_from_now(text: str, time: datetime) -> None:
    """A date without a zone is UTC."""
    assert times.parse_time(text, NOW) == time
