"""Normalizer of records that their sender has normalized: checks and cleans them.

Members are spelled as in the API's JSON (externalJobId), or as in its protos (external_job_id).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay import periods
from xaigh_server.ats.providers.pay.periods import Period
from xaigh_server.ats.providers.pay.ranges import AmountUnit, PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title, link, note_expired
from xaigh_server.ats.providers.record import (
    Employment,
    Interval,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Place,
    Result,
    WarningCode,
    Workplace,
)
from xaigh_server.ats.providers.text import times, urls, vocabulary
from xaigh_server.ats.providers.text.description import describe, item_texts
from xaigh_server.text.sanitize import escaped_lines

_SNAKE = re.compile(r"_([a-z])")
_UNSPECIFIED = "UNSPECIFIED"


def is_normalized(payload: Object) -> bool:
    """Whether a record has the form of a normalized job."""
    return "externalJobId" in payload or "external_job_id" in payload


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One normalized record."""
    fields = Fields(_camel(payload), notes)
    inside = fields.payload
    identity = fields.identity("externalJobId")
    title = fields.required_title("title")
    listed = fields.flag("listed")
    field = "descriptionHtml" if inside.get("descriptionHtml") else "descriptionText"
    markup = fields.markup(field)
    described = describe(
        markup if field == "descriptionHtml" else escaped_lines(markup), field, notes
    )
    where = _locations(fields)
    valid_through = times.moment(inside.get("validThrough"), "validThrough", notes)
    status = note_expired(_status(fields, options), valid_through, options.now, notes)
    canonical = link(fields, "canonicalUrl")
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=item_texts(fields.items("requirements"), "requirements", notes)
            or described.requirements,
            employment_type=_employment(fields),
            workplace_type=_workplace(fields),
            locations=where,
            pay=_pay(fields, where),
            apply_url=link(fields, "applyUrl"),
            canonical_url=urls.canonical(canonical) if canonical else None,
            status=status,
            listed=listed is not False and status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("requisitionId", 255),
            department=fields.line("department", 255),
            team=fields.line("team", 255),
            language=fields.line("language", 35),
            published_at=times.moment(inside.get("publishedAt"), "publishedAt", notes),
            updated_at=times.instant(inside.get("updatedAt"), "updatedAt", notes),
            valid_through=valid_through,
            prospect=is_prospect_title(title, notes),
        )
    )


def _camel(payload: Object) -> Object:
    """The members in JSON spelling, at the depth where members have names of ours."""
    if not any("_" in name for name in payload):
        return payload
    return {_SNAKE.sub(lambda hit: hit[1].upper(), name): v for name, v in payload.items()}


def _entries(fields: Fields, key: str) -> list[Fields]:
    return [Fields(_camel(entry.payload), entry.notes, entry.at) for entry in fields.children(key)]


def _stated(fields: Fields, key: str) -> str | None:
    """An enum's text, or None where it is left unspecified."""
    text = fields.line(key, 60)
    return None if text is None or text.endswith(_UNSPECIFIED) else text


def _status(fields: Fields, options: NormalizeOptions) -> OfferStatus:
    text = _stated(fields, "status")
    if text is None:
        return OfferStatus.OPEN
    if text in OfferStatus.__members__ and text.casefold() not in options.statuses:
        return OfferStatus(text)
    return vocabulary.status(text, options.statuses, "status", fields.notes)


def _employment(fields: Fields) -> Employment | None:
    text = _stated(fields, "employmentType")
    found = vocabulary.employment(text) if text else None
    if text and found is None:
        message = "The employment type is unknown."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "employmentType", message)
    return found


def _workplace(fields: Fields) -> Workplace | None:
    text = _stated(fields, "workplaceType")
    found = vocabulary.workplace(text) if text else None
    if text and found is None:
        message = "The workplace type is unknown."
        fields.notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, "workplaceType", message)
    return found


def _locations(fields: Fields) -> tuple[Place, ...]:
    if not fields.payload.get("locations"):
        return ()
    return places.merge(
        place for entry in _entries(fields, "locations") if (place := _place(entry))
    )


def _place(entry: Fields) -> Place | None:
    city, region = entry.line("city", 200), entry.line("region", 200)
    stated = entry.line("country", 100)
    known = places.stated_country([stated], entry.path("country"), entry.notes)
    country = known.country
    raw = entry.line("raw") or ", ".join(part for part in (city, region, stated) if part)
    remote = entry.flag("remote") is True
    if not raw and not remote:
        return None
    if not (city or region or country):
        place = places.noted(raw, entry.path("raw"), entry.notes)
        city, region, country = place.city, place.region, place.country
        remote = remote or place.remote
    elif country is None:
        country = places.country_of_parts(city, region, entry.path("region"), entry.notes, known)
    key = "postalCode" if "postalCode" in entry.payload else "postal"
    pair = places.coordinates(
        entry.payload.get("latitude", entry.payload.get("lat")),
        entry.payload.get("longitude", entry.payload.get("lng")),
    )
    if pair is False:
        message = "These are no coordinates."
        entry.notes.warn(WarningCode.COORDINATES_INVALID, entry.path("latitude"), message)
    lat, lng = pair if isinstance(pair, tuple) else (None, None)
    return Place(
        raw=raw or "Remote",
        city=city,
        region=region,
        country=country,
        postal=entry.line(key, 32),
        lat=lat,
        lng=lng,
        remote=remote,
    )


def _pay(fields: Fields, where: tuple[Place, ...]) -> tuple[Pay, ...]:
    """Ranges in minor units. Their currency is theirs alone: it is never inferred from a place."""
    if isinstance(fields.payload.get("pay"), Mapping):
        entries = [Fields(_camel(fields.child("pay").payload), fields.notes, "pay")]
    elif fields.payload.get("pay"):
        entries = _entries(fields, "pay")
    else:
        return ()
    reader = PayReader(fields.notes, None)
    read = (_range(entry, reader) for entry in entries)
    return tuple(pay for pay in read if pay)


def _range(entry: Fields, reader: PayReader) -> Pay | None:
    text = _stated(entry, "interval")
    source = _stated(entry, "source")
    return reader.range(
        entry.payload.get("minMinor"),
        entry.payload.get("maxMinor"),
        field=entry.at,
        source=PaySource.__members__.get(source or "", PaySource.FIELD),
        currency=entry.line("currency", 10),
        period=_period(text),
        label=entry.line("label"),
        unit=AmountUnit.MINOR,
    )


def _period(text: str | None) -> Period:
    if not text:
        return periods.NONE
    return Period(Interval(text)) if text in Interval.__members__ else periods.of_field(text)
