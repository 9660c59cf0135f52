"""Readers of departments and offices, shared by posts and jobs of Greenhouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.record import Place


def departments(fields: Fields) -> tuple[str | None, str | None]:
    """The root and the leaf of the departments; with one, it is the department."""
    known = fields.children("departments") if fields.payload.get("departments") else []
    if len(known) < 2:
        return (known[0].line("name") if known else None), None
    ids = {str(entry.payload.get("id")) for entry in known}
    roots = [entry for entry in known if str(entry.payload.get("parent_id")) not in ids]
    root = (roots or known)[0].line("name")
    parents = {str(entry.payload.get("parent_id")) for entry in known}
    leaves = [entry for entry in known if str(entry.payload.get("id")) not in parents]
    leaf = leaves[-1].line("name") if leaves else None
    return root, leaf if leaf != root else None


def offices(fields: Fields) -> list[Fields]:
    return fields.children("offices") if fields.payload.get("offices") else []


def office_location(office: Fields) -> str | None:
    """Where an office is: a text on the board, an object with a name in Harvest."""
    if isinstance(office.payload.get("location"), Mapping):
        return office.child("location").line("name")
    return office.line("location")


def office_places(fields: Fields) -> tuple[Place, ...]:
    """The places of the offices that say where they are."""
    texts = [office_location(office) for office in offices(fields)]
    found = [places.noted(text, "offices", fields.notes) for text in texts if text]
    return places.merge(found)


def place_at_office(text: str, known: Sequence[Fields], fields: Fields, count: int) -> Place:
    """The place of one of `count` texts, completed and if need be corrected by the offices.

    A country that the text only suggests must be that of the office there. A single text
    that fits several countries gets the country of all offices, if that is one of them.
    """
    own = places.read(text)
    field = "location.name"
    if own.doubt is None and not own.is_suggested:
        return _completed(own.place, known) if own.place.city else own.place
    countries = _countries(own.place, known, everywhere=count == 1)
    if len(countries) == 1 and own.place.country not in countries:
        hinted = places.read(text, countries.pop())
        if hinted.is_named and (own.doubt or _has_office(own.place, known)):
            return _completed(hinted.place, known)
        if own.is_suggested:
            places.note_doubt(places.Doubt.CONTRADICTED, field, fields.notes)
            return replace(own.place, country=None, region=None)
    places.note_doubt(own.doubt, field, fields.notes)
    return _completed(own.place, known)


def _countries(place: Place, known: Sequence[Fields], *, everywhere: bool) -> set[str]:
    """The countries that the offices at a place state; without such an office, that all state."""
    at_place = [office for office in known if _is_named(place, office)]
    chosen = at_place or (known if everywhere else [])
    read = [places.read(location) for office in chosen if (location := office_location(office))]
    return {r.place.country for r in read if r.place.country and not r.is_suggested}


def _has_office(place: Place, known: Sequence[Fields]) -> bool:
    return any(_is_named(place, office) for office in known)


def _completed(place: Place, known: Sequence[Fields]) -> Place:
    """A place with what the office at that place adds."""
    for office in known:
        location = office_location(office)
        if location and _is_named(place, office):
            there = places.parse(location)
            if place.country in (None, there.country):
                return places.completed(place, there)
    return place


def _is_named(place: Place, office: Fields) -> bool:
    """Whether an office has the name of a place or of its city, or is in a city of that name."""
    city, name = (place.city or "").casefold(), office.line("name")
    if name and name.casefold() in (city, place.raw.casefold()):
        return True
    location = office_location(office)
    there = places.parse(location).city if location else None
    return there is not None and there.casefold() == city
