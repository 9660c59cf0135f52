"""Normalizer of posts, which candidates see, of the job board and of Harvest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from xaigh_server.ats.providers import boards
from xaigh_server.ats.providers.fields import Fields, Notes
from xaigh_server.ats.providers.greenhouse.pay import pay_of_post
from xaigh_server.ats.providers.greenhouse.shared import (
    departments,
    office_places,
    offices,
    place_at_office,
)
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import (
    all_remote,
    is_prospect_title,
    link,
    links_another_job,
)
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Place,
    Result,
    WarningCode,
    Workplace,
)
from xaigh_server.ats.providers.text import times, urls, vocabulary, workplace_fields
from xaigh_server.ats.providers.text.description import describe
from xaigh_server.text.sanitize import unescape_once

_EMPLOYMENT_FIELD = re.compile(r"\b(?:employment|time|job|worker)[ _-]?(?:type|status)\b", re.I)
_OF_HARVEST = {
    "location": ("locations", "workplace_type"),
    "departments": ("department", "team"),
    "metadata": ("employment_type",),
    "pay_input_ranges": (),
}
"""Members of the board's posts that Harvest's posts may lack, and the fields that they fill."""
_DRAWN_FROM_CONTENT = ("description", "requirements", "pay", "department", "team")


def normalize(fields: Fields, identity: str) -> Result:
    """Normalizes one post. The member `live` marks a post of Harvest."""
    payload, notes = fields.payload, fields.notes
    harvest = "live" in payload
    title = fields.required_title("title")
    key = "public_url" if "public_url" in payload else "absolute_url"
    url = _link(fields, key, identity)
    markup = fields.markup("content") if harvest else unescape_once(fields.markup("content"))
    described = describe(markup, "content", notes)
    metadata = payload.get("metadata")
    name = fields.child("location").line("name") or ""
    where = _locations(name, fields)
    status = _harvest_status(fields) if harvest else OfferStatus.OPEN
    pay = pay_of_post(fields, markup, described.text, where)
    department, team = departments(fields)
    first = "first_published" if "first_published" in payload else "first_published_at"
    deadline = payload.get("application_deadline")
    behind = "job_id" if harvest else "internal_job_id"
    prospect = behind in payload and payload[behind] is None
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            description_html=described.html,
            description_text=described.text,
            requirements=described.requirements,
            employment_type=_employment(metadata, notes),
            workplace_type=_workplace(metadata, name, where, notes),
            locations=where,
            pay=pay,
            apply_url=url,
            canonical_url=urls.canonical(url) if url else None,
            status=status,
            listed=status is not OfferStatus.UNLISTED,
            requisition_id=fields.line("requisition_id", 255),
            department=department,
            team=team,
            language=fields.line("language", 35),
            published_at=times.moment(payload.get(first), first, notes),
            updated_at=times.instant(payload.get("updated_at"), "updated_at", notes),
            valid_through=times.moment(deadline, "application_deadline", notes),
            prospect=is_prospect_title(title, notes, certain=prospect),
            omitted=_omitted(fields, harvest=harvest, has_pay=bool(pay)),
            boards=boards.of_greenhouse(url),
        )
    )


def _omitted(fields: Fields, *, harvest: bool, has_pay: bool) -> tuple[str, ...]:
    """What a post without content, or one of Harvest, has no member for.

    Harvest v3 gives locations and pay as resources of their own: such a post is only half a role,
    and a warning names each member that is missing.
    """
    payload = fields.payload
    drawn: tuple[str, ...] = () if "content" in payload else _DRAWN_FROM_CONTENT
    if not harvest:
        return drawn
    if not has_pay and "job_board_id" in payload:
        drawn += ("pay",)
    lacking = [member for member in _OF_HARVEST if member not in payload]
    if "job_board_id" in payload:
        for member in lacking:
            message = f"A post of Harvest v3 has no `{member}`: send the job with its resources."
            fields.notes.warn(WarningCode.NOT_CARRIED, member, message)
    absent = [name for member in lacking for name in _OF_HARVEST[member]]
    if "absolute_url" not in payload and "public_url" not in payload:
        absent += ("apply_url", "canonical_url")
    return tuple(dict.fromkeys([*drawn, *absent]))


def _link(fields: Fields, key: str, identity: str) -> str | None:
    url = link(fields, key)
    if url and links_another_job(url, identity):
        message = "The link does not name this job."
        fields.notes.warn(WarningCode.URL_NAMES_ANOTHER_JOB, key, message)
    return url


@lru_cache(maxsize=1_024)
def _is_named(names: re.Pattern[str], name: str) -> bool:
    """Whether a custom field's name matches. Cached, since a board has few names."""
    return names.search(name[:200]) is not None


def _metadata(metadata: object, names: re.Pattern[str]) -> list[str]:
    """The texts of the custom fields whose name fits; {name, value} in a list, or keyed."""
    if not isinstance(metadata, list):
        return []
    found: list[str] = []
    for entry in metadata:
        name = entry.get("name") if isinstance(entry, dict) else None
        if type(name) is str and _is_named(names, name):
            value = entry.get("value")
            values = value if isinstance(value, list) else [value]
            found += [text for text in values if type(text) is str and text.strip()]
    return found


def _employment(metadata: object, notes: Notes) -> Employment | None:
    stated = _metadata(metadata, _EMPLOYMENT_FIELD) if metadata else []
    if not stated:
        return None
    found = vocabulary.employment_of(stated)
    if found is None:
        message = "The stated employment type is unknown or ambiguous."
        notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "metadata", message)
    return found


def _workplace(
    metadata: object, name: str, where: Sequence[Place], notes: Notes
) -> Workplace | None:
    """From custom fields, else from the location's own words."""
    found = _metadata_workplace(metadata, notes) if metadata else None
    if found:
        return found
    if any(place.remote for place in where):
        return all_remote(where, "location.name", notes)
    return places.workplace_word(name)


def _metadata_workplace(metadata: object, notes: Notes) -> Workplace | None:
    """From the custom fields {name, value} with such a name."""
    entries = metadata if isinstance(metadata, list) else []
    named = (
        (entry["name"], entry.get("value"))
        for entry in entries
        if isinstance(entry, dict) and type(entry.get("name")) is str
    )
    return workplace_fields.workplace(named, "metadata", notes)


def _locations(name: str, fields: Fields) -> tuple[Place, ...]:
    """The places of location.name, completed from the offices; of the offices if it has none."""
    if not name:
        return office_places(fields)
    settled = _complete_places(name)
    if settled is not None:
        return settled
    known = offices(fields)
    parts = places.split_locations(name)
    return places.merge([place_at_office(part, known, fields, len(parts)) for part in parts])


@lru_cache(maxsize=1_024)
def _complete_places(name: str) -> tuple[Place, ...] | None:
    """Returns the places of a name that needs no completion; None for any other.

    Cached, since a board repeats the names of its locations.
    """
    found = [places.read(part) for part in places.split_locations(name)]
    if any(reading.doubt or reading.is_suggested or reading.is_several for reading in found):
        return None
    if any(r.place.city and not (r.place.region and r.place.country) for r in found):
        return None
    return places.merge(reading.place for reading in found)


def _harvest_status(fields: Fields) -> OfferStatus:
    """Live is open, to insiders alone unlisted; what never was live is a draft."""
    if fields.flag("live"):
        return OfferStatus.UNLISTED if fields.flag("external") is False else OfferStatus.OPEN
    started = fields.payload.get("first_published_at")
    return OfferStatus.CLOSED if started or fields.flag("active") is False else OfferStatus.DRAFT
