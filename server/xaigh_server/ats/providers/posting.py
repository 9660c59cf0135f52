"""Steps that the postings of every provider share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from xaigh_server.ats.providers.fields import Fields, Notes
from xaigh_server.ats.providers.pay import figures
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.record import OfferStatus, Pay, PaySource, Place, WarningCode
from xaigh_server.ats.providers.text import urls

_PROSPECT = re.compile(
    r"\btalent (?:community|pool|network|pipeline)\b|\bgeneral (?:application|interest)\b"
    r"|\b(?:future|general) opportunit(?:y|ies)\b|\bspontaneous application\b"
    r"|\binitiativbewerbung\b|\bcandidature spontan[ée]e\b|\bexpression of interest\b",
    re.IGNORECASE,
)
_PROSPECT_WORD = re.compile("talent|general|opportunit|spontan|initiativ|expression")
_PRIMARY = re.compile(r"\bprimary\b", re.IGNORECASE)


def link(fields: Fields, key: str, base: str | None = None) -> str | None:
    """The web link at a member; anything else there is left out with a warning."""
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
    """A value as a web link, for records whose members have names of their own."""
    url = urls.web_url(value) if isinstance(value, str) else None
    if url is None:
        message = "Only an absolute https link to a public host, without credentials, is taken."
        notes.warn(WarningCode.URL_INVALID, field, message)
    return url


def note_expired(
    status: OfferStatus, until: datetime | date | None, now: datetime | None, notes: Notes
) -> OfferStatus:
    """The status, closed where the record's own closing time is over; a day lasts to its end."""
    if until is None or now is None:
        return status
    over = until < now if isinstance(until, datetime) else until < now.date()
    if not over:
        return status
    notes.warn(WarningCode.EXPIRED, "validThrough", "The closing time of the posting is over.")
    return OfferStatus.CLOSED


def links_another_job(url: str, identity: str) -> bool:
    """Whether a provider's link, which names a job by its id, names another one."""
    return bool(identity) and identity not in url


def is_prospect_title(title: str, notes: Notes, *, certain: bool = False) -> bool:
    """Whether this is a talent pool rather than a role; noted once."""
    likely = _PROSPECT_WORD.search(title.lower()) is not None
    prospect = certain or (likely and _PROSPECT.search(title) is not None)
    if prospect:
        message = "This post collects prospects: it is no role that can be offered."
        notes.warn(WarningCode.PROSPECT_POST, "", message)
    return prospect


def note_mixed(where: Sequence[Place], field: str, notes: Notes) -> None:
    """Says that a role called remote also has places that are not."""
    if not all(place.remote for place in where):
        message = "Some of the places are remote, others are not."
        notes.warn(WarningCode.WORKPLACE_TYPE_MIXED, field, message)


def prose_pay(text: str, field: str, reader: PayReader) -> tuple[Pay, ...]:
    """Base pay written in a description: the primary range, or the only one, or none."""
    found = figures.of_prose(text)
    if not found:
        return ()
    primary = [figure for figure in found if _PRIMARY.search(figure.before)]
    chosen = primary if len(primary) == 1 else found
    if len(chosen) > 1:
        message = "The description states several ranges of pay: none is taken."
        reader.notes.warn(WarningCode.PAY_AMBIGUOUS, field, message)
        return ()
    figure = chosen[0]
    pay = reader.range(
        figure.low,
        figure.high,
        field=field,
        source=PaySource.PROSE,
        currency=figure.currency,
        interval=figure.interval,
    )
    if pay:
        message = "Pay was read from the description: no field states it."
        reader.notes.warn(WarningCode.PAY_FROM_TEXT, field, message)
    return (pay,) if pay else ()
