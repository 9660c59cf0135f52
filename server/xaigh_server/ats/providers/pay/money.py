"""Amounts of money in decimal arithmetic, from numbers and from written numbers to minor units."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from xaigh_server.ats.providers.pay.currencies import EXPONENTS

MAX_MINOR = 10**12
"""The largest amount that is taken for pay, in minor units."""

SPACES = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019"
_SPACE, _APOSTROPHE = f"[{SPACES}]", f"[{_APOSTROPHES}]"
_CENTS = r"(?:[.,]\d{1,2})?"
NUMBER = (
    rf"(?:0[.,]\d{{1,4}}|\d{{1,3}}(?:{_SPACE}\d{{3}})+{_CENTS}"
    rf"|\d{{1,3}}(?:{_APOSTROPHE}\d{{3}})+{_CENTS}"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?"
    r"|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?|\.\d{1,4})"
    rf"(?![.,]?\d|{_APOSTROPHE}\d)"
)
"""A written number: grouped by spaces, apostrophes, commas, dots or the Indian way, or not."""

_PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,6})?\Z")
_THOUSANDS = re.compile(r"(?!0\d*[.,])\d{1,3}(?:\.\d{3})+\Z|(?!0\d*[.,])\d{1,3}(?:,\d{3})+\Z")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,4})?\Z")
_MIXED = re.compile(
    r"(?P<whole>\d{1,3}(?:,\d{3})+)\.(?P<part>\d{1,4})\Z"
    r"|(?P<whole2>\d{1,3}(?:\.\d{3})+),(?P<part2>\d{1,4})\Z"
)
_DECIMAL = re.compile(r"(?P<whole>\d{0,15})[.,](?P<part>\d{1,6})\Z")
_GROUPS = re.compile(rf"(?:{_SPACE}|{_APOSTROPHE})(?=\d{{3}}(?!\d))")
_NO_SIGNS = str.maketrans("", "", ".,")


def amount(value: object) -> Decimal | None:
    """A finite, exact decimal of a number or of a text that is one; None for anything else.

    Texts may group thousands in any common way, and end in "k". One comma or dot with three
    digits behind it groups thousands ("1.234"); with another number of digits it is the decimal
    sign ("22,50").
    """
    if type(value) is int:
        return Decimal(value) if value.bit_length() < 64 else None
    if type(value) is float:
        return Decimal(repr(value)) if value - value == 0 else None
    if type(value) is str:
        return _amount_of_text(value.strip())
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _amount_of_text(text: str) -> Decimal | None:
    thousands = text[-1:] in ("k", "K")
    digits = text[:-1].rstrip() if thousands else text
    negative = digits.startswith("-")
    read = written(digits.removeprefix("-"))
    if read is None:
        return None
    if thousands:
        read *= 1000
    return -read if negative else read


def written(text: str) -> Decimal | None:
    """The value of a written number, or None where its signs fit no way of grouping."""
    if len(text) > 40:
        return None
    digits = text if text.isdigit() else _GROUPS.sub("", text)
    if _INDIAN.match(digits):
        digits = digits.replace(",", "")
    elif _THOUSANDS.match(digits):
        digits = digits.translate(_NO_SIGNS)
    elif mixed := _MIXED.match(digits):
        whole, part = mixed["whole"] or mixed["whole2"], mixed["part"] or mixed["part2"]
        digits = f"{whole.translate(_NO_SIGNS)}.{part}"
    elif decimal := _DECIMAL.match(digits):
        digits = f"{decimal['whole'] or 0}.{decimal['part']}"
    elif not _PLAIN.match(digits):
        return None
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def exponent(currency: str | None) -> int:
    """How many decimals a currency has; 2 for one that isn't known."""
    return EXPONENTS.get(currency, 2) if currency else 2


def to_minor(major: Decimal, currency: str | None) -> tuple[int, bool]:
    """Minor units, and whether they had to be rounded (half to even)."""
    scaled = major.scaleb(exponent(currency))
    minor = round(scaled)
    return minor, minor != scaled
