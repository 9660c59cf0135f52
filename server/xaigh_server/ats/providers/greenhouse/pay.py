"""Reader of a post's pay: from its ranges, else the pay markup, else the prose.

A range's cents are hundredths whatever its currency is, and it names no period: the title or the
blurb may, or the description where it states the same figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TypeAlias

from xaigh_server.ats.providers.fields import MAX_PAYS, Fields
from xaigh_server.ats.providers.greenhouse.harvest import salary_range
from xaigh_server.ats.providers.pay import money, prose
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import AmountUnit, PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import prose_pay
from xaigh_server.ats.providers.record import Interval, Pay, PaySource, Place
from xaigh_server.ats.providers.text import vocabulary
from xaigh_server.text.sanitize import unescape_once

_MARKUP_INPUT, _MARKUP_RANGE = '<div class="pay-input">', '<div class="pay-range">'
_MARKUP_TITLE, _MARKUP_END = '<div class="title">', "</div>"
_TAG = re.compile(r"<[^<>]*>")
_EXTRA = re.compile(r"\b(?:bonus|equity|commission|stock|rsus?|shares|allowance)\b", re.IGNORECASE)
_LONGEST = 5_000
_HUNDREDTH = Decimal("0.01")

Periods: TypeAlias = dict[tuple[Decimal | None, Decimal | None], Interval]


def pay_of_post(fields: Fields, markup: str, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    """The ranges of the best source that has any. `markup` is the HTML before it is made safe."""
    reader = PayReader(fields.notes, places.one_country(where))
    ranges = fields.children("pay_input_ranges") if fields.payload.get("pay_input_ranges") else []
    if ranges:
        stated = _ranges(ranges, reader, text)
        if stated:
            return stated
    if not text:
        return ()
    marked = _marked(markup, reader, text) if 'class="pay-range"' in markup else ()
    return marked or prose_pay(text, "content", reader)


def pay_of_role(
    job: Fields,
    ranges: Sequence[Fields],
    inputs: Sequence[Fields],
    markup: str,
    text: str,
    where: Sequence[Place],
) -> tuple[Pay, ...]:
    """The pay of a Harvest v3 job, whose posts' ranges name their title in another resource.

    Without ranges: its salary range, else the pay markup of the description, else the prose.
    """
    reader = PayReader(job.notes, places.one_country(where))
    titles = {str(each.payload.get("id")): each for each in inputs}
    labelled = [_with_title(entry, titles) for entry in ranges]
    stated = _ranges([each for each in labelled if not _is_extra(each)], reader, text)
    stated = stated or salary_range(job, reader)
    if stated or not text:
        return stated
    marked = _marked(markup, reader, text) if 'class="pay-range"' in markup else ()
    return marked or prose_pay(text, "posts.content", reader)


def _with_title(entry: Fields, titles: Mapping[str, Fields]) -> Fields:
    """A range with the title and the blurb of the pay input that it belongs to."""
    known = titles.get(str(entry.payload.get("pay_input_id")))
    if known is None:
        return entry
    texts = {key: known.payload[key] for key in ("title", "blurb") if key in known.payload}
    return Fields({**texts, **entry.payload}, entry.notes, entry.at)


def _is_extra(entry: Fields) -> bool:
    """Whether a range is of a bonus, of equity or of a commission: no base pay."""
    return _EXTRA.search((entry.line("title") or "")[:_LONGEST]) is not None


def _ranges(ranges: list[Fields], reader: PayReader, text: str) -> tuple[Pay, ...]:
    periods = prose.stated_periods(text)
    read = [_range(entry, reader, periods) for entry in ranges[:MAX_PAYS]]
    return tuple(pay for pay in read if pay)


def _range(entry: Fields, reader: PayReader, periods: Periods) -> Pay | None:
    low, high = entry.payload.get("min_cents"), entry.payload.get("max_cents")
    label, blurb = entry.line("title"), entry.line("blurb", 2_000)
    interval = vocabulary.interval(label or "") or vocabulary.interval(blurb or "")
    return reader.range(
        low,
        high,
        field=entry.at,
        source=PaySource.FIELD,
        currency=entry.line("currency_type", 10),
        period=Period(interval or periods.get((_major(low), _major(high)))),
        label=label,
        unit=AmountUnit.HUNDREDTHS,
    )


def _major(cents: object) -> Decimal | None:
    read = money.amount(cents)
    return None if read is None else read * _HUNDREDTH


def _marked(markup: str, reader: PayReader, text: str) -> tuple[Pay, ...]:
    """The pay-transparency block that Greenhouse itself writes into a description."""
    periods = prose.stated_periods(text)
    hits = islice(_marked_texts(markup), MAX_PAYS)
    read = [_marked_range(*hit, reader, periods) for hit in hits]
    return tuple(pay for pay in read if pay)


def _marked_texts(markup: str) -> Iterator[tuple[str, str]]:
    """The title and the range of each block, as markup."""
    at = 0
    while True:
        begins = markup.find(_MARKUP_INPUT, at)
        middle = markup.find(_MARKUP_RANGE, begins + len(_MARKUP_INPUT)) if begins >= 0 else -1
        ends = markup.find(_MARKUP_END, middle) if middle >= 0 else -1
        if ends < 0:
            return
        yield _title(markup, begins, middle), markup[middle + len(_MARKUP_RANGE) : ends]
        at = ends


def _title(markup: str, begins: int, ends: int) -> str:
    start = markup.find(_MARKUP_TITLE, begins, ends)
    end = markup.find(_MARKUP_END, start, ends) if start >= 0 else -1
    return markup[start + len(_MARKUP_TITLE) : end] if end >= 0 else ""


def _marked_range(title: str, stated: str, reader: PayReader, periods: Periods) -> Pay | None:
    figure = prose.one_figure(_plain(stated))
    if figure is None:
        return None
    label = _plain(title)[:500]
    interval = vocabulary.interval(label) or periods.get((figure.low, figure.high))
    return reader.range(
        figure.low,
        figure.high,
        field="content",
        source=PaySource.MARKUP,
        currency=figure.currency,
        period=figure.period if figure.period.interval or figure.period.unit else Period(interval),
        kind=figure.kind,
        label=label or None,
    )


def _plain(markup: str) -> str:
    text = (
        _TAG.sub(" ", markup[:_LONGEST]).replace("&mdash;", "\u2014").replace("&ndash;", "\u2013")
    )
    return " ".join(unescape_once(text).split())
