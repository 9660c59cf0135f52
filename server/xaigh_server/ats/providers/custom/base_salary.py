"""Reader of the pay of a schema.org JobPosting.

`baseSalary` is a MonetaryAmount, a PriceSpecification, a number, a text, or a list of them. The
standard form has an amount or a range and `unitText` in its `value`; portals also write the range
straight into baseSalary. `estimatedSalary` is somebody's guess, and never read.
"""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.pay import money, periods
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.posting import written_pay
from xaigh_server.ats.providers.record import Interval, Pay, PaySource

_ENDS = (
    ("minValue", "maxValue"),
    ("minPrice", "maxPrice"),
    ("value", "value"),
    ("price", "price"),
    ("median", "median"),
)
_UNIT_CODES = {
    "HUR": Interval.HOUR,
    "DAY": Interval.DAY,
    "WEE": Interval.WEEK,
    "MON": Interval.MONTH,
    "ANN": Interval.YEAR,
}
"""Periods by UN/CEFACT Common Code, which `unitCode` holds."""


def base_salary(fields: Fields, reader: PayReader) -> list[Pay]:
    """Every range of `baseSalary`, in order."""
    value = fields.payload.get("baseSalary")
    currency = _currency(fields, "salaryCurrency")
    entries = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
    found: list[Pay] = []
    for index, entry in entries:
        key = "baseSalary" if index is None else f"baseSalary[{index}]"
        found += _entry(entry, fields, key, currency, reader)
    return found


def _entry(
    entry: object, fields: Fields, key: str, currency: str | None, reader: PayReader
) -> list[Pay]:
    if entry is None or entry == "":
        return []
    if isinstance(entry, Mapping):
        return _amount(Fields(entry, fields.notes, fields.path(key)), currency, reader)
    if isinstance(entry, bool) or not isinstance(entry, int | float | str):
        fields.wrong(key, "an amount", entry)
        return []
    return _plain(entry, fields.path(key), currency, periods.NONE, reader)


def _amount(stated: Fields, currency: str | None, reader: PayReader) -> list[Pay]:
    """A MonetaryAmount or a PriceSpecification; its `value` may hold the amounts."""
    inner = stated.payload.get("value")
    holder = stated.child("value") if isinstance(inner, Mapping) else stated
    code = _currency(stated, "currency", "priceCurrency") or _currency(holder, "currency")
    code, period = code or currency, _period(holder)
    period = period if period != periods.NONE else _period(stated)
    label = stated.line("name")
    low, high = _ends(holder)
    if isinstance(low, str) and low == high and money.amount(low) is None:
        return _plain(low, stated.at, code, period, reader, label)
    pay = reader.range(
        low,
        high,
        field=stated.at,
        source=PaySource.FIELD,
        currency=code,
        period=period,
        label=label,
    )
    return [pay] if pay else []


def _ends(holder: Fields) -> tuple[object, object]:
    for low, high in _ENDS:
        ends = holder.payload.get(low), holder.payload.get(high)
        if any(end not in (None, "") for end in ends):
            return ends
    return None, None


def _plain(
    value: float | str,
    field: str,
    currency: str | None,
    period: Period,
    reader: PayReader,
    label: str | None = None,
) -> list[Pay]:
    """A bare number, or a text of pay."""
    if isinstance(value, str) and money.amount(value) is None:
        return list(
            written_pay(value, field, reader, currency=currency, period=period, label=label)
        )
    pay = reader.range(
        value,
        value,
        field=field,
        source=PaySource.FIELD,
        currency=currency,
        period=period,
        label=label,
    )
    return [pay] if pay else []


def _currency(holder: Fields, *keys: str) -> str | None:
    return next((code for key in keys if (code := holder.line(key, 40))), None)


def _period(holder: Fields) -> Period:
    """`unitText`, else `unitCode`, which some fill with words."""
    text = holder.line("unitText", 40) or holder.line("unitCode", 40)
    if not text:
        return periods.NONE
    code = _UNIT_CODES.get(text.strip().upper())
    return Period(code) if code else periods.of_field(text)
