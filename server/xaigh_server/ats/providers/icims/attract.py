"""Normalizer of jobs of an Attract site: `{data: {...}}`, or the object inside `data`.

Zero pay means not disclosed. `tags1` to `tags10` are the customer's own; texts of pay among them
are read when the fields are empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.pay import money, periods, prose
from xaigh_server.ats.providers.pay.figures import Figure
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import all_remote, is_prospect_title, link, prose_pay
from xaigh_server.ats.providers.record import (
    Employment,
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
from xaigh_server.ats.providers.text.description import Description, describe, item_texts

_TAGS = tuple(f"tags{number}" for number in range(1, 11))
_PARTS = ("description", "responsibilities", "qualifications")
_PAY_TAG = re.compile(r"[$£€]\s?\d|\b[A-Z]{3}\s?\$?\d")


def normalize(fields: Fields) -> Result:
    """One job."""
    payload, notes = fields.payload, fields.notes
    identity = fields.identity("slug" if payload.get("slug") else "req_id")
    title = fields.required_title("title")
    where = _locations(fields)
    described = _described(fields)
    meta = fields.child("meta_data") if isinstance(payload.get("meta_data"), Mapping) else None
    canonical = link(meta, "canonical_url") if meta else None
    apply_url = link(fields, "apply_url", canonical)
    status = _status(fields, meta)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=_requirements(fields) or described.requirements,
            employment_type=_employment(fields),
            workplace_type=_workplace(fields, where),
            locations=where,
            pay=_pay(fields, described.text, where),
            apply_url=apply_url,
            canonical_url=urls.canonical(canonical) if canonical else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("req_id", 255),
            department=fields.line("department", 255),
            language=fields.line("language", 35),
            published_at=times.moment(
                payload.get("posted_date"), fields.path("posted_date"), notes
            ),
            updated_at=times.instant(payload.get("update_date"), fields.path("update_date"), notes),
            prospect=is_prospect_title(title, notes),
            omitted=()
            if any(part in payload for part in _PARTS)
            else ("description", "requirements"),
            boards=boards.distinct([fields.line("client_code", 255), *boards.of_icims(apply_url)]),
        )
    )


def _status(fields: Fields, meta: Fields | None) -> OfferStatus:
    """Open when it can be found and applied to; else there is only the link."""
    public = None
    if meta and isinstance(meta.payload.get("icims"), Mapping):
        public = meta.child("icims").flag("jps_is_public")
    hidden = fields.flag("searchable") is False or fields.flag("applyable") is False
    return OfferStatus.UNLISTED if hidden or public is False else OfferStatus.OPEN


def _described(fields: Fields) -> Description:
    """The three parts of the description, one below another."""
    parts = [fields.markup(key) for key in _PARTS]
    distinct = list(dict.fromkeys(part for part in parts if part))
    return describe("\n".join(distinct), fields.path("description"), fields.notes)


def _requirements(fields: Fields) -> tuple[str, ...]:
    return item_texts(
        [fields.payload.get("qualifications")], fields.path("qualifications"), fields.notes
    )


def _tags(fields: Fields) -> list[tuple[str, str]]:
    """The customer's tags in order, each with the name of its member."""
    found = []
    for key in _TAGS:
        values = fields.payload.get(key)
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and value.strip():
                found.append((key, value))
    return found


def _employment(fields: Fields) -> Employment | None:
    """The field, else the one type that a tag names in so many words."""
    stated = fields.line("employment_type", 100)
    if stated:
        found = vocabulary.employment(stated)
        if found is None:
            message = "The employment type is unknown or ambiguous."
            fields.notes.warn(
                WarningCode.EMPLOYMENT_TYPE_UNKNOWN, fields.path("employment_type"), message
            )
        return found
    exact = [text.strip() for _, text in _tags(fields) if len(text) <= 30]
    return vocabulary.employment_of(t for t in exact if vocabulary.is_employment_label(t))


def _workplace(fields: Fields, where: Sequence[Place]) -> Workplace | None:
    """The workplace in a tag without other words, else in the location's name."""
    labels = [text for _, text in _tags(fields) if vocabulary.is_workplace_label(text)]
    found = {vocabulary.workplace(text) for text in labels} - {None}
    if len(found) == 1:
        return found.pop()
    if any(place.remote for place in where):
        return all_remote(where, fields.path("full_location"), fields.notes)
    return places.workplace_word(fields.line("location_name") or "")


def _locations(fields: Fields) -> tuple[Place, ...]:
    city, region = fields.line("city", 200), fields.line("state", 200)
    named = fields.line("country", 200)
    code = fields.payload.get("country_code")
    stated = places.stated_country([code, named], fields.path("country"), fields.notes)
    raw = fields.line("full_location") or fields.line("location_name")
    raw = raw or ", ".join(part for part in (city, region, named) if part)
    if not raw:
        return ()
    pair = places.coordinates(fields.payload.get("latitude"), fields.payload.get("longitude"))
    if pair is False:
        message = "These are no coordinates."
        fields.notes.warn(WarningCode.COORDINATES_INVALID, fields.path("latitude"), message)
    lat, lng = pair if isinstance(pair, tuple) else (None, None)
    if fields.flag("multipleLocations"):
        message = "There are more locations than the one given."
        fields.notes.warn(
            WarningCode.LOCATION_INCOMPLETE, fields.path("multipleLocations"), message
        )
    postal = fields.line("postal_code", 32)
    if not (city or region):
        found = places.several(raw, fields.path("full_location"), fields.notes, stated)
        if len(found) == 1:
            found = [replace(found[0], postal=postal or found[0].postal, lat=lat, lng=lng)]
        return places.merge(found)
    place = Place(
        raw=raw,
        city=city,
        region=region,
        country=places.country_of_parts(city, region, fields.path("state"), fields.notes, stated),
        postal=postal,
        lat=lat,
        lng=lng,
        remote=places.workplace_word(raw) is Workplace.REMOTE,
    )
    return (place,)


def _pay(fields: Fields, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    """The salary fields, else texts of pay among the tags, else the prose."""
    reader = PayReader(fields.notes, where[0].country if where else None)
    low, high = fields.payload.get("salary_min_value"), fields.payload.get("salary_max_value")
    if not _disclosed(low) and not _disclosed(high):
        low = high = fields.payload.get("salary_value")
    if _disclosed(low) or _disclosed(high):
        pay = reader.range(
            low,
            high,
            field=fields.path("salary_min_value"),
            source=PaySource.FIELD,
            currency=fields.line("salary_currency", 10),
            period=periods.of_field(fields.line("salary_frequency", 40) or ""),
        )
        return (pay,) if pay else ()
    return _tagged_pay(fields, reader) or prose_pay(text, fields.path("description"), reader)


def _disclosed(value: object) -> bool:
    """Anything but an absent or zero amount, so that what can't be read is warned about."""
    return value not in (None, "", 0) and money.amount(value) != 0


def _tagged_pay(fields: Fields, reader: PayReader) -> tuple[Pay, ...]:
    """One text with a range; or two with one amount each, of one currency and period."""
    read = [
        (key, text, figure)
        for key, text in _tags(fields)
        if _PAY_TAG.search(text) and (figure := prose.one_figure(text))
    ]
    if not read or len(read) > 2:
        return ()
    figure = read[0][2] if len(read) == 1 else _joined(read[0][2], read[1][2])
    if figure is None:
        return ()
    field = fields.path(read[0][0])
    pay = reader.range(
        figure.low,
        figure.high,
        field=field,
        source=PaySource.TAG,
        currency=figure.currency,
        period=figure.period,
        kind=figure.kind,
    )
    if pay:
        message = "Pay was read from the customer's own tags: no field states it."
        fields.notes.warn(WarningCode.PAY_FROM_TEXT, field, message)
    return (pay,) if pay else ()


def _joined(one: Figure, other: Figure) -> Figure | None:
    """Two single amounts as the ends of one range."""
    amounts = [end for figure in (one, other) for end in {figure.low, figure.high} if end]
    alike = (one.currency, one.period) == (other.currency, other.period)
    if not alike or len(amounts) != 2:
        return None
    return replace(one, low=min(amounts), high=max(amounts))
