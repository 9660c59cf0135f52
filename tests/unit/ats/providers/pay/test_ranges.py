"""Ranges of pay, and every doubt about them."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.pay.ranges import AmountUnit, PayReader
from xaigh_server.ats.providers.record import Interval, PaySource

HOUR, YEAR, BIWEEK, MONTH = Interval.HOUR, Interval.YEAR, Interval.BIWEEK, Interval.MONTH


def read(low, high, *, country=None, **stated):
    notes = Notes()
    pay = PayReader(notes, country).range(low, high, field="pay", source=PaySource.FIELD, **stated)
    return pay, {warning.code for warning in notes.warnings}


CASES = [
    # low, high, stated, country, (min, max, currency, interval, suggested), warnings
    (120000, 160000, {"currency": "USD", "interval": YEAR}, None,
     (12000000, 16000000, "USD", YEAR, None), set()),
    (22.4, 26, {"currency": "USD", "interval": HOUR}, None,
     (2240, 2600, "USD", HOUR, None), set()),
    (22.4, 26, {"currency": "USD", "interval": BIWEEK}, None,
     (2240, 2600, "USD", None, HOUR), {"PAY_INTERVAL_IMPLAUSIBLE", "PAY_INTERVAL_UNKNOWN"}),
    (75, 156000, {"currency": "USD"}, None,
     (7500, 15600000, "USD", None, None), {"PAY_INTERVAL_UNKNOWN"}),
    (75, 100, {"currency": "USD"}, None,
     (7500, 10000, "USD", None, HOUR), {"PAY_INTERVAL_UNKNOWN"}),
    (15000, 16000, {"currency": "EUR"}, None,
     (1500000, 1600000, "EUR", None, YEAR), {"PAY_INTERVAL_UNKNOWN"}),
    (75, 100, {"currency": "PLN"}, None,
     (7500, 10000, "PLN", None, None), {"PAY_INTERVAL_UNKNOWN"}),
    (5000000, 6000000, {"currency": "JPY", "interval": YEAR}, None,
     (5000000, 6000000, "JPY", YEAR, None), set()),
    (0, 0, {"currency": "USD", "interval": YEAR}, None, None, {"PAY_ZERO_IGNORED"}),
    (0, 20, {"currency": "USD", "interval": HOUR}, None,
     (None, 2000, "USD", HOUR, None), {"PAY_ZERO_IGNORED"}),
    (30, 20, {"currency": "USD", "interval": HOUR}, None,
     (2000, 3000, "USD", None, HOUR), {"PAY_MIN_OVER_MAX", "PAY_INTERVAL_UNKNOWN"}),
    (20, None, {"currency": "USD", "interval": HOUR}, None,
     (2000, None, "USD", HOUR, None), set()),
    (20, 25, {"currency": "$", "interval": HOUR}, "US",
     (2000, 2500, "USD", HOUR, None), {"CURRENCY_INFERRED"}),
    (20, 25, {"currency": "$", "interval": HOUR}, "CA",
     (2000, 2500, None, HOUR, None), {"CURRENCY_UNKNOWN"}),
    (20, 25, {"currency": "$", "interval": HOUR}, None,
     (2000, 2500, None, HOUR, None), {"CURRENCY_UNKNOWN"}),
    (20, 25, {"currency": "", "interval": HOUR}, "PR",
     (2000, 2500, "USD", HOUR, None), {"CURRENCY_INFERRED"}),
    (20, 25, {"currency": "coins", "interval": HOUR}, "US",
     (2000, 2500, None, HOUR, None), {"CURRENCY_UNKNOWN"}),
    (float("nan"), 25, {"currency": "USD", "interval": HOUR}, None,
     (None, 2500, "USD", HOUR, None), {"PAY_AMOUNT_INVALID"}),
    ("abc", [1], {"currency": "USD", "interval": HOUR}, None, None, {"PAY_AMOUNT_INVALID"}),
    (-5, 25, {"currency": "USD", "interval": HOUR}, None,
     (None, 2500, "USD", HOUR, None), {"PAY_AMOUNT_INVALID"}),
    ("31000", "37,500.00", {"currency": "GBP", "interval": YEAR}, None,
     (3100000, 3750000, "GBP", YEAR, None), set()),
    (10**18, None, {"currency": "USD", "interval": YEAR}, None, None,
     {"PAY_AMOUNT_INVALID", "PAY_INTERVAL_IMPLAUSIBLE"}),
    (19.995, None, {"currency": "USD", "interval": HOUR}, None,
     (2000, None, "USD", HOUR, None), {"PAY_ROUNDED"}),
    (None, None, {"currency": "USD"}, None, None, set()),
]  # fmt: skip


@pytest.mark.parametrize(("low", "high", "stated", "country", "expected", "warnings"), CASES)
def test_a_range_keeps_its_amounts_and_says_what_is_unsure(
    low, high, stated, country, expected, warnings
):
    """Amounts stay, the rest is unknown when unsure, and each doubt is a warning."""
    pay, codes = read(low, high, country=country, **stated)
    assert codes == warnings
    if expected is None:
        assert pay is None
        return
    seen = (pay.min_minor, pay.max_minor, pay.currency, pay.interval, pay.suggested_interval)
    assert seen == expected


UNITS = [
    # amount, unit, currency, minor
    (7500, AmountUnit.HUNDREDTHS, "USD", 7500),
    (500000000, AmountUnit.HUNDREDTHS, "JPY", 5000000),
    (7500, AmountUnit.HUNDREDTHS, "KWD", 75000),
    (7500, AmountUnit.MINOR, "USD", 7500),
    (5000000, AmountUnit.MINOR, "JPY", 5000000),
    (75000, AmountUnit.MINOR, "KWD", 75000),
    (75, AmountUnit.MAJOR, "KWD", 75000),
]


@pytest.mark.parametrize(("amount", "unit", "currency", "minor"), UNITS)
def test_amounts_come_in_three_units(amount, unit, currency, minor):
    """Hundredths are hundredths in every currency; minor units are the currency's own."""
    pay, _ = read(amount, None, currency=currency, unit=unit, interval=MONTH)
    assert pay.min_minor == minor
