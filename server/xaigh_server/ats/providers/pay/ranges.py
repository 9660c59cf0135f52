"""Reader of one pay range from its stated parts, with a warning for every doubt.

Doubtful parts become unknown while the amounts are kept: nothing is annualized or filled in. Zero
is not pay, and a currency sign shared by several countries is not a currency.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum, auto

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.pay import currencies, evidence, money, periods
from xaigh_server.ats.providers.pay.evidence import Verdict
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.record import Interval, Pay, PaySource, WarningCode

_HOURLY_UP_TO = 250
_YEARLY_FROM = 15_000
_PLAUSIBLE = {
    Interval.HOUR: (1, 1_500),
    Interval.DAY: (6, 10_000),
    Interval.WEEK: (40, 40_000),
    Interval.BIWEEK: (80, 80_000),
    Interval.SEMIMONTH: (80, 80_000),
    Interval.MONTH: (150, 150_000),
    Interval.YEAR: (1_500, 5_000_000),
}
"""International dollars, outside which a stated interval can't be meant.

Each band is wide enough for the lowest and the highest wages of any country, and narrow enough that
common wages a thousand times too large or too small fall out of it.
"""
_THREE_DECIMALS = re.compile(r"\d{1,3}\.\d{3}\Z")


def suggested_interval(
    low: Decimal | None, high: Decimal | None, currency: str | None
) -> Interval | None:
    """Guesses the period from what the amounts buy, for currencies of known order of magnitude."""
    units = currencies.UNITS.get(currency) if currency else None
    if units is None:
        return None
    top, bottom = high if high is not None else low, low if low is not None else high
    if top is not None and top <= _HOURLY_UP_TO * units:
        return Interval.HOUR
    if bottom is not None and bottom >= _YEARLY_FROM * units:
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
        period: Period = periods.NONE,
        label: str | None = None,
        kind: str | None = None,
        unit: AmountUnit = AmountUnit.MAJOR,
    ) -> Pay | None:
        """The range, or None when neither end is an amount, or when its label denies base pay.

        `low` and `high` are amounts of `unit`; `currency` is the provider's text, `kind` what the
        amounts are if not plain gross pay.
        """
        if label and evidence.of_label(label) is Verdict.OTHER:
            message = "The range is labelled as something else than base pay: left out."
            self.notes.warn(WarningCode.PAY_NOT_BASE, field, message)
            return None
        code = self._code(currency, field) if currency else None
        least = self._amount(low, code, field)
        most = least if high is low else self._amount(high, code, field)
        if least is None and most is None:
            return None
        if code is None:
            code = self._inferred(currency, field)
        if unit is not AmountUnit.MAJOR:
            places = money.exponent(code) if unit is AmountUnit.MINOR else 2
            least = least.scaleb(-places) if least is not None else None
            most = most.scaleb(-places) if most is not None else None
        interval = period.interval
        if least is not None and most is not None and least > most:
            message = "The lower end is above the upper one: put in order, the interval unknown."
            self.notes.warn(WarningCode.PAY_MIN_OVER_MAX, field, message)
            least, most, interval = most, least, None
        stated = self._plausible(interval, least, most, code, field)
        counted = period.unit or (periods.unit_in(label) if label and stated is None else None)
        return self._made(
            least, most, code, stated, (kind, counted), field=field, label=label, source=source
        )

    def _made(
        self,
        least: Decimal | None,
        most: Decimal | None,
        code: str | None,
        interval: Interval | None,
        qualities: tuple[str | None, str | None],
        *,
        field: str,
        label: str | None,
        source: PaySource,
    ) -> Pay | None:
        low = self._minor(least, code, field)
        high = low if most is least else self._minor(most, code, field)
        if low is None and high is None:
            return None
        unit = qualities[1]
        guess = None
        if interval is None:
            message = "No period is stated: the amounts are kept and the interval is unknown."
            if unit:
                message = "No period of time is stated: the label says what is paid for."
            self.notes.warn(WarningCode.PAY_INTERVAL_UNKNOWN, field, message)
            guess = None if unit else suggested_interval(least, most, code)
        return Pay(
            min_minor=low,
            max_minor=high,
            currency=code,
            interval=interval,
            suggested_interval=guess,
            label=self._qualified(label, qualities, field),
            source=source,
        )

    def _qualified(
        self, label: str | None, qualities: tuple[str | None, str | None], field: str
    ) -> str | None:
        """The label with what the amounts are, where they aren't plain gross pay for a time."""
        said = (label or "").casefold()
        extra = ", ".join(word for word in qualities if word and word not in said)
        if qualities[0] or (qualities[1] or "").startswith("per "):
            message = "The amounts are not gross pay for a period of time: see the label."
            self.notes.warn(WarningCode.PAY_QUALIFIED, field, message)
        if not extra:
            return label
        return f"{label[:400]} ({extra})" if label else extra

    def _amount(self, value: object, code: str | None, field: str) -> Decimal | None:
        if value is None or value == "":
            return None
        if type(value) is str and money.exponent(code) == 3 and _THREE_DECIMALS.match(value):
            value = Decimal(value)  # dinars have three decimals: no thousands
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

    def _code(self, stated: str, field: str) -> str | None:
        """The currency that a text names; the country decides on a sign that others have too."""
        if stated in currencies.EXPONENTS:
            return stated
        usual = currencies.currency_code(stated)
        local = currencies.currency_of_sign(stated, self.country) if usual else None
        if local is None or local == usual:
            return usual
        self._note_inferred(local, field)
        return local

    def _note_inferred(self, code: str, field: str) -> None:
        message = f"No currency code is stated: {code} by the country of the role."
        self.notes.warn(WarningCode.CURRENCY_INFERRED, field, message)

    def _inferred(self, stated: str | None, field: str) -> str | None:
        """The currency of the place: for an absent one, or a sign that it shares with others."""
        if stated:
            code = currencies.currency_of_sign(stated, self.country)
        else:
            code = currencies.currency_of_country(self.country)
        if code:
            self._note_inferred(code, field)
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
        units = currencies.UNITS.get(code) if code else None
        if interval not in _PLAUSIBLE or units is None:
            return interval
        floor, ceiling = (bound * units for bound in _PLAUSIBLE[interval])
        if all(floor <= end <= ceiling for end in (least, most) if end is not None):
            return interval
        message = f"Such amounts can't be meant per {interval}: the interval is unknown."
        self.notes.warn(WarningCode.PAY_INTERVAL_IMPLAUSIBLE, field, message)
        return None
