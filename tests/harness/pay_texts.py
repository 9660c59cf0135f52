"""Pay in one line of text, for tables of what is expected."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.pay.money import exponent
from xaigh_server.ats.providers.record import Pay

NEWLINE = "⏎"


def rows(table: str) -> list[tuple[str, str]]:
    """The rows of a table "text|expected". "⏎" is a line break within a text."""
    split = (row.rpartition("|") for row in table.strip().split("\n"))
    return [(text.replace(NEWLINE, "\n"), expected) for text, _, expected in split]


def told(pays: Iterable[Pay], notes: Notes) -> str:
    """ "low-high CURRENCY INTERVAL [label]" each, "?" for a warning instead of pay."""
    found = "; ".join(_one(pay) for pay in pays)
    warned = any(warning.code == "PAY_AMBIGUOUS" for warning in notes.warnings)
    return found or ("?" if warned else "")


def _one(pay: Pay) -> str:
    low, high = (_whole(end, pay.currency) for end in (pay.min_minor, pay.max_minor))
    label = f" [{pay.label}]" if pay.label else ""
    return f"{low}-{high} {pay.currency or '-'} {pay.interval or '-'}{label}"


def _whole(minor: int | None, currency: str | None) -> str:
    if minor is None:
        return "-"
    major = Decimal(minor).scaleb(-exponent(currency))
    return str(int(major)) if major == int(major) else f"{major:.2f}"
