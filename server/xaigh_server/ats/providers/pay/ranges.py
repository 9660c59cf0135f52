"""Reader of one pay range from its stated parts, with a warning for every doubt.

Doubtful parts become unknown while the amounts are kept: nothing is annualized or filled in. Zero
is not pay, and a currency sign shared by several countries is not a currency.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, auto

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.pay import money
from xaigh_server.ats.providers.record import Interval, Pay, PaySource, WarningCode

_COMPARABLE = frozenset({"USD", "EUR", "GBP", "CAD", "AUD"})
_HOURLY_UP_TO = 250
_YEARLY_FROM = 15_000
_PLAUSIBLE = {
    Interval.HOUR: (1, 2_000),
    Interval.DAY: (8, 20_000),
    Interval.WEEK: (40, 100_000),
    Interval.BIWEEK: (80, 200_000),
    Interval.SEMIMONTH: (80, 200_000),
    Interval.MONTH: (150, 500_000),
    Interval.YEAR: (1_000, 50_000_000),
}
"""Whole units of a comparable currency, outside which a stated interval can't be meant."""


def suggested_interval(
    low: Decimal | None, high: Decimal | None, currency: str | None
) -> Interval | None:
    """Guesses the period from the amounts, for five currencies of comparable value."""
    if currency not in _COMPARABLE:
        return None
    top, bottom = high if high is not None else low, low if low is not None else high
    if top is not None and top <= _HOURLY_UP_TO:
        return Interval.HOUR
    if bottom is not None and bottom >= _YEARLY_FROM:
        return Interval.YEAR
    return None


class AmountUnit(Enum):
    """What a provider's amounts count. Hundredths are that in every currency, yen too."""

    MAJOR = auto()
    MINOR = auto()
    HUNDREDTHS = auto()


class PayReader:
    """Makes ranges for one record. `country` is where its only or primary place is, if known."""

    __slots__ = ("country", "notes")

    def __init__(self, notes: Notes, country: str | None) -> None:
        self.notes = notes
        self.country = country

    def range(
        self,
        low: object,
        high: object,
        *,
        field: str,
        source: PaySource,
        currency: str | None = None,
        interval: Interval | None = None,
        label: str | None = None,
        unit: AmountUnit = AmountUnit.MAJOR,
    ) -> Pay | None:
        """The range, or None when neither end is an amount.

        `low` and `high` are amounts of `unit`; `currency` is the provider's text.
        """
        code = None
        if currency:
            code = currency if currency in money.EXPONENTS else money.currency_code(currency)
        least = self._amount(low, field)
        most = least if high is low else self._amount(high, field)
        if least is None and most is None:
            return None
        if code is None:
            code = self._inferred(currency, field)
        if unit is not AmountUnit.MAJOR:
            places = money.exponent(code) if unit is AmountUnit.MINOR else 2
            least = least.scaleb(-places) if least is not None else None
            most = most.scaleb(-places) if most is not None else None
        if least is not None and most is not None and least > most:
            message = "The lower end is above the upper one: put in order, the interval unknown."
            self.notes.warn(WarningCode.PAY_MIN_OVER_MAX, field, message)
            least, most, interval = most, least, None
        stated = self._plausible(interval, least, most, code, field)
        return self._made(least, most, code, stated, field=field, label=label, source=source)

    def _made(
        self,
        least: Decimal | None,
        most: Decimal | None,
        code: str | None,
        interval: Interval | None,
        *,
        field: str,
        label: str | None,
        source: PaySource,
    ) -> Pay | None:
        low = self._minor(least, code, field)
        high = low if most is least else self._minor(most, code, field)
        if low is None and high is None:
            return None
        if interval is None:
            message = "No period is stated: the amounts are kept and the interval is unknown."
            self.notes.warn(WarningCode.PAY_INTERVAL_UNKNOWN, field, message)
        return Pay(
            min_minor=low,
            max_minor=high,
            currency=code,
            interval=interval,
            suggested_interval=None if interval else suggested_interval(least, most, code),
            label=label,
            source=source,
        )

    def _amount(self, value: object, field: str) -> Decimal | None:
        if value is None or value == "":
            return None
        read = value if type(value) is Decimal else money.amount(value)
        if read is None or read < 0:
            message = "This is not an amount of money: left out."
            self.notes.warn(WarningCode.PAY_AMOUNT_INVALID, field, message)
            return None
        if read == 0:
            message = "Zero means not disclosed: left out."
            self.notes.warn(WarningCode.PAY_ZERO_IGNORED, field, message)
            return None
        return read

    def _minor(self, major: Decimal | None, code: str | None, field: str) -> int | None:
        if major is None:
            return None
        if major > money.MAX_MINOR:
            self.notes.warn(WarningCode.PAY_AMOUNT_INVALID, field, "The amount is too large.")
            return None
        minor, rounded = money.to_minor(major, code)
        if minor > money.MAX_MINOR:
            self.notes.warn(WarningCode.PAY_AMOUNT_INVALID, field, "The amount is too large.")
            return None
        if rounded:
            message = "The amount has more decimals than its currency: rounded."
            self.notes.warn(WarningCode.PAY_ROUNDED, field, message)
        return minor

    def _inferred(self, stated: str | None, field: str) -> str | None:
        """The currency of the place, for an absent one or a "$" in the United States."""
        if not stated:
            code = money.currency_of_country(self.country)
        elif stated.strip() == "$":
            code = money.currency_of_dollar(self.country)
        else:
            code = None
        if code:
            message = f"No currency code is stated: {code} by the country of the role."
            self.notes.warn(WarningCode.CURRENCY_INFERRED, field, message)
        else:
            message = "The currency is unknown: the amounts are kept in hundredths."
            self.notes.warn(WarningCode.CURRENCY_UNKNOWN, field, message)
        return code

    def _plausible(
        self,
        interval: Interval | None,
        least: Decimal | None,
        most: Decimal | None,
        code: str | None,
        field: str,
    ) -> Interval | None:
        if interval not in _PLAUSIBLE or code not in _COMPARABLE:
            return interval
        floor, ceiling = _PLAUSIBLE[interval]
        known = [end for end in (least, most) if end is not None]
        if known and floor <= max(known) <= ceiling:
            return interval
        message = f"Such amounts can't be meant per {interval}: the interval is unknown."
        self.notes.warn(WarningCode.PAY_INTERVAL_IMPLAUSIBLE, field, message)
        return None
