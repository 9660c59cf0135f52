"""Figures of money in pay texts and in prose."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xaigh_server.ats.providers.pay import prose
from xaigh_server.ats.providers.record import Interval

HOUR, YEAR, MONTH, WEEK = Interval.HOUR, Interval.YEAR, Interval.MONTH, Interval.WEEK

PAY_TEXTS = [
    # text, low, high, currency, interval
    ("USD $82,015.00 - USD $88,743.00 /Yr.", "82015", "88743", "USD", YEAR),
    ("USD $82,015.00 - USD $88,743.00 /A", "82015", "88743", "USD", None),
    ("Posted Max Pay Rate USD $70,304.00/Yr.", None, "70304", "USD", YEAR),
    ("Starting from USD $15.00/Hr.", "15", None, "USD", HOUR),
    ("$13.66-$19.16 /HOURLY", "13.66", "19.16", "$", HOUR),
    ("75000 GBP", "75000", "75000", "GBP", None),
    ("£60K – £95K", "60000", "95000", "£", None),
    ("CA$102.8K – CA$137K", "102800", "137000", "CA$", None),
    ("$60-95k", "60000", "95000", "$", None),
    ("$50 — $70 USD", "50", "70", "USD", None),
    ("up to $30 per hour", None, "30", "$", HOUR),
    ("45,000 EUR per annum", "45000", "45000", "EUR", YEAR),
    ("between $20 and $25 an hour", "20", "25", "$", HOUR),
    ("€2.500", "2500", "2500", "€", None),
]


@pytest.mark.parametrize(("text", "low", "high", "currency", "interval"), PAY_TEXTS)
def test_a_pay_text_is_one_figure(text, low, high, currency, interval):
    """A range, a fixed amount, an upper or a lower end; a period only where it is written."""
    figure = prose.one_figure(text)
    if low is None and high is None:
        assert figure is None
        return
    assert figure is not None
    assert figure.low == (Decimal(low) if low else None)
    assert figure.high == (Decimal(high) if high else None)
    assert (figure.currency, figure.interval) == (currency, interval)


@pytest.mark.parametrize(
    "text", ["Salary Negotiable", "", "$10 now, $20 later", "7/27/2026", "41447668006"]
)
def test_a_text_without_one_figure_is_none(text):
    """No figure, or more than one, says nothing that could be relied on."""
    assert prose.one_figure(text) is None


def base_pay(text):
    return [figure for figure, _ in prose.base_pay(text).figures]


PROSE = [
    # text, low, high, interval
    ("Compensation: $75-$100 per hour (rate depends on experience)", "75", "100", HOUR),
    ("Our hourly band is a salary of $75 -$100 an hour.", "75", "100", HOUR),
    ("Compensation\n$34.62/hour", "34.62", "34.62", HOUR),
    ("Compensation\n$75k - $105k salary + benefits", "75000", "105000", None),
    (
        "The salary range is estimated to be $60,000 - $97,000/year. A bonus may be paid.",
        "60000",
        "97000",
        YEAR,
    ),
    ("Primary Location Base Pay Range: $151,500 USD - $227,300 USD", "151500", "227300", None),
    ("The annual base salary is £52,000 plus commission.", "52000", "52000", YEAR),
    ("Base pay: €2,800 to €3,100 per month", "2800", "3100", MONTH),
    ("Wage from $900 per week", "900", None, WEEK),
]


@pytest.mark.parametrize(("text", "low", "high", "interval"), PROSE)
def test_base_pay_in_prose(text, low, high, interval):
    """A figure under words that say base pay is read with the period that stands with it."""
    (figure,) = base_pay(text)
    assert figure.low == Decimal(low)
    assert figure.high == (Decimal(high) if high else None)
    assert figure.interval == interval


NO_PAY = [
    "The annual OTE for this position is $90,000 - $120,000 USD.",
    "We are a $12B company that pays well.",
    "Engineers who generate over $1.5T in wages for communities.",
    "Salary/Base + Commission + Bonus + Paid Training $40,000 - $70,000+/year",
    "You can expect to earn between $40,000 and 70,000 in your first year.",
    "Our average pay for this position is over $53,000 (over $27 per hour).",
    "Our top setters average $1,500 per week.",
    "Average first-year income range: $40,000 - $70,000+ (Base Salary + Commission + Bonuses)",
    "A sign-on bonus of $5,000 is paid.",
    "We raised $40 million and offer a competitive salary.",
    "Compensation includes a $500 stipend.",
    "Total compensation: $200,000 - $300,000.",
    "Salary: $120,000 OTE",
    "Manage a budget of $2,000,000 and set wages.",
    "Additional US Location(s) Base Pay Range: $137,100 USD - $243,600 USD",
    "Pay is competitive. 15% off at the store. Call 401-555-0100.",
    "",
]


@pytest.mark.parametrize("text", NO_PAY)
def test_what_is_no_base_pay_is_not_read(text):
    """Earnings on target, funding, commission, bonuses, budgets and averages are not base pay."""
    assert base_pay(text) == []


def test_each_distinct_figure_is_read_once():
    """The same figure twice is one, two figures are two."""
    same = "Pay: $20 - $25 per hour\nAgain, pay of $20 - $25 per hour"
    assert len(base_pay(same)) == 1
    other = "Pay in Ohio: $20 - $25 per hour\nPay in Texas: $18 - $22 per hour"
    assert len(base_pay(other)) == 2


def test_the_period_beside_the_same_figure():
    """A period counts only with just these amounts, and only if no other one is stated."""
    text = "Compensation: $75-$100 per hour\nWe spend $75 per year on cake"
    stated = prose.stated_periods(text)
    assert stated[Decimal(75), Decimal(100)] is HOUR
    assert (Decimal(70), Decimal(100)) not in stated
    assert prose.stated_periods("pay $75-$100 per hour\npay $75-$100 per year") == {}
