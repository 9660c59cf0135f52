"""Lists of a role's places: splitting, merging and completing them. parse.py reads single ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.places.cities import homes
from xaigh_server.ats.providers.places.countries import are_compatible, country_code
from xaigh_server.ats.providers.places.names import folded
from xaigh_server.ats.providers.places.parse import Doubt, parse, read, speaks_against
from xaigh_server.ats.providers.places.parts import is_area, is_worldwide, workplace_word
from xaigh_server.ats.providers.places.place_codes import is_known_in, state_code
from xaigh_server.ats.providers.places.split import split_locations
from xaigh_server.ats.providers.record import Place, WarningCode

_COUNT = re.compile(
    r"(?:\d+\+?|multiple|various|several|verschiedene|mehrere|plusieurs|varias|diverse)"
    r"(?: (?:more|us|u\.s\.|different))?"
    r" (?:locations?|standorte|sites?|cities|offices|places|states|countries|lieux|ubicaciones)"
    r"(?: available)?\Z|(?:various|multiple)\Z",
    re.IGNORECASE,
)
_MORE = re.compile(r",? ?\+? ?(?<!\d)\d{0,6} ?more(?:\.\.\.|…)?\Z", re.IGNORECASE)
_SPELLINGS = (
    ("bengaluru", "bangalore"),
    ("gurugram", "gurgaon"),
    ("munchen", "munich"),
    ("koln", "cologne"),
    ("kyiv", "kiev"),
    ("praha", "prague"),
    ("wien", "vienna"),
    ("warszawa", "warsaw"),
    ("lisboa", "lisbon"),
    ("milano", "milan"),
)

__all__ = [
    "UNSTATED",
    "Doubt",
    "Stated",
    "agree",
    "completed",
    "coordinates",
    "country_of_parts",
    "further",
    "is_area",
    "is_count",
    "is_worldwide",
    "merge",
    "note_doubt",
    "noted",
    "one_country",
    "parse",
    "read",
    "several",
    "speaks_against",
    "split_locations",
    "stated_country",
    "without_more",
    "workplace_word",
]


class Stated(NamedTuple):
    """What a record's members state of a country. Contradictory statements leave it unknown."""

    country: str | None = None
    is_contradictory: bool = False


UNSTATED = Stated()


def stated_country(values: Iterable[object], field: str, notes: Notes) -> Stated:
    """The country that members name by code or name; what is no country is warned about."""
    given = [value for value in values if value not in (None, "")]
    found = [code for value in given if (code := country_code(value))]
    if not found:
        if given:
            notes.warn(WarningCode.COUNTRY_UNKNOWN, field, "This is not a country.")
        return UNSTATED
    if all(are_compatible(found[0], other) for other in found):
        return Stated(found[0])
    message = "The record states several countries for one place: none is taken."
    notes.warn(WarningCode.LOCATION_CONFLICT, field, message)
    return Stated(None, is_contradictory=True)


def noted(text: str, field: str, notes: Notes, stated: Stated = UNSTATED) -> Place:
    """The place of a text under what is stated of its country, its doubt among the notes."""
    reading = read(text, stated.country)
    if reading.is_several:
        message = "The text says that there are several places, not which."
        notes.warn(WarningCode.LOCATION_INCOMPLETE, field, message)
    if stated.is_contradictory:
        return replace(reading.place, country=None)
    note_doubt(reading.doubt, field, notes)
    return reading.place


def further(text: str, field: str, notes: Notes, stated: Stated) -> list[Place]:
    """Further places of a record that states the country of its first.

    That country only settles what is unclear, and not where a known city speaks against it.
    """
    return [_beside(part, field, notes, stated) for part in split_locations(text)]


def _beside(text: str, field: str, notes: Notes, stated: Stated) -> Place:
    reading = read(text)
    if reading.doubt is Doubt.UNCLEAR and stated.country:
        settled = read(text, stated.country)
        if settled.is_named and not speaks_against(text, stated.country):
            return settled.place
    return noted(text, field, notes)


def several(text: str, field: str, notes: Notes, stated: Stated = UNSTATED) -> list[Place]:
    """The places of a text, which may name several.

    The stated country is the first place's; of the others it settles only what is unclear. Where
    the first is plainly elsewhere, it is in no known country: the statement may be another's.
    """
    parts = split_locations(text)
    if len(parts) < 2:
        return [noted(text, field, notes, stated)]
    found = []
    for index, part in enumerate(parts):
        settled = read(part, stated.country)
        if index:
            found.append(_beside(part, field, notes, stated))
        elif settled.doubt is Doubt.CONTRADICTED:
            note_doubt(settled.doubt, field, notes)
            found.append(replace(settled.place, country=None))
        else:
            found.append(noted(part, field, notes, stated))
    return found


def note_doubt(doubt: Doubt | None, field: str, notes: Notes) -> None:
    """Warns where a text leaves its country unknown, or contradicts the stated one."""
    if doubt is Doubt.UNCLEAR:
        message = "The text can be of several countries: the country is unknown."
        notes.warn(WarningCode.COUNTRY_UNKNOWN, field, message)
    elif doubt is Doubt.CONTRADICTED:
        message = "The text is of another country than the stated one, which counts."
        notes.warn(WarningCode.LOCATION_CONFLICT, field, message)


def is_count(text: str) -> bool:
    """Whether it only counts places: "7 Locations"."""
    return bool(_COUNT.match(text.strip()))


def without_more(text: str) -> tuple[str, bool]:
    """The text without a trailing "More...", and whether there was one."""
    cut = _MORE.sub("", text)
    return cut.strip(), cut != text


def merge(places: Iterable[Place]) -> tuple[Place, ...]:
    """Returns the places in order without duplicates and places that add nothing."""
    kept: list[Place] = []
    named: set[str] = set()
    known: set[Place] = set()
    for place in places:
        name, where = place.raw.casefold(), replace(place, raw="")
        if name not in named and not (place.city and where in known):
            kept.append(place)
            named.add(name)
            known.add(where)
    return tuple(kept)


def completed(place: Place, known: Place) -> Place:
    """Fills a place's empty parts from another place."""
    return replace(
        place,
        region=place.region or known.region,
        country=place.country or known.country,
        postal=place.postal or known.postal,
    )


def country_of_parts(
    city: str | None, region: str | None, field: str, notes: Notes, stated: Stated = UNSTATED
) -> str | None:
    """The country of an address: the stated one, else what its city and region make certain."""
    if stated.country or stated.is_contradictory or not region:
        return stated.country
    reading = read(", ".join(part for part in (city, region) if part))
    note_doubt(reading.doubt, field, notes)
    return None if reading.doubt else reading.place.country


def one_country(places: Iterable[Place]) -> str | None:
    """Returns the country that all places share, or None."""
    countries = {place.country for place in places}
    return countries.pop() if len(countries) == 1 else None


def agree(named: Place, stated: Place, name: str) -> bool:
    """Whether a place's name and its address can be one place.

    They can't where the name says anywhere in the world, an area wider than the address says, or
    another country, or is that of a city that is known, and not in the address's state. The name
    of a region, a district or a site may stand for any address.
    """
    if stated.city and _is_named(stated.city, name):
        return True
    if is_worldwide(name):
        return False
    if stated.region and _is_named(stated.region, name):
        return True
    if named.country and stated.country and not are_compatible(named.country, stated.country):
        return False
    if is_area(name) and not named.city:
        return False
    return not named.city or named.city.isupper() or not _is_city_elsewhere(named, stated)


def _is_city_elsewhere(named: Place, stated: Place) -> bool:
    """Whether a name is a known city's, which the address isn't in."""
    known = homes(named.city or "")
    if not known:
        return False
    if stated.city and not homes(stated.city):
        return not any(land == stated.country for land, _ in known)
    if not stated.city and stated.country:
        code = state_code(stated.region, stated.country) if stated.region else None
        return not is_known_in(named.city or "", stated.country, code)
    return True


def _is_named(city: str, name: str) -> bool:
    """Whether a name holds a city, or its first part is in the city's, in either of two spellings.

    An apostrophe or a hyphen is no difference.
    """
    one, other = _respelled(city), _respelled(name)
    first = other.split(",")[0].strip()
    return bool(one) and (one in other or (len(first) > 2 and first in one))


def _respelled(text: str) -> str:
    spelled = folded(text)
    for word, other in _SPELLINGS:
        spelled = spelled.replace(word, other)
    return spelled


def coordinates(lat: object, lng: object) -> tuple[float, float] | None | bool:
    """A pair in range; None when absent or 0,0; False when they are no coordinates."""
    if lat in (None, "") or lng in (None, ""):
        return None
    try:
        pair = float(lat), float(lng)  # type: ignore[arg-type]  # anything else raises below
    except (TypeError, ValueError, OverflowError):
        return False
    if pair == (0.0, 0.0):
        return None
    return pair if -90 <= pair[0] <= 90 and -180 <= pair[1] <= 180 else False
