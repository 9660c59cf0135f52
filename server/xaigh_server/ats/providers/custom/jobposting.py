"""Normalizer of schema.org JobPosting, as portals embed it and feeds repeat it.

The standard form has baseSalary.value with an amount or a range and unitText; portals also write
the range straight into baseSalary, without a period, and "UNAVAILABLE" into addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.mirror_ids import external_id
from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.places.countries import country_code
from xaigh_server.ats.providers.posting import is_prospect_title, link, note_expired, prose_pay
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Place,
    RejectionReason,
    Result,
    WarningCode,
    Workplace,
)
from xaigh_server.ats.providers.text import times, urls, vocabulary
from xaigh_server.ats.providers.text.description import describe, item_texts

_UNAVAILABLE = ("unavailable", "n/a", "none", "unspecified", "")


def is_posting(payload: Object) -> bool:
    """Whether it says that it is a JobPosting, or has the members of one."""
    kind = payload.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return "JobPosting" in kinds or {"datePosted", "hiringOrganization"} <= payload.keys()


def normalize(
    payload: Object, notes: Notes, options: NormalizeOptions, *, identity_of_url: str | None = None
) -> Result:
    """One JobPosting. `identity_of_url` is the id in its link, for one without an identifier."""
    fields = Fields(payload, notes)
    identity = _identity(fields, identity_of_url)
    title = fields.required_title("title" if "title" in payload else "name")
    where, remote = _locations(fields)
    described = describe(fields.markup("description"), "description", notes)
    url = link(fields, "url")
    valid_through = times.moment(payload.get("validThrough"), "validThrough", notes)
    key = "qualifications" if payload.get("qualifications") else "experienceRequirements"
    asked = item_texts([payload.get(key)], key, notes)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=asked or described.requirements,
            employment_type=_employment(fields),
            workplace_type=Workplace.REMOTE if remote else None,
            locations=where,
            pay=_pay(fields, described.text, where),
            apply_url=link(fields, "applyUrl") or url,
            canonical_url=urls.canonical(url) if url else None,
            status=note_expired(OfferStatus.OPEN, valid_through, options.now, notes),
            department=_text(fields, "employmentUnit"),
            language=_text(fields, "inLanguage"),
            published_at=times.moment(payload.get("datePosted"), "datePosted", notes),
            updated_at=times.instant(payload.get("dateModified"), "dateModified", notes),
            valid_through=valid_through,
            prospect=is_prospect_title(title, notes),
            boards=boards.of_icims(url),
        )
    )


def _identity(fields: Fields, of_url: str | None) -> str:
    """The identifier's value, or a plain identifier; else what the link names."""
    value = fields.payload.get("identifier")
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("value") or value.get("@id")
    identity = external_id(value) or of_url
    if identity is None:
        reason = RejectionReason.REQUIRED if value is None else RejectionReason.INVALID_ID
        fields.notes.reject("identifier", reason, "An identifier is required.")
        return ""
    fields.notes.external_job_id = identity
    return identity


def _text(fields: Fields, key: str) -> str | None:
    """A text, or the `name` of an object in its place."""
    value = fields.payload.get(key)
    if isinstance(value, Mapping):
        return fields.child(key).line("name", 255)
    return fields.line(key, 255) if isinstance(value, str) else None


def _employment(fields: Fields) -> Employment | None:
    """One type; a list of different ones is a choice, and no answer."""
    value = fields.payload.get("employmentType")
    stated = value if isinstance(value, list) else [value]
    texts = [text for text in stated if isinstance(text, str) and text.strip()]
    parts = [part for text in texts for part in text.split(",")]
    found = vocabulary.employment_of(parts)
    if parts and found is None:
        message = "The employment type is unknown or ambiguous."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "employmentType", message)
    return found


def _locations(fields: Fields) -> tuple[tuple[Place, ...], bool]:
    """The places, and whether the work is remote: then from where applicants may be."""
    remote = fields.payload.get("jobLocationType") == "TELECOMMUTE"
    found = [_place(entry) for entry in _objects(fields, "jobLocation")]
    if remote:
        found += [_region(entry) for entry in _objects(fields, "applicantLocationRequirements")]
    return places.merge(place for place in found if place), remote


def _objects(fields: Fields, key: str) -> list[Fields]:
    value = fields.payload.get(key)
    if value is None:
        return []
    return fields.children(key) if isinstance(value, list) else [fields.child(key)]


def _region(entry: Fields) -> Place | None:
    """Location requirement of applicants: a country by its type, or else by its name."""
    name = entry.line("name")
    if not name:
        return None
    if entry.payload.get("@type") == "Country":
        return Place(raw=name, country=country_code(name), remote=True)
    return replace(places.noted(name, entry.path("name"), entry.notes), remote=True)


def _place(entry: Fields) -> Place | None:
    stated = entry.payload.get("address")
    if isinstance(stated, str):
        text = entry.line("address")
        return places.noted(text, entry.path("address"), entry.notes) if text else None
    address = entry.child("address") if isinstance(stated, Mapping) else entry
    city, region = _part(address, "addressLocality"), _part(address, "addressRegion")
    named, postal = _country_name(address), _part(address, "postalCode")
    country = places.stated_country([named], address.path("addressCountry"), entry.notes).country
    raw = ", ".join(part for part in (city, region, named) if part)
    if not raw:
        return None
    geo = entry.child("geo").payload
    pair = places.coordinates(geo.get("latitude"), geo.get("longitude"))
    if pair is False:
        message = "These are no coordinates."
        entry.notes.warn(WarningCode.COORDINATES_INVALID, entry.path("geo"), message)
    lat, lng = pair if isinstance(pair, tuple) else (None, None)
    return Place(
        raw=raw, city=city, region=region, country=country, postal=postal, lat=lat, lng=lng
    )


def _part(address: Fields, key: str) -> str | None:
    part = address.line(key, 200)
    return None if part is None or part.casefold() in _UNAVAILABLE else part


def _country_name(address: Fields) -> str | None:
    """The country, which is a text or an object with a name."""
    if isinstance(address.payload.get("addressCountry"), Mapping):
        return _part(address.child("addressCountry"), "name")
    return _part(address, "addressCountry")


def _pay(fields: Fields, text: str, where: Sequence[Place]) -> tuple[Pay, ...]:
    reader = PayReader(fields.notes, places.one_country(where))
    found = [pay for entry in _objects(fields, "baseSalary") for pay in _salary(entry, reader)]
    return tuple(found) or prose_pay(text, "description", reader)


def _salary(salary: Fields, reader: PayReader) -> list[Pay]:
    """A MonetaryAmount, whose value is a QuantitativeValue, a bare number, or missing."""
    value = salary.payload.get("value")
    amounts = salary.child("value") if isinstance(value, Mapping) else salary
    low, high = amounts.payload.get("minValue"), amounts.payload.get("maxValue")
    if low is None and high is None:
        low = high = amounts.payload.get("value")
    unit = amounts.line("unitText", 40) or salary.line("unitText", 40)
    pay = reader.range(
        low,
        high,
        field=salary.at,
        source=PaySource.FIELD,
        currency=salary.line("currency", 10) or amounts.line("currency", 10),
        interval=vocabulary.interval(unit) if unit else None,
    )
    return [pay] if pay else []
