"""Pay in texts: base pay in descriptions, and fields that hold nothing but pay.

A description is searched line by line, where a line has a digit beside a currency. Of several
ranges each is kept where the text gives each a name of its own; a text that states one pay twice,
per hour and per year, states it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from xaigh_server.ats.providers.pay import evidence, figures, periods
from xaigh_server.ats.providers.pay.evidence import Verdict
from xaigh_server.ats.providers.pay.figures import CODE, CODES, Figure
from xaigh_server.ats.providers.record import Interval
from xaigh_server.ats.providers.text.vocabulary import words

_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_SIGNS = frozenset("$£€¥￥₹₩₪₱₫₦₴₺₽฿₵₸₾֏₲₡")
_IN_FRONT = (
    "Rs",
    "Rs.",
    "rs.",
    "Rp",
    "Rp.",
    "RM",
    "R",
    "KSh",
    "Ksh",
    "Fr.",
    "S/",
    "S/.",
    "kr",
    "Kr",
)
_NEAR = " (.\u00a0\u202f"
_BEHIND = re.compile(
    r"[\d.,'\u2019 \u00a0\u2009\u202f+/\u2013\u2014-]{0,24}+(?:[kKmMT]|[Tt]sd\.?)?\s?\(?"
    rf"(?:[{''.join(_SIGNS)}円元원万만¢]|{CODE}|[Ee]uro|EURO|[Dd]ollar|[Pp]ound|[Rr]upee"
    r"|[Pp]eso|kr|zł|Kč|Ft\b|lei\b|TL\b|грн|руб|лв|Dh|Fr\.|cent|[Ll]akh|[Ll]ac|LPA|lpa|[Cc]r|L\b|thousand|tausend)"
)
_ABBREVIATED = tuple(words("incl excl inkl exkl zzgl approx ca mtl Tsd min max Std No Rs Nr inc"))
_SENTENCE_END = re.compile(r"[.!?;]\s+(?=[A-ZÄÖÜÉ*])")
_DIGIT = re.compile(r"\d")
_PRIMARY = re.compile(r"\bprimary\b", re.IGNORECASE)
_HEADING, _INTRODUCTION = 60, 300
_REPEATED = 300
_LONGEST = 5_000
_NO_NAME = re.compile(
    r"\b(?:or|and|to|oder|und|ou|et|y|is|are|the|a|an|of|for|from|our|this|between|up|per|base|pay"
    r"|salary|salaries|range|ranges|rate|rates|wage|wages|compensation|annual|hourly|yearly|monthly"
    r"|gehalt|salaire|salario|again|also|currently|starting|usd|eur|gbp|cad)\b",
    re.IGNORECASE,
)
_MOST_LINES = 30
_MOST_DIGITS = 3_000
_MOST_FIGURES = 20
_LABEL = 80
_PER_YEAR = {
    Interval.HOUR: 2080,
    Interval.DAY: 260,
    Interval.WEEK: 52,
    Interval.BIWEEK: 26,
    Interval.SEMIMONTH: 24,
    Interval.MONTH: 12,
    Interval.YEAR: 1,
}
_EQUAL = Decimal("0.03")


@dataclass(frozen=True, slots=True)
class StatedPay:
    """What a text states: ranges, each with its label, or that there are several without."""

    figures: tuple[tuple[Figure, str | None], ...] = ()
    is_ambiguous: bool = False


NOTHING = StatedPay()


def money_lines(text: str) -> list[tuple[str, str]]:
    """Each line with a digit beside a currency, in order, with the line above it.

    Consecutive lines of money share the line above the first of them.
    """
    found: list[tuple[str, str]] = []
    end, heading = -2, ""
    for start, stop in _places(text):
        if start != end + 1:
            heading = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
        found.append((text[start:stop], heading))
        end = stop
    return found


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end. Digits are found in a copy that has nothing else."""
    digits = text.encode("latin-1", "replace").translate(_DIGITS)
    at, looked, lines = digits.find(b"0"), 0, 0
    while at >= 0 and looked < _MOST_DIGITS and lines < _MOST_LINES:
        looked += 1
        if _is_money(text, at):
            lines += 1
            stop = text.find("\n", at)
            stop = stop if stop >= 0 else len(text)
            yield text.rfind("\n", 0, at) + 1, stop
            at = digits.find(b"0", stop)
        else:
            gap = digits.find(b" ", at)
            at = digits.find(b"0", gap) if gap >= 0 else -1


def _is_money(text: str, at: int) -> bool:
    """Whether a currency stands right before or behind the digits at a place."""
    before = text[max(at - 6, 0) : at].rstrip(_NEAR)
    if before and (before[-1] in _SIGNS or before[-3:] in CODES or before.endswith(_IN_FRONT)):
        return True
    return _BEHIND.match(text, at) is not None


def base_pay(text: str) -> StatedPay:
    """The base pay that a description states."""
    found: list[Figure] = []
    for line, above in money_lines(text):
        heading = above if len(above) <= _HEADING or above[-1:] == ":" else ""
        for sentence in _sentences(line[:_LONGEST]):
            read = _base_pay_of_feed if len(sentence) <= _REPEATED else _base_pay
            found += read(sentence, heading[-_INTRODUCTION:])
        if len(found) > _MOST_FIGURES:
            break
    return _stated(found[: _MOST_FIGURES + 1]) if found else NOTHING


def pay_text(text: str) -> StatedPay:
    """The pay of a field that is about pay: any figure counts that no word denies."""
    found = figures.of_sentence(text[:_REPEATED], needs_currency=False)
    marked = [figure for figure in found if figure.currency is not None]
    rivals = [figure for figure in found if not marked or _rivals(figure, marked)]
    kept = tuple(_judged(rivals, "salary"))
    return _stated(kept) if kept else NOTHING


def _rivals(figure: Figure, marked: Sequence[Figure]) -> bool:
    """Whether a number may be meant for pay beside figures with a currency: not "grade 7"."""
    least = min((known.low or known.high or Decimal(0) for known in marked), default=Decimal(0))
    return figure.currency is not None or 3 * (figure.low or figure.high or Decimal(0)) >= least


def one_figure(text: str) -> Figure | None:
    """The one figure of a text that is known to be about pay; None when there is none or more."""
    found = pay_text(text).figures
    return found[0][0] if len(found) == 1 else None


def stated_periods(text: str) -> dict[tuple[Decimal | None, Decimal | None], Interval]:
    """The period of each figure of a text, where the text states one and only one for it."""
    stated: dict[tuple[Decimal | None, Decimal | None], set[Interval]] = {}
    for line, _ in money_lines(text):
        for sentence in _sentences(line[:_LONGEST]):
            for figure in _figures(sentence):
                if figure.interval:
                    stated.setdefault((figure.low, figure.high), set()).add(figure.interval)
    return {ends: found.pop() for ends, found in stated.items() if len(found) == 1}


def _sentences(line: str) -> Iterator[str]:
    """The sentences that hold a digit. The point of an abbreviation ends none."""
    start = 0
    for end in _SENTENCE_END.finditer(line):
        if line.endswith(_ABBREVIATED, max(end.start() - 8, start), end.start()):
            continue
        sentence = line[start : end.start() + 1]
        start = end.end()
        if _DIGIT.search(sentence):
            yield sentence
    yield line[start:]


def _figures(sentence: str) -> list[Figure]:
    read = _figures_of_feed if len(sentence) <= _REPEATED else _figures_of_sentence
    return read(sentence)


def _figures_of_sentence(sentence: str) -> list[Figure]:
    return figures.of_sentence(sentence, needs_currency=True)


_figures_of_feed = lru_cache(maxsize=1_024)(_figures_of_sentence)


def _base_pay(sentence: str, heading: str) -> tuple[Figure, ...]:
    found = _figures(sentence)
    return tuple(_timed(figure, heading) for figure in _judged(found, heading))


_base_pay_of_feed = lru_cache(maxsize=1_024)(_base_pay)
"""The same for short sentences: the jobs of one employer repeat its bands of pay."""


def _judged(found: Sequence[Figure], heading: str) -> Iterator[Figure]:
    """The figures of a sentence that are base pay."""
    last = Verdict.UNSAID
    for at, figure in enumerate(found):
        last = evidence.of_figure(
            figure.before,
            figure.after,
            heading,
            last,
            followed=at + 1 < len(found),
            priced=_has_price(figure),
        )
        if last is Verdict.BASE:
            yield figure


def _has_price(figure: Figure) -> bool:
    most = figure.high or figure.low or Decimal(0)
    return figure.interval is not Interval.HOUR and most < 15_000


def _timed(figure: Figure, heading: str) -> Figure:
    """The figure in the period of the line above, where it states none itself."""
    if figure.period != periods.NONE or not heading:
        return figure
    return replace(figure, period=periods.before(heading))


def _stated(found: Sequence[Figure]) -> StatedPay:
    gross = [figure for figure in found if figure.kind != "net"] or list(found)
    primary = [figure for figure in gross if _PRIMARY.search(figure.before)]
    chosen = primary if len(primary) == 1 else gross
    distinct = _distinct(chosen)
    if len(distinct) == 1:
        return StatedPay(((distinct[0], None),))
    labelled = _labelled(chosen) or _labelled(distinct)
    return StatedPay(tuple(labelled)) if labelled else StatedPay(is_ambiguous=True)


def _distinct(found: Iterable[Figure]) -> list[Figure]:
    """The figures that don't state another one again, in the same or in another period."""
    kept: list[Figure] = []
    for figure in found:
        if not any(_is_same(figure, other) for other in kept):
            kept.append(figure)
    return kept


def _is_same(one: Figure, other: Figure) -> bool:
    if (one.low, one.high) == (other.low, other.high):
        return one.currency == other.currency
    if one.interval is other.interval or one.interval is None or other.interval is None:
        return False
    pairs = ((one.low, other.low), (one.high, other.high))
    return all(_is_equal(a, one.interval, b, other.interval) for a, b in pairs)


def _is_equal(a: Decimal | None, per: Interval, b: Decimal | None, per_other: Interval) -> bool:
    if a is None or b is None or per not in _PER_YEAR or per_other not in _PER_YEAR:
        return a is b
    x, y = a * _PER_YEAR[per], b * _PER_YEAR[per_other]
    return abs(x - y) <= _EQUAL * max(x, y)


def _labelled(found: Sequence[Figure]) -> list[tuple[Figure, str | None]]:
    """Each figure with its name, where all have one and no two share it; else nothing."""
    for names in ([_behind(figure) for figure in found], [_in_front(figure) for figure in found]):
        unique = dict.fromkeys(zip(names, ((f.low, f.high, f.period) for f in found), strict=True))
        if all(map(_is_name, names)) and len(unique) == len({name.casefold() for name in names}):
            seen: dict[str, Figure] = {}
            for name, figure in zip(names, found, strict=True):
                seen.setdefault(name, figure)
            return [(figure, name) for name, figure in seen.items()]
    return []


def _is_name(text: str) -> bool:
    """Whether a text says more than that it is about pay."""
    return re.search(r"\w", _NO_NAME.sub("", text)) is not None


def _behind(figure: Figure) -> str:
    return evidence.qualifier(figure.after).strip(" .,:;-\u2013\u2014*()")[:_LABEL]


def _in_front(figure: Figure) -> str:
    words = re.split(r"[;.]\s|\n", figure.before)[-1]
    return " ".join(words.strip(" .,:;-\u2013\u2014*()|/&").removeprefix("and ").split())[-_LABEL:]
