"""Normalizer of schema.org JobPosting, as portals embed it and feeds repeat it.

Members come as texts, numbers, objects and lists of them, as schema.org allows. Portals write
"UNAVAILABLE" into addresses. base_salary.py reads the pay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.mirror_ids import external_id
from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.custom.base_salary import base_salary
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.pay.ranges import PayReader
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.places.countries import country_code
from xaigh_server.ats.providers.places.place_codes import readings
from xaigh_server.ats.providers.posting import is_prospect_title, link, note_expired, prose_pay
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Pay,
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
    where, workplace = _locations(fields)
    described = describe(fields.markup("description"), "description", notes)
    url = link(fields, "url")
    valid_through = times.moment(payload.get("validThrough"), "validThrough", notes)
    asked = _requirements(fields)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=asked or described.requirements,
            employment_type=_employment(fields),
            workplace_type=workplace,
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


_ASKED = ("qualifications", "experienceRequirements", "educationRequirements", "skills")


def _requirements(fields: Fields) -> tuple[str, ...]:
    """What the first of the members that are filled asks for: texts, or objects with one."""
    for key in _ASKED:
        value = fields.payload.get(key)
        entries = value if isinstance(value, list) else [value]
        found = item_texts([_asked(entry) for entry in entries], key, fields.notes)
        if found:
            return found
    return ()


def _asked(entry: object) -> object:
    if not isinstance(entry, Mapping):
        return entry
    return entry.get("description") or entry.get("name") or entry.get("credentialCategory")


def _employment(fields: Fields) -> Employment | None:
    """One type; a list of different ones is a choice, and no answer."""
    value = fields.payload.get("employmentType")
    stated = value if isinstance(value, list) else [value]
    texts = [text for text in stated if isinstance(text, str) and text.strip()]
    parts = [_last(part) for text in texts for part in text.split(",")]
    found = vocabulary.employment_of(parts)
    if parts and found is None:
        message = "The employment type is unknown or ambiguous."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "employmentType", message)
    return found


def _locations(fields: Fields) -> tuple[tuple[Place, ...], Workplace | None]:
    """The places and the workplace; of remote work, the places are where applicants may be."""
    kind = _location_type(fields)
    found = [place for entry in _places(fields, "jobLocation") for place in _place(entry)]
    if kind is Workplace.REMOTE:
        found += _applicant_places(fields)
    return places.merge(found), kind


def _location_type(fields: Fields) -> Workplace | None:
    """TELECOMMUTE, or a word for a workplace; a list of different ones is no answer."""
    value = fields.payload.get("jobLocationType")
    stated = value if isinstance(value, list) else [value]
    texts = [_last(text) for text in stated if isinstance(text, str) and text.strip()]
    kinds = {_workplace_word(text) for text in texts}
    if not texts:
        return None
    found = kinds.pop() if len(kinds) == 1 else None
    if found is None:
        message = "The location type is unknown or ambiguous."
        fields.notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, "jobLocationType", message)
    return found


def _workplace_word(text: str) -> Workplace | None:
    return Workplace.REMOTE if text.upper() == "TELECOMMUTE" else vocabulary.workplace(text)


def _last(text: str) -> str:
    """The name in a link of the vocabulary: "https://schema.org/TELECOMMUTE"."""
    return text.strip().removesuffix("/").rpartition("/")[2] if "schema.org/" in text else text


def _places(fields: Fields, key: str) -> list[Fields]:
    """The objects at a member: one, or a list. A text or a number stands for one with that name."""
    value = fields.payload.get(key)
    found: list[Fields] = []
    for index, entry in enumerate(value if isinstance(value, list) else [value]):
        path = fields.path(f"{key}[{index}]" if isinstance(value, list) else key)
        if isinstance(entry, Mapping):
            found.append(Fields(entry, fields.notes, path))
        elif isinstance(entry, str | int | float) and type(entry) is not bool:
            found.append(Fields({"name": entry}, fields.notes, path))
        elif entry is not None:
            fields.wrong(key, "a place", entry)
    return found


def _types(entry: Fields) -> set[str]:
    value = entry.payload.get("@type")
    kinds = value if isinstance(value, list) else [value]
    return {_last(kind).rpartition(":")[2] for kind in kinds if isinstance(kind, str)}


def _applicant_places(fields: Fields) -> list[Place]:
    """Where applicants may be. A state is in the one country that is named beside it, if any."""
    entries = _places(fields, "applicantLocationRequirements")
    read = [(_types(entry), place) for entry in entries if (place := _region(entry))]
    countries = {place.country for types, place in read if "Country" in types and place.country}
    country = countries.pop() if len(countries) == 1 else None
    return [
        replace(place, country=country) if "State" in types and not place.country else place
        for types, place in read
    ]


def _region(entry: Fields) -> Place | None:
    """One requirement: a country, a state or a city by its type, or else by its name."""
    name, types = entry.line("name"), _types(entry)
    address = entry.payload.get("address")
    if not name and address is not None:
        return next((replace(place, remote=True) for place in _place(entry)), None)
    if not name:
        return None
    if "Country" in types:
        return Place(raw=name, country=country_code(name), remote=True)
    if "State" in types:
        return _state(name, entry)
    return replace(places.noted(name, entry.path("name"), entry.notes), remote=True)


def _state(name: str, entry: Fields) -> Place:
    """A state is never a country, also where a country has its name or its code."""
    read = places.read(name)
    if read.place.region and not read.place.city and not read.doubt and not read.is_suggested:
        return replace(read.place, remote=True)
    holder = entry.child("containedInPlace") if _has_holder(entry) else entry
    country = country_code(holder.line("name")) if holder is not entry else None
    lands = {reading.country for reading in readings(name) if reading.is_state}
    if country is None and len(lands) == 1:
        country = lands.pop()
    return Place(raw=name, region=name, country=country, remote=True)


def _has_holder(entry: Fields) -> bool:
    return isinstance(entry.payload.get("containedInPlace"), Mapping)


def _place(entry: Fields) -> list[Place]:
    """The places of a Place, of a PostalAddress, or of a text in the place of either."""
    stated = entry.payload.get("address")
    if isinstance(stated, list):
        inner = _places(entry, "address")
        return [place for address in inner for place in _place(address)]
    if isinstance(stated, str) or (stated is None and "address" not in entry.payload):
        key = "address" if isinstance(stated, str) else "name"
        text = entry.line(key) if _is_named(entry, key) else None
        if text:
            return places.several(text, entry.path(key), entry.notes)
    found = _at_address(entry, entry.child("address") if isinstance(stated, Mapping) else entry)
    return [found] if found else []


def _is_named(entry: Fields, key: str) -> bool:
    """Whether the text at a member is all there is; an address has members of its own."""
    return key == "address" or not any(
        entry.payload.get(part) for part in ("addressLocality", "addressRegion", "addressCountry")
    )


def _at_address(entry: Fields, address: Fields) -> Place | None:
    city, region = _part(address, "addressLocality"), _part(address, "addressRegion")
    named, postal = _country_name(address), _part(address, "postalCode")
    known = places.stated_country([named], address.path("addressCountry"), entry.notes)
    field = address.path("addressRegion")
    country = places.country_of_parts(city, region, field, entry.notes, known)
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
    found = base_salary(fields, reader)
    return tuple(found) or prose_pay(text, "description", reader)
