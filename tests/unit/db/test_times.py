"""Times survive the way into the tables and back to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.db.times import from_micros, to_micros


@given(st.datetimes(timezones=st.just(UTC)))
def test_there_and_back(time: datetime) -> None:
    """No time changes by a microsecond, before or after the epoch."""
    assert from_micros(to_micros(time)) == time


def test_other_zones_are_the_same_instant() -> None:
    """An offset is taken off; None stays None; a naive time is refused."""
    zone = timezone(timedelta(hours=2))
    assert to_micros(datetime(1970, 1, 1, 2, 0, 1, tzinfo=zone)) == 1_000_000
    assert to_micros(None) is None
    assert from_micros(None) is None
    with pytest.raises(TypeError):
        to_micros(datetime(2026, 1, 1))  # noqa: DTZ001  # the naive time is the point
