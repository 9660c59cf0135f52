"""What posts and jobs of Greenhouse share: departments and offices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xaigh_server.ats import places
from xaigh_server.ats.fields import Fields
from xaigh_server.ats.record import Place


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
    return places.merge([places.parse(text) for text in texts if text])


def completed(place: Place, known: Sequence[Fields]) -> Place:
    """A place with what the office at that place adds."""
    for office in known:
        location = office_location(office)
        if location and _is_at(place, office.line("name"), location):
            return places.completed(place, places.parse(location))
    return place


def _is_at(place: Place, name: str | None, location: str) -> bool:
    city = (place.city or "").casefold()
    known = places.parse(location)
    same_country = place.country in (None, known.country)
    named = name is not None and name.casefold() in (city, place.raw.casefold())
    return same_country and (named or (known.city or "").casefold() == city)
