"""Provider times."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.text.times import instant, moment

MOMENTS = [
    # value, moment, warning
    ("2026-05-04T09:12:44-04:00", datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    ("2026-05-04T13:12:44Z", datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    ("2026-05-04T13:12:44+0000", datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    ("2026-05-04T13:12:44.120+00:00", datetime(2026, 5, 4, 13, 12, 44, 120000, tzinfo=UTC), None),
    (" 2026-05-04T13:12:44Z ", datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    ("2026-05-04", date(2026, 5, 4), None),
    ("2026-05-04 01:12 PM", datetime(2026, 5, 4, 13, 12, tzinfo=UTC), None),
    ("2026-05-04 12:12 AM", datetime(2026, 5, 4, 0, 12, tzinfo=UTC), None),
    ("2026-05-04 12:12 pm", datetime(2026, 5, 4, 12, 12, tzinfo=UTC), None),
    (1777900364000, datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    (1777900364000.0, datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    (1777900364, datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    ("20260504", date(2026, 5, 4), None),
    ("9" * 30, None, "TIME_INVALID"),
    ("1777900364000", datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), None),
    ("2026-05-04T13:12:44", datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC), "TIME_WITHOUT_ZONE"),
    (None, None, None),
    ("", None, None),
    ("Posted 3 Days Ago", None, "TIME_INVALID"),
    ("2026-02-30", None, "TIME_INVALID"),
    ("2026-05-04 13:12 PM", None, "TIME_INVALID"),
    ("0001-01-01T00:00:00+14:00", None, "TIME_INVALID"),
    (0, None, "TIME_INVALID"),
    (10**30, None, "TIME_INVALID"),
    (float("nan"), None, "TIME_INVALID"),
    (True, None, "TIME_INVALID"),
    (["2026-05-04"], None, "TIME_INVALID"),
]


@pytest.mark.parametrize(("value", "expected", "warning"), MOMENTS)
def test_a_moment_is_in_utc_and_a_date_stays_a_date(value, expected, warning):
    """Every variant that providers write is read; anything else is left out with a warning."""
    notes = Notes()
    found = moment(value, "at", notes)
    assert found == expected
    assert type(found) is type(expected)
    assert [note.code for note in notes.warnings] == ([warning] if warning else [])


def test_an_instant_of_a_date_is_the_start_of_that_day():
    """Where a point in time is due, a day begins at midnight UTC."""
    assert instant("2026-05-04", "at", Notes()) == datetime(2026, 5, 4, tzinfo=UTC)
