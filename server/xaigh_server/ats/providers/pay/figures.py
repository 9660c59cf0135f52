"""Figures of money in sentences: "$75-$100 per hour", "USD $47,740.00/Yr.", "75000 GBP".

Two readers share one grammar. A *pay text* is a field that holds nothing but pay, so its
figure is taken as it is. *Prose* is a description, where most figures are no base pay at all
(funding, on-target earnings, commission, bonuses, equity): there a figure counts only under words
that say base pay, with none beside it that say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from xaigh_server.ats.providers.record import Interval
from xaigh_server.ats.providers.text import vocabulary

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?"
_SIGN = r"(?:US|CA|AU|NZ|SG|HK|MX|NT|C|A|S|R)?\$|[£€¥₹₩₪₱]|zł"
_CODE = (
    r"(?:USD|EUR|GBP|CAD|AUD|NZD|CHF|JPY|INR|SGD|HKD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BRL|MXN|ZAR|ILS"
    r"|AED|CNY|KRW|TWD|THB|MYR|PHP|IDR|TRY|SAR|ARS|CLP|COP|NGN|KES|EGP|VND|UAH)\b"
)
_PERIOD = (
    r"(?i:(?:\s*(?:/|\bper\b|\ban?\b|\beach\b)\s*|\s+)"
    r"(?:hour(?:ly)?|hr|yr|year(?:ly)?|annum|annual(?:ly)?|month(?:ly)?|mo|week(?:ly)?|wk|day"
    r"|daily|h)\b\.?)"
)
_FIGURE = re.compile(
    rf"(?:(?P<code1>{_CODE})\s?)?(?P<sign1>{_SIGN})?\s?(?P<low>{_NUMBER})(?P<k1>\s?[kK]\b)?\+?"
    rf"(?:\s?(?P<code2>{_CODE}))?(?P<period1>{_PERIOD})?"
    rf"(?:\s*(?P<dash>[-\u2012-\u2015]|\bto\b|\band\b)\s*"
    rf"(?:(?P<code3>{_CODE})\s?)?(?P<sign2>{_SIGN})?\s?(?P<high>{_NUMBER})(?P<k2>\s?[kK]\b)?\+?"
    rf"(?:\s?(?P<code4>{_CODE}))?)?(?P<period2>{_PERIOD})?"
)
_START = re.compile(rf"(?<![\w.,$])(?=(?:{_CODE}\s?)?(?:{_SIGN})?\s?\d)")
_SIGNS = ("$", "£", "€", "₹", "zł")
_CODES = ("USD", "GBP", "EUR", "CAD", "AUD", "CHF", "INR", "SGD", "SEK", "PLN")
_ANY_CODE = re.compile("|".join(_CODES))

_IS_BASE = re.compile(
    r"\b(?:salar(?:y|ies)|pay|compensation|base|wages?|hourly|remuneration|rate|gehalt|salaire"
    r"|salario)\b",
    re.IGNORECASE,
)
_IS_NOT = re.compile(
    r"\b(?:ote|on[- ]target|target(?:ed)? earnings|commissions?|bonus(?:es)?|earn(?:s|ings?)?"
    r"|total (?:compensation|cash|rewards?|target)|sign[- ]?on|signing|stipend|allowance|budget"
    r"|revenue|funding|raised|valuation|referral|equity|stock|rsus?|shares?|averages?|sales"
    r"|reimburse\w*|insurance|401|tuition|relocation|value of|worth|savings?|additional|secondary"
    r"|variable|incentives?|gross margin|quota|minimum wage|first year|first-year)\b",
    re.IGNORECASE,
)
_LOWER_END = re.compile(
    r"\b(?:from|start(?:s|ing)?(?: from| at)?|at least|min(?:imum)?)\W*$", re.IGNORECASE
)
_UPPER_END = re.compile(
    r"\b(?:up to|max(?:imum)?(?: pay)?(?: rate)?|no more than)\W*$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z*])")
_NEXT_CLAUSE = re.compile(r"[+,;.(]|\bplus\b|\band\b|\bwith\b", re.IGNORECASE)
_BRACKET = re.compile(r"\s*\([^)]{0,80}\)")
_NOT_MONEY = re.compile(r"[\w%(]|[.,]\d|\s?(?:[MBT]|bn|mm|million|billion|trillion)\b")
_RATE_WORD = re.compile(
    r"\b(?:hourly|daily|weekly|bi-?weekly|monthly|yearly|annual(?:ly|ized)?|per annum)\b",
    re.IGNORECASE,
)
_PERIOD_BEHIND = re.compile(
    r"\s*(?:gross\s+)?\(?(?:per\s+\w+|an?\s+(?:hour|year|month|week|day)|annually)", re.IGNORECASE
)
_HEADING = 60
_REPEATED = 300
_LONGEST = 5_000
_MOST_LINES = 30
_MOST_FIGURES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A range as written. `currency` is the text beside it, "$" included, or None."""

    low: Decimal | None
    high: Decimal | None
    currency: str | None
    interval: Interval | None
    before: str
    after: str


def money_lines(text: str) -> list[tuple[str, str]]:
    """Each line that mentions money, in order, with the line above it.

    The signs are looked up in the whole text, which takes no time where there are none; the codes,
    only in a text without signs, and each on its own only where one look finds any of them.
    """
    at = _line_starts(text, _SIGNS)
    if not at:
        if _ANY_CODE.search(text) is None:
            return []
        at = _line_starts(text, _CODES)
    return [_line_at(text, start) for start in sorted(at)]


def _line_starts(text: str, wanted: tuple[str, ...]) -> set[int]:
    at: set[int] = set()
    for sign in wanted:
        found = text.find(sign)
        while found >= 0 and len(at) < _MOST_LINES:
            at.add(text.rfind("\n", 0, found) + 1)
            end = text.find("\n", found)
            found = text.find(sign, end) if end >= 0 else -1
    return at


def _line_at(text: str, start: int) -> tuple[str, str]:
    end = text.find("\n", start)
    above = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
    return text[start:end] if end >= 0 else text[start:], above


def of_pay_text(text: str) -> Figure | None:
    """The one figure of a text that is known to be about pay; None when there is none or more."""
    found = list(_figures(text[:300], needs_currency=False))
    return found[0] if len(found) == 1 else None


def of_prose(text: str) -> list[Figure]:
    """Base pay in a description, in order, each distinct figure once."""
    found: list[Figure] = []
    for line, above in money_lines(text):
        read = _base_pay_of_feed if len(line) <= _REPEATED else _base_pay
        for figure in read(line, above if len(above) <= _HEADING else ""):
            if not any(_same(figure, other) for other in found):
                found.append(figure)
        if len(found) > _MOST_FIGURES:
            break
    return found


def periods(text: str) -> dict[tuple[Decimal | None, Decimal | None], Interval]:
    """The period of each figure of a text, where the text states one and only one for it."""
    stated: dict[tuple[Decimal | None, Decimal | None], set[Interval]] = {}
    for line, _ in money_lines(text):
        for figure in _figures(line[:_LONGEST], needs_currency=True):
            if figure.interval:
                stated.setdefault((figure.low, figure.high), set()).add(figure.interval)
    return {ends: found.pop() for ends, found in stated.items() if len(found) == 1}


def _base_pay(line: str, above: str) -> tuple[Figure, ...]:
    return tuple(
        figure
        for sentence in _SENTENCE_END.split(line[:_LONGEST])
        for figure in _figures(sentence, needs_currency=True)
        if _is_base(f"{above}\n{figure.before}\n{_qualifier(figure.after)}")
    )


_base_pay_of_feed = lru_cache(maxsize=1_024)(_base_pay)
"""The same for short lines: the jobs of one employer repeat its bands of pay."""


def _is_base(beside: str) -> bool:
    return _IS_BASE.search(beside) is not None and _IS_NOT.search(beside) is None


def _qualifier(after: str) -> str:
    """The words after a figure that qualify it: "OTE", but not "plus bonus"."""
    if not after.strip():
        return ""
    bracket = _BRACKET.match(after)
    return bracket[0] if bracket else _NEXT_CLAUSE.split(after, maxsplit=1)[0][:40]


def _same(one: Figure, other: Figure) -> bool:
    return (one.low, one.high, one.currency) == (other.low, other.high, other.currency)


def _figures(sentence: str, *, needs_currency: bool) -> Iterator[Figure]:
    """Each figure, with the words between it and its neighbours."""
    hits = [hit for hit in _matches(sentence) if not needs_currency or _currency(hit)]
    ends = [0, *(hit.end() for hit in hits)]
    starts = [*(hit.start() for hit in hits), len(sentence)]
    for index, hit in enumerate(hits):
        before = sentence[ends[index] : starts[index]]
        after = sentence[ends[index + 1] : starts[index + 1]]
        yield _read(hit, before, after)


def _matches(sentence: str) -> Iterator[re.Match[str]]:
    position = 0
    while start := _START.search(sentence, position):
        hit = _FIGURE.match(sentence, start.start())
        if hit and _is_money(sentence, hit):
            yield hit
        position = hit.end() if hit else start.start() + 1


def _is_money(sentence: str, hit: re.Match[str]) -> bool:
    """Not "$12B", "$1.5T", "15%", "401(k)", "10x" or the head of a longer number."""
    return _NOT_MONEY.match(sentence, hit.end()) is None


def _currency(hit: re.Match[str]) -> str | None:
    """A code beside the figure says more than a sign."""
    code = hit["code4"] or hit["code2"] or hit["code1"] or hit["code3"]
    return code or hit["sign1"] or hit["sign2"]


def _read(hit: re.Match[str], before: str, after: str) -> Figure:
    low = Decimal(hit["low"].replace(",", ""))
    high = Decimal(hit["high"].replace(",", "")) if hit["high"] else low
    if hit["k1"] or (hit["k2"] and low <= high):
        low *= 1000
    if hit["k2"] or (hit["k1"] and not hit["high"]):
        high *= 1000
    least: Decimal | None = low
    most: Decimal | None = high
    if not hit["high"]:
        least = None if _UPPER_END.search(before) else low
        most = None if _LOWER_END.search(before) else high
    return Figure(
        low=least,
        high=most,
        currency=_currency(hit),
        interval=_interval(hit, before, after),
        before=before,
        after=after,
    )


def _interval(hit: re.Match[str], before: str, after: str) -> Interval | None:
    """The period behind the figure, else the word before it that names a rate."""
    behind = hit["period2"] or hit["period1"] or _PERIOD_BEHIND.match(after)
    if behind:
        return vocabulary.interval(behind if isinstance(behind, str) else behind[0])
    rates = _RATE_WORD.findall(before)
    return vocabulary.interval(rates[-1]) if rates else None
