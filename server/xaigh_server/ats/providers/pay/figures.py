"""Grammar of figures of money in text: "$75-$100 per hour", "45.000 – 55.000 € brutto/Jahr".

A figure is an amount, or two that a word for a range joins, with a currency before or behind, a
multiplier ("k", "lakh"), and a period or unit of work. What "k" or a currency says at one end holds
for the other. A second number that counts something else ("40 hours per week", "14 Gehälter") is
no end of a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from xaigh_server.ats.providers.pay import money, periods
from xaigh_server.ats.providers.pay.currencies import UNITS, currency_code
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.record import Interval
from xaigh_server.ats.providers.text.vocabulary import words

_SIGN = (
    r"(?:(?:USD?|CAD?|AUD?|NZD?|SGD?|HK|MXN?|NTD?|AR|CLP|COL|COP|[CASR])\$|U\$S|\$"
    r"|[£€¥￥₹₩₪₱₫₦₴₺₽฿₵₸₾֏₲₡])"
)
CODES = words(
    "USD EUR GBP CAD AUD NZD CHF JPY INR SGD HKD SEK NOK DKK ISK PLN CZK HUF RON BGN RSD MKD BRL"
    " MXN ARS CLP COP PEN UYU CRC DOP GTQ ZAR ILS NIS AED SAR QAR KWD BHD OMR JOD EGP MAD TND DZD"
    " CNY RMB KRW TWD NTD THB MYR PHP IDR VND PKR BDT LKR NPR TRY NGN KES GHS UGX TZS ZMW XOF XAF"
    " UAH RUB KZT GEL AMD AZN UZS usd eur gbp inr chf sek nok dkk pln"
)
"""Codes that are read in sentences: those that are no words there."""
CODE = rf"(?:(?:{'|'.join(sorted(CODES))})(?![A-Za-z]))"
_WORD_BEFORE = (
    r"(?:Rs\.?|rs\.?|Rp\.?|RM|R|KSh\.?|Ksh\.?|SFr\.?|sFr\.?|Fr\.|S/\.?|[Kk]r\.?|Php|GH[₵¢])"
)
_WORD_BEHIND = (
    r"(?:[Ee]uros?|EUROS?|[Dd]ollars?|[Pp]ounds?|[Rr]upees?|[Pp]esos?|kr\.?|kronor|kroner|zł|PLN|Kč"
    r"|Ft|lei|TL|грн|руб|лв|円|元|원|Dhs?|Fr\.|cents?|¢)(?![^\W\d_])"
)
_BEFORE = rf"(?:(?P<code1>{CODE})\s?)?(?:(?P<sign1>{_SIGN}|{_WORD_BEFORE}(?=\s?\d))\s?)?"
_MULTIPLIER = (
    r"(?:\s?(?P<times>[kK]|[Tt]sd\.?|[Tt]housand|[Tt]ausend|mil|lakhs?|Lakhs?|lacs?|Lacs?|LPA|lpa"
    r"|L|crores?|Crores?|[Cc]r|[mM]|mn|[Mm]io\.?|[Mm]illion(?:en|s)?|millones|juta|jt|triệu|tr)"
    r"(?![^\W\d_])|\s?(?P<joined>[kKT])(?=\s?(?:€|EUR|eur|USD|GBP|CHF))|(?P<han>[万만]))?"
)
_BEHIND = (
    rf"(?:\s?\(?(?P<code2>{CODE})\)?"
    rf"|\s?(?P<sign2>{_SIGN}(?!\s?\d)|{_WORD_BEHIND})(?:\s?(?P<code3>{CODE}))?)?"
)
_AMOUNT = re.compile(
    rf"(?<![\w.,#]){_BEFORE}(?:(?P<early>[kKT])(?P<sign0>€|EUR)\s?)?"
    rf"(?P<number>(?<![\d.,]){money.NUMBER}){_MULTIPLIER}(?:[.,][-\u2013\u2014]{{1,2}}|/-)?"
    rf"(?P<plus1>\+)?{_BEHIND}(?P<plus2>\+)?"
)
_IN_FRONT = re.compile(
    rf"(?<![\w.,#])(?:{CODE}\s?)?(?:(?:{_SIGN}|{_WORD_BEFORE})\s?|[kKT](?:€|EUR)\s?)?(?=[\d.]|\Z)"
)
_DIGIT = re.compile(r"\d")
_PREFIX = 10
_CONNECTOR = re.compile(
    r"\s*(?:(?P<range>[-\u2010-\u2015\u2212~\u301c\uff5e]{1,2}"
    r"|\b(?:to|up to|through|until|bis(?: zu)?|à|a|al|hasta|até|tot(?: en met)?|t/m|och|till|til"
    r"|do|fino a)\b)|(?P<pair>\b(?:and|und|et|y|e|en|oraz|og)\b|&))\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\b(?:between|entre|zwischen|tussen|tra|fra|mellan|mellem|mellom|between the)\W*\Z",
    re.IGNORECASE,
)
_LOWER_END = re.compile(
    r"\b(?:from|start(?:s|ing)?(?: pay)?(?: from| at| of)?|at least|min(?:imum)?(?: of)?"
    r"|no less than|not less than|more than|over|above|upwards of|as low as|beginning at"
    r"|ab|mindestens|von|à partir de|dès|minimum de|au moins|desde|a partir de|mínimo(?: de)?"
    r"|da|vanaf|minimaal|från|fra|od|minst)\W*\Z",
    re.IGNORECASE,
)
_UPPER_END = re.compile(
    r"\b(?:up to|upto|max(?:imum)?(?: pay)?(?: rate)?(?: of)?|no more than|not more than|as high as"
    r"|below|under|less than|bis(?: zu)?|maximal|höchstens|jusqu['\u2019](?:à|a|au)|hasta"
    r"|máximo(?: de)?|até|fino a|tot|maximaal|upp till|op til|opptil|do)\W*\Z",
    re.IGNORECASE,
)
_LOWER_BEHIND = re.compile(
    r"\s*(?:\(?(?:or|and) (?:more|above|up|higher|over)\b|& up\b|min(?:imum)?\b|to start\b"
    r"|starting\b|aufwärts\b|y más\b|et plus\b)",
    re.IGNORECASE,
)
_UPPER_BEHIND = re.compile(r"\s*(?:max(?:imum)?\b|or less\b|tops\b|maximal\b)", re.IGNORECASE)
_COUNTED = re.compile(
    r"\s?(?:[x×%]|(?:hours?|hrs?|h)\.?\s?(?:/|per\b|a\b|-?\s?(?:shift|week|day|work))"
    r"|(?:hours|days|weeks|months|years|yrs|shifts|people|employees|times|stunden|std|tage[n]?"
    r"|wochen|monate[n]?|jahre[n]?|gehälter\w*|monatsgeh\w*|pagas|pagos|mensualit\w+|mois|heures"
    r"|jours|semaines|horas|días|dias|meses|uren|uur|dagen|maanden|mensilità|mesi|ore)\b)",
    re.IGNORECASE,
)
_NOT_MONEY = re.compile(
    r"[\w%(]|[.,]\d|\s?%|\s?(?:[MBT]|bn|mm|[Mm]illion|[Bb]illion|[Tt]rillion)\b"
)
_NET = re.compile(
    r"(?<![.\w])[Nn]et(?:to|tes?|s)?\b(?! (?:sales|revenue|worth|income))|(?<![.\w])NET\b|[Nn]etto"
    r"|\bnett[oi]\b"
    r"|\bnetos?\b|líquido|after tax"
)
_WITH_VAT = re.compile(
    r"\bincl(?:\.|uding|usive of)?\s+(?:VAT|MwSt|TVA|IVA|BTW|GST)|\binkl\.?\s+MwSt|\bTTC\b"
)
_THOUSAND, _LAKH, _CRORE, _MILLION = map(Decimal, (1_000, 100_000, 10_000_000, 1_000_000))
_TIMES = {
    **dict.fromkeys(("k", "t", "tsd", "thousand", "tausend", "mil"), _THOUSAND),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs", "lpa", "l"), _LAKH),
    **dict.fromkeys(("crore", "crores", "cr"), _CRORE),
    **dict.fromkeys(("m", "mn", "mio", "million", "millions", "millionen", "millones"), _MILLION),
    **dict.fromkeys(("juta", "jt", "triệu", "tr"), _MILLION),
    **dict.fromkeys(("万", "만"), Decimal(10_000)),
}
_INDIAN = (_LAKH, _CRORE)
_SMALL_UNIT = 100
"""Units to a dollar from which on wages are stated in millions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A range as written. `currency` is the text beside it, "$" included, or None.

    `before` and `after` are the words between it and its neighbours in the sentence. `kind` is
    what the amounts are if not plain gross pay: "net", "incl. VAT".
    """

    low: Decimal | None
    high: Decimal | None
    currency: str | None
    period: Period
    before: str = ""
    after: str = ""
    kind: str | None = None

    @property
    def interval(self) -> Interval | None:
        """The period of time, where one is stated."""
        return self.period.interval


@dataclass(frozen=True, slots=True)
class _Amount:
    """One written amount and what stands on its sides."""

    hit: re.Match[str]
    number: Decimal
    times: Decimal | None
    signs: tuple[str | None, str | None]

    @property
    def code(self) -> str | None:
        return self.signs[0]

    @property
    def sign(self) -> str | None:
        return self.signs[1]

    @property
    def is_open(self) -> bool:
        return bool(self.hit["plus1"] or self.hit["plus2"])


@dataclass(frozen=True, slots=True)
class _Span:
    """A figure that was matched, and where."""

    figure: Figure
    start: int
    end: int
    is_lone: bool


def of_sentence(sentence: str, *, needs_currency: bool) -> list[Figure]:
    """Each figure, with the words between it and its neighbours."""
    spans = [
        span for span in _spans(sentence) if span.figure.currency is not None or not needs_currency
    ]
    starts = [*(span.start for span in spans[1:]), len(sentence)]
    ends = [0, *(span.end for span in spans)]
    return [
        _completed(span, sentence[ends[at] : span.start], sentence[span.end : starts[at]])
        for at, span in enumerate(spans)
    ]


def _spans(sentence: str) -> Iterator[_Span]:
    at = 0
    while hit := _next(sentence, at):
        amount = _amount(hit)
        if amount is None or not _is_money(sentence, amount):
            at = max(hit.end("number"), hit.start() + 1)
            continue
        span = _span(sentence, amount)
        at = span.end
        yield span


def _next(sentence: str, at: int) -> re.Match[str] | None:
    """The next amount: looked for by its first digit, then back for a currency before it."""
    while digit := _DIGIT.search(sentence, at):
        first = digit.start()
        if first > at and sentence[first - 1] == ".":
            first -= 1
        before = _IN_FRONT.search(sentence, max(first - _PREFIX, at), first)
        starts = {before.start() if before else first, first, digit.start()}
        for start in sorted(starts):
            hit = _AMOUNT.match(sentence, start)
            if hit:
                return hit
        at = digit.end()
    return None


def _span(sentence: str, low: _Amount) -> _Span:
    """The figure that begins with an amount: a range if another end follows."""
    period, end, kind = periods.behind(sentence, low.hit.end())
    high = _other_end(sentence, low, end)
    if high is None and end != low.hit.end():  # "$60,000 base - $70,000": words before the dash
        high = _other_end(sentence, low, low.hit.end())
    if high is None:
        figure = _figure(low, None, period, kind)
        return _Span(figure, low.hit.start(), end, is_lone=True)
    period2, end, kind2 = periods.behind(sentence, high.hit.end())
    if period2 == periods.NONE:
        period2, kind2 = period, kind
    return _Span(_figure(low, high, period2, kind2), low.hit.start(), end, is_lone=False)


def _other_end(sentence: str, low: _Amount, at: int) -> _Amount | None:
    joined = _CONNECTOR.match(sentence, at)
    if joined is None or low.is_open:
        return None
    if joined["pair"] and not _BETWEEN.search(
        sentence[max(low.hit.start() - 40, 0) : low.hit.start()]
    ):
        return None
    hit = _AMOUNT.match(sentence, joined.end())
    high = _amount(hit) if hit else None
    if (
        high is None
        or not _is_money(sentence, high, low.code or low.sign)
        or not _fits(sentence, low, high)
    ):
        return None
    return high


def _fits(sentence: str, low: _Amount, high: _Amount) -> bool:
    """Whether a number is the other end of a range, not a count or another currency's amount."""
    if low.code and high.code and low.code.upper() != high.code.upper():
        return False
    if low.sign and high.sign and low.sign != high.sign and "lakh" not in (low.sign, high.sign):
        return False
    if not (high.code or high.sign or high.times) and _COUNTED.match(sentence, high.hit.end()):
        return False
    bottom, top = _values(low, high)
    return top * 10 >= bottom


def _amount(hit: re.Match[str]) -> _Amount | None:
    number = money.written(hit["number"])
    if number is None:
        return None
    times = hit["times"] or hit["joined"] or hit["han"] or hit["early"]
    factor = _TIMES[times.casefold().rstrip(".")] if times else None
    code = hit["code3"] or hit["code2"] or hit["code1"]
    sign = hit["sign1"] or hit["sign2"] or hit["sign0"]
    if sign and sign.casefold().rstrip("s") in ("cent", "¢"):
        number, sign = number.scaleb(-2), "$"
    if factor in _INDIAN and not (code or sign):
        sign = "lakh"
    return _Amount(hit, number, factor, (code, sign))


def _is_money(sentence: str, amount: _Amount, other: str | None = None) -> bool:
    """Not "$12B", "$1.5T", "15%", "401(k)", "10x" or the head of a longer number.

    `other` is the currency at the other end.
    """
    currency = amount.code or amount.sign or other
    if amount.times == _MILLION and not _is_small(currency):
        return False
    if amount.hit["times"] == "L" and not _is_indian(currency or other):
        return False
    has_suffix = amount.hit.end() != amount.hit.end("number")
    return has_suffix or _NOT_MONEY.match(sentence, amount.hit.end()) is None


def _is_small(currency: str | None) -> bool:
    code = currency_code(currency) if currency else None
    return code is not None and UNITS.get(code, 1) >= _SMALL_UNIT


def _is_indian(currency: str | None) -> bool:
    return currency is not None and currency.casefold().rstrip(".") in ("₹", "inr", "rs", "lakh")


def _values(low: _Amount, high: _Amount) -> tuple[Decimal, Decimal]:
    """Both ends; a multiplier or thousands at one end hold for the other, where it needs them."""
    bottom, top = low.number * (low.times or 1), high.number * (high.times or 1)
    if high.times and not low.times and low.number <= high.number:
        bottom *= high.times
    if low.times and not high.times and top < bottom:
        top *= low.times
    if not (low.times or high.times) and bottom * 1000 <= top and top % 1000 == 0:
        bottom *= 1000  # "$50-60,000"
    return bottom, top


def _figure(low: _Amount, high: _Amount | None, period: Period, kind: str) -> Figure:
    bottom, top = (low.number * (low.times or 1),) * 2 if high is None else _values(low, high)
    ends = [low] if high is None else [high, low]
    currency = next((end.code for end in ends if end.code), None)
    currency = currency or next(
        (end.sign for end in reversed(ends) if end.sign and end.sign != "lakh"), None
    )
    currency = currency or next((end.sign for end in ends if end.sign), None)
    if period == periods.NONE and any((end.hit["times"] or "").casefold() == "lpa" for end in ends):
        period = Period(Interval.YEAR)
    is_open = high is None and low.is_open
    return Figure(
        low=bottom, high=None if is_open else top, currency=currency, period=period, kind=kind
    )


def _completed(span: _Span, before: str, after: str) -> Figure:
    """The figure with its neighbours' words, which may open one end and name the period."""
    figure = span.figure
    low, high, period = figure.low, figure.high, figure.period
    if span.is_lone and low is not None and high is not None:
        behind = f" {figure.kind} {after}"
        if _UPPER_END.search(before) or _UPPER_BEHIND.match(behind):
            low = None
        elif _LOWER_END.search(before) or _LOWER_BEHIND.match(behind):
            high = None
    if period == periods.NONE:
        period = periods.before(before)
    kind = _kind(f"{before[-60:]} {figure.kind} {after[:30]}")
    return replace(figure, low=low, high=high, period=period, before=before, after=after, kind=kind)


def _kind(beside: str) -> str | None:
    if _NET.search(beside):
        return "net"
    return "incl. VAT" if _WITH_VAT.search(beside) else None
