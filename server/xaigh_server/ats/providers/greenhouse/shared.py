"""Readers of departments and offices, shared by posts and jobs of Greenhouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.places.names import folded
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
    found = [places.several(text, "offices", fields.notes) for text in texts if text]
    return places.merge(place for each in found for place in each)


def place_at_office(text: str, known: Sequence[Fields], fields: Fields, count: int) -> Place:
    """The place of one of `count` texts, completed and if need be corrected by the offices.

    A country that the text only suggests must be that of an office there. A text that fits
    several countries gets the one that all offices state, if it is one of them and no known city
    speaks against it.
    """
    own = places.read(text)
    if own.doubt is None and not own.is_suggested:
        place = places.noted(text, "location.name", fields.notes)
        return _completed(place, known) if place.city else place
    there = [office for office in known if _is_named(own.place, office)]
    everywhere = known if count == 1 or own.place.city else []
    countries = _countries(there or everywhere)
    if len(countries) == 1 and own.place.country not in countries:
        (country,) = countries
        hinted = places.read(text, country)
        settles = there or (own.doubt and not places.speaks_against(text, country))
        if hinted.is_named and settles:
            return _completed(hinted.place, known)
        if there and own.is_suggested:
            places.note_doubt(places.Doubt.CONTRADICTED, "location.name", fields.notes)
            return replace(own.place, country=None, region=None)
    return _completed(places.noted(text, "location.name", fields.notes), known)


def _countries(chosen: Sequence[Fields]) -> set[str]:
    """The countries that offices state, by where they are or else by their name."""
    read = [places.read(text) for office in chosen if (text := _stated(office))]
    return {r.place.country for r in read if r.place.country and not r.is_suggested}


def _stated(office: Fields) -> str | None:
    return office_location(office) or office.line("name")


def _completed(place: Place, known: Sequence[Fields]) -> Place:
    """A place with what the office at that place adds."""
    for office in known:
        location = _stated(office)
        if location and _is_named(place, office):
            there = places.read(location)
            if not there.is_suggested and place.country in (None, there.place.country):
                return places.completed(place, there.place)
    return place


def _is_named(place: Place, office: Fields) -> bool:
    """Whether an office has the name of a place or of its city, or is in a city of that name."""
    city, name = folded(place.city or ""), office.line("name")
    if name and folded(name) in (city, folded(place.raw)):
        return True
    location = _stated(office)
    there = places.parse(location).city if location else None
    return there is not None and folded(there) == city
