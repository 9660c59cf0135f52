"""Ranges of pay, and every doubt about them."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.pay import periods
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import AmountUnit, PayReader
from xaigh_server.ats.providers.record import Interval, PaySource

HOUR, YEAR, BIWEEK, MONTH = Interval.HOUR, Interval.YEAR, Interval.BIWEEK, Interval.MONTH


def read(low, high, *, country=None, interval=None, **stated):
    notes = Notes()
    stated.setdefault("period", Period(interval))
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
     (7500, 10000, "PLN", None, HOUR), {"PAY_INTERVAL_UNKNOWN"}),
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
     (2000, 2500, "CAD", HOUR, None), {"CURRENCY_INFERRED"}),
    (20, 25, {"currency": "$", "interval": HOUR}, "DE",
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
    ("45.000", "1.250,50", {"currency": "EUR"}, None,
     (125050, 4500000, "EUR", None, None), {"PAY_MIN_OVER_MAX", "PAY_INTERVAL_UNKNOWN"}),
    ("950.500", "1250.750", {"currency": "KWD", "interval": MONTH}, None,
     (950500, 1250750, "KWD", MONTH, None), set()),
    (120, 160000, {"currency": "USD", "interval": YEAR}, None,
     (12000, 16000000, "USD", None, None), {"PAY_INTERVAL_IMPLAUSIBLE", "PAY_INTERVAL_UNKNOWN"}),
    (60, 80, {"currency": "USD", "label": "OTE"}, None, None, {"PAY_NOT_BASE"}),
    (60, 80, {"currency": "USD", "label": "On-Target Earnings range"}, None, None,
     {"PAY_NOT_BASE"}),
    (60000, 80000, {"currency": "USD", "label": "Base salary (plus bonus)", "interval": YEAR}, None,
     (6000000, 8000000, "USD", YEAR, None), set()),
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


PLAUSIBLE = """
INR 1200000 YEAR|INR 50000 MONTH|JPY 5000000 YEAR|JPY 1300 HOUR|KRW 45000000 YEAR
VND 20000000 MONTH|IDR 8000000 MONTH|COP 3500000 MONTH|CLP 900000 MONTH|MXN 25000 MONTH
BRL 6000 MONTH|PLN 12000 MONTH|CZK 45000 MONTH|HUF 650000 MONTH|SEK 38000 MONTH
NOK 600000 YEAR|CHF 95000 YEAR|SGD 6000 MONTH|HKD 30000 MONTH|TWD 50000 MONTH
PHP 35000 MONTH|THB 40000 MONTH|MYR 4500 MONTH|ZAR 300000 YEAR|NGN 350000 MONTH
KES 80000 MONTH|EGP 20000 MONTH|TRY 60000 MONTH|AED 12000 MONTH|KWD 900 MONTH
ILS 18000 MONTH|UAH 40000 MONTH|PKR 120000 MONTH|ARS 1200000 MONTH|CNY 20000 MONTH
USD 22 HOUR|GBP 45000 YEAR|EUR 3500 MONTH|DKK 38000 MONTH|RON 9000 MONTH
"""
WAGES = [tuple(wage.split()) for wage in PLAUSIBLE.strip().replace("\n", "|").split("|")]


@pytest.mark.parametrize(("currency", "amount", "period"), WAGES)
def test_a_common_wage_is_plausible_and_a_thousand_times_of_it_is_not(currency, amount, period):
    """In every currency: off by a thousand either way, the period is unknown and warned about."""
    wage, interval = int(amount), Interval(period)
    pay, codes = read(wage, wage, currency=currency, interval=interval)
    assert (pay.interval, codes) == (interval, set())
    for wrong in (wage * 1_000, wage / 1_000):
        pay, codes = read(wrong, wrong, currency=currency, interval=interval)
        assert pay.interval is None
        assert "PAY_INTERVAL_IMPLAUSIBLE" in codes


STATED = [
    # text of a field, interval, label, suggestion
    *[("HOURLY", HOUR, None), ("2 WEEK", BIWEEK, None), ("2 WEEKS", BIWEEK, None)],
    *[("Fortnightly", BIWEEK, None), ("semi-month-salary", Interval.SEMIMONTH, None)],
    *[("Monatlich", MONTH, None), ("par mois", MONTH, None), ("mensuel", MONTH, None)],
    *[("per mile", None, "per mile"), ("PER_MILE", None, "per mile"), ("Mile", None, "per mile")],
    *[("per shift", None, "per shift"), ("12-hour shift", None, "per shift")],
    *[("per visit", None, "per visit"), ("per load", None, "per load"), ("Unit", None, "per unit")],
    *[("per diem", Interval.DAY, None), ("bi-month-salary", None, "bi-month-salary")],
]


@pytest.mark.parametrize(("text", "interval", "label"), STATED)
def test_a_stated_period_that_is_none_is_named_and_suggests_nothing(text, interval, label):
    """A unit of work, or a word that isn't known, stands in the label."""
    pay, codes = read(20, 25, currency="USD", period=periods.of_field(text))
    if interval in (HOUR, None):
        assert (pay.interval, pay.label, pay.suggested_interval) == (interval, label, None)
    assert ("PAY_QUALIFIED" in codes) is (label is not None and label.startswith("per "))


@pytest.mark.parametrize("text", ["", "NONE", "Other", "salary", "N/A", "Not specified"])
def test_words_that_say_nothing_leave_the_suggestion(text):
    """They are no statement of a period."""
    pay, _ = read(20, 25, currency="USD", period=periods.of_field(text))
    assert (pay.interval, pay.label, pay.suggested_interval) == (None, None, HOUR)
