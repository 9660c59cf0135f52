"""Amounts and currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xaigh_server.ats.providers.pay import currencies, money

AMOUNTS = [
    (31000, "31000"),
    (22.4, "22.4"),
    (0.1, "0.1"),
    (7500.0, "7500.0"),
    ("31000", "31000"),
    ("13.15", "13.15"),
    ("47,740.00", "47740.00"),
    ("1 250 000", "1250000"),
    ("1'250'000", "1250000"),
    ("75k", "75000"),
    ("102.8K", "102800.0"),
    ("-5", "-5"),
    (Decimal("9.5"), "9.5"),
    ("1\u00a0250\u00a0000", "1250000"),
    ("45\u202f000", "45000"),
    ("45\u2009000,50", "45000.50"),
    ("85\u2019000", "85000"),
    ("85'000.50", "85000.50"),
    ("45.000", "45000"),
    ("1.250.000", "1250000"),
    ("1.250,50", "1250.50"),
    ("22,50", "22.50"),
    ("1,25", "1.25"),
    ("22,5", "22.5"),
    ("12,34,567", "1234567"),
    ("1,00,00,000", "10000000"),
    ("25.0000", "25.0000"),
    ("0.655", "0.655"),
    ("0,655", "0.655"),
    (".65", "0.65"),
]


@pytest.mark.parametrize(("value", "expected"), AMOUNTS)
def test_an_amount_is_read_exactly(value, expected):
    """Numbers and the texts that providers write become exact decimals."""
    assert money.amount(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    [
        *(
            None,
            True,
            "",
            " ",
            "abc",
            "NaN",
            "1,250,50",
            "1.250.50",
            "12 34",
            "1,2,3",
            "$5",
            "1e5",
            [5],
        ),
        *(float("nan"), float("inf"), Decimal("Infinity"), 2**64, "9" * 40, {"amount": 5}),
    ],
)
def test_what_is_no_amount_is_none(value):
    """Signs that fit no way of grouping make no number."""
    assert money.amount(value) is None


MINORS = [
    # major, currency, minor, rounded
    ("150000", "USD", 15000000, False),
    ("22.4", "USD", 2240, False),
    ("5000000", "JPY", 5000000, False),
    ("4500", "KRW", 4500, False),
    ("1200", "CLP", 1200, False),
    ("900000", "VND", 900000, False),
    ("1.234", "KWD", 1234, False),
    ("850.5", "BHD", 850500, False),
    ("19.995", "USD", 2000, True),
    ("19.985", "USD", 1998, True),
    ("7.5", None, 750, False),
]


@pytest.mark.parametrize(("major", "currency", "minor", "rounded"), MINORS)
def test_minor_units_are_those_of_iso_4217(major, currency, minor, rounded):
    """Yen has no decimals and the dinar three; what doesn't fit is rounded half to even."""
    assert money.to_minor(Decimal(major), currency) == (minor, rounded)


CODES = [
    ("USD", "USD"),
    ("usd", "USD"),
    (" gbp ", "GBP"),
    ("US$", "USD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("£", "GBP"),
    ("€", "EUR"),
    ("₹", "INR"),
    ("zł", "PLN"),
    ("$", None),
    ("¥", None),
    ("kr", None),
    ("XXX", None),
    ("dollars", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "code"), CODES)
def test_a_currency_is_named_without_doubt_or_not_at_all(text, code):
    """A sign that several currencies share names none of them."""
    assert currencies.currency_code(text) == code


@pytest.mark.parametrize(
    ("country", "of_country", "of_dollar"),
    [
        ("US", "USD", "USD"),
        ("PR", "USD", "USD"),
        ("CA", "CAD", "CAD"),
        ("AU", "AUD", "AUD"),
        ("DE", "EUR", None),
        ("BG", "EUR", None),
        ("ZZ", None, None),
        (None, None, None),
    ],
)
def test_a_bare_dollar_is_the_dollar_of_the_country(country, of_country, of_dollar):
    """Without a country that has a currency of the sign, it may be any of them."""
    assert currencies.currency_of_country(country) == of_country
    assert currencies.currency_of_sign("$", country) == of_dollar


def test_every_currency_that_wages_are_paid_in_has_an_order_of_magnitude():
    """Funds and codes of account have none; nothing outside of ISO 4217 has one."""
    funds = {"COU", "MXV", "UYI", "CHE", "CHW", "BOV", "CLF", "UYW", "USN"}
    assert set(currencies.UNITS) <= set(currencies.EXPONENTS)
    missing = set(currencies.EXPONENTS) - set(currencies.UNITS) - funds
    assert missing <= {"KPW", "ANG"}
