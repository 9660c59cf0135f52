"""Steps shared by the normalizers of all providers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from xaigh_server.ats.providers.fields import Fields, Notes
from xaigh_server.ats.providers.pay import periods, prose
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.record import (
    OfferStatus,
    Pay,
    PaySource,
    Place,
    WarningCode,
    Workplace,
)
from xaigh_server.ats.providers.text import urls

_PROSPECT = re.compile(
    r"\btalent (?:community|pool|network|pipeline)\b|\bgeneral (?:application|interest)\b"
    r"|\b(?:future|general) opportunit(?:y|ies)\b|\bspontaneous application\b"
    r"|\binitiativbewerbung\b|\bcandidature spontan[ée]e\b|\bexpression of interest\b",
    re.IGNORECASE,
)
_PROSPECT_WORD = re.compile("talent|general|opportunit|spontan|initiativ|expression")
_DIGITS = re.compile(r"\d\d")


def link(fields: Fields, key: str, base: str | None = None) -> str | None:
    """Returns the web link at a member; warns about any other value."""
    value = fields.payload.get(key)
    if value is None or value == "":
        return None
    if type(value) is not str:
        fields.wrong(key, "a string", value)
        return None
    url = urls.web_url(value, base)
    if url is None:
        message = "Only an absolute https link to a public host, without credentials, is taken."
        fields.notes.warn(WarningCode.URL_INVALID, fields.path(key), message)
    return url


def public_link(value: object, field: str, notes: Notes) -> str | None:
    """Converts a value to a web link, for records with mapped member names."""
    url = urls.web_url(value) if isinstance(value, str) else None
    if url is None:
        message = "Only an absolute https link to a public host, without credentials, is taken."
        notes.warn(WarningCode.URL_INVALID, field, message)
    return url


def note_expired(
    status: OfferStatus, until: datetime | date | None, now: datetime | None, notes: Notes
) -> OfferStatus:
    """Returns the status; CLOSED, with a warning, where the posting's closing time has passed."""
    if until is None or now is None:
        return status
    over = until < now if isinstance(until, datetime) else until < now.date()
    if not over:
        return status
    notes.warn(WarningCode.EXPIRED, "validThrough", "The closing time of the posting is over.")
    return OfferStatus.CLOSED


def links_another_job(url: str, identity: str) -> bool:
    """Whether a provider's link contains another job's id."""
    return bool(identity) and identity not in url


def is_prospect_title(title: str, notes: Notes, *, certain: bool = False) -> bool:
    """Whether the title is of a talent pool instead of a role; warns once."""
    likely = _PROSPECT_WORD.search(title.lower()) is not None
    prospect = certain or (likely and _PROSPECT.search(title) is not None)
    if prospect:
        message = "This post collects prospects: it is no role that can be offered."
        notes.warn(WarningCode.PROSPECT_POST, "", message)
    return prospect


def all_remote(where: Sequence[Place], field: str, notes: Notes) -> Workplace | None:
    """REMOTE where every place is; None, with a warning, where some are and others aren't."""
    if all(place.remote for place in where):
        return Workplace.REMOTE
    message = "Some of the places are remote, others are not: the workplace type is unknown."
    notes.warn(WarningCode.WORKPLACE_TYPE_MIXED, field, message)
    return None


def prose_pay(text: str, field: str, reader: PayReader) -> tuple[Pay, ...]:
    """Returns the base pay in a description: the primary or only range, or ranges with names."""
    stated = prose.base_pay(text)
    if stated is prose.NOTHING:
        return ()
    if stated.is_ambiguous:
        message = "The description states several ranges of pay: none is taken."
        reader.notes.warn(WarningCode.PAY_AMBIGUOUS, field, message)
        return ()
    found = ranges_of(stated, field, reader, PaySource.PROSE)
    if found:
        message = "Pay was read from the description: no field states it."
        reader.notes.warn(WarningCode.PAY_FROM_TEXT, field, message)
    return found


def written_pay(
    text: str,
    field: str,
    reader: PayReader,
    *,
    source: PaySource = PaySource.FIELD,
    currency: str | None = None,
    period: Period = periods.NONE,
    label: str | None = None,
) -> tuple[Pay, ...]:
    """Returns the pay of a text that is about pay; a warning where it has figures none of which can
    be taken. A stated currency and period count before those in the text.
    """
    stated = prose.pay_text(text)
    if stated.figures:
        return ranges_of(
            stated, field, reader, source, currency=currency, period=period, label=label
        )
    if stated.is_ambiguous or _DIGITS.search(text):
        message = "No figure, or none alone, could be taken for the pay."
        reader.notes.warn(WarningCode.PAY_AMBIGUOUS, field, message)
    return ()


def ranges_of(
    stated: prose.StatedPay,
    field: str,
    reader: PayReader,
    source: PaySource,
    *,
    currency: str | None = None,
    period: Period = periods.NONE,
    label: str | None = None,
) -> tuple[Pay, ...]:
    """Converts what a text states to ranges."""
    read = (
        reader.range(
            figure.low,
            figure.high,
            field=field,
            source=source,
            currency=currency or figure.currency,
            period=period if period != periods.NONE else figure.period,
            label=name or label,
            kind=figure.kind,
        )
        for figure, name in stated.figures
    )
    return tuple(pay for pay in read if pay)
