"""Lists of a role's places: splitting, merging and completing them. parse.py reads single ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.places.countries import are_compatible, country_code
from xaigh_server.ats.providers.places.parse import Doubt, parse, read
from xaigh_server.ats.providers.places.parts import is_area, workplace_word
from xaigh_server.ats.providers.record import Place, WarningCode

_SEPARATORS = re.compile(r" ?; ?| [|\u2022\u00b7] | ?\n ?| or (?![^()]*\))")
_COUNT = re.compile(r"\d+\+? (?:more )?(?:locations?|standorte|sites?)\Z", re.IGNORECASE)
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
    "is_area",
    "is_count",
    "merge",
    "note_doubt",
    "noted",
    "one_country",
    "parse",
    "read",
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
    if stated.is_contradictory:
        return replace(reading.place, country=None)
    note_doubt(reading.doubt, field, notes)
    return reading.place


def note_doubt(doubt: Doubt | None, field: str, notes: Notes) -> None:
    """Warns where a text leaves its country unknown, or contradicts the stated one."""
    if doubt is Doubt.UNCLEAR:
        message = "The text can be of several countries: the country is unknown."
        notes.warn(WarningCode.COUNTRY_UNKNOWN, field, message)
    elif doubt is Doubt.CONTRADICTED:
        message = "The text is of another country than the stated one, which counts."
        notes.warn(WarningCode.LOCATION_CONFLICT, field, message)


def split_locations(text: str) -> list[str]:
    """The places of a list in one text: parted by ";", " | ", " • " or " or ", never by commas."""
    collapsed = "\n".join(" ".join(line.split()) for line in text.splitlines())
    return [part for part in _SEPARATORS.split(collapsed) if part.strip()]


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


def one_country(places: Iterable[Place]) -> str | None:
    """Returns the country that all places share, or None."""
    countries = {place.country for place in places}
    return countries.pop() if len(countries) == 1 else None


def agree(named: Place, stated: Place, name: str) -> bool:
    """Whether a place's name and its address can be one place.

    They can where the name holds the address's city, or only letters that may be short for it, or
    names no city of its own and no area.
    """
    if stated.city and _is_named(stated.city, name):
        return True
    if named.city and named.city.isupper():
        return True
    if named.country and stated.country and named.country != stated.country:
        return False
    return not named.city and not is_area(name)


def _is_named(city: str, name: str) -> bool:
    """Whether a name holds a city, or its first word is the city's, in either of two spellings."""
    one, other = _folded(city), _folded(name)
    return one in other or other.split(",")[0].strip() in one


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(c for c in plain if not unicodedata.combining(c))
    for word, other in _SPELLINGS:
        folded = folded.replace(word, other)
    return folded


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
