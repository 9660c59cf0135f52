"""What a code or a name in a place's text means: a country, a state, or one of several.

"CA" is California and Canada, "WA" two states, "Georgia" a state and a country. Only evidence
beside it decides between several: a state or country next to it, a ZIP of the state, a known city.
A country that the provider states decides before any of that.

A city is weaker than a statement. Behind a city ("Kochi, IN") a code that could be a state of the
United States is one, or of no known country: the rest of the world's cities don't show that no
town of the state has that name. In front of a city ("IN-Kochi") codes are mostly of countries.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from xaigh_server.ats.providers.places.cities import has_subdivision, homes, is_zip_of
from xaigh_server.ats.providers.places.countries import STATE_CODES, STATE_NAMES
from xaigh_server.ats.providers.places.names import folded
from xaigh_server.ats.providers.places.parts import country_written


class Meaning(NamedTuple):
    """One reading. `is_certain` says that the code or name has no other."""

    country: str
    is_state: bool
    is_certain: bool = True


class _Unclear(Enum):
    UNCLEAR = "UNCLEAR"


UNCLEAR: Final = _Unclear.UNCLEAR
"""Of a code or name that could mean several things, none of them proved."""

Found = Meaning | Literal[_Unclear.UNCLEAR] | None

_STATES_LIKE_COUNTRIES = {"georgia": "GA"}
_AMERICAN = ("US", "PR")
_SECOND_CODES = ("TS", "UK", "OD", "CG", "DC", "TO", "TC")
"""Codes of states that have another in the table of cities."""
_WORDS = 3
"""Most words of a city's name inside a longer text."""


def meant(
    part: str,
    others: Sequence[str],
    postal: str | None = None,
    stated: str | None = None,
    *,
    leads: bool = False,
) -> Found:
    """What `part` means beside the other parts of its place; None where it is no code or name.

    `others` are in order of their distance. Under a stated country only that country's reading
    counts. `leads` says that the part is the first of its place.
    """
    own = readings(part)
    if stated:
        part_of = [Meaning(stated, True)] if has_subdivision(stated, part) else []
        return next((reading for reading in (*own, *part_of) if reading.country == stated), None)
    abroad = () if own and leads else _abroad(part, others)
    found = own + tuple(reading for reading in abroad if reading not in own)
    if len(found) < 2:
        return found[0] if found else None
    return _proved(found, part, others, postal, leads=leads)


def _proved(
    found: Sequence[Meaning], part: str, others: Sequence[str], postal: str | None, *, leads: bool
) -> Found:
    """The one reading that a statement proves, or else the nearest known city."""
    named = [reading for reading in found if _is_stated(reading, part, others, postal)]
    if named:
        return named[0]._replace(is_certain=False) if len(named) == 1 else UNCLEAR
    for near in (others[:1], others):
        proved = [reading for reading in found if _has_city(reading, part, near)]
        if len(proved) > 1:
            return UNCLEAR
        if proved:
            lone = leads or len(part) > 3 or proved[0].country in _AMERICAN
            suits = lone or not any(reading.country in _AMERICAN for reading in found)
            return proved[0]._replace(is_certain=False) if suits else UNCLEAR
    return UNCLEAR


@lru_cache(maxsize=4_096)
def readings(part: str) -> tuple[Meaning, ...]:
    """Everything that a code in capitals, or a name, can mean by itself."""
    country = country_written(part)
    states = [Meaning(land, True) for land, codes in STATE_CODES.items() if part in codes]
    name = STATE_NAMES.get(folded(part))
    if name and all(state.country != name for state in states):
        states.append(Meaning(name, True))
    return (*states, *([Meaning(country, False)] if country else []))


def is_elsewhere(part: str, country: str) -> bool:
    """Whether a code or name has readings, and none of them in that country."""
    own = readings(part)
    return bool(own) and all(reading.country != country for reading in own)


def is_known_in(city: str, country: str, code: str | None = None) -> bool:
    """Whether a city is known to be in a country, and in the state of that code if one is given."""
    places = [state for land, state in homes(city) if land == country]
    return bool(places) and (code is None or code in places or None in places)


@lru_cache(maxsize=4_096)
def city_within(part: str, country: str, code: str | None) -> str | None:
    """The city of that state in a longer name: "Warehouse 4 Indianapolis", "Chicago Loop"."""
    words = part[:200].replace("-", " ").split(" ")
    for count in range(min(_WORDS, len(words) - 1), 0, -1):
        for window in (words[-count:], words[:count]):
            name = " ".join(window).strip("-,.() ")
            known = [state for land, state in homes(name) if land == country]
            if len(name) > 3 and code in known:
                return name
    return None


def state_code(name: str, country: str) -> str:
    """The code of a state that has a code in our tables; any other name as it is."""
    codes = STATE_CODES.get(country, {})
    if name in codes:
        return name
    key = folded(name)
    return next((code for code, full in codes.items() if folded(full) == key), name)


def _abroad(code: str, others: Sequence[str]) -> list[Meaning]:
    """Parts of further countries that a code is of, where a city beside it is known to be there."""
    if not (code.isupper() and 2 <= len(code) <= 4):
        return []
    known = {home for part in others[:8] for home in homes(part)}
    lands = {land for land, state in known if _is_of(land, state, code)}
    return [Meaning(land, True, False) for land in sorted(lands)]


def _is_of(land: str, state: str | None, code: str) -> bool:
    """Whether a city's home is the part of a further country that a code names."""
    if land in STATE_CODES:
        return False
    if state == code:
        return True
    is_open = state is None or len(code) > 2 or code in _SECOND_CODES
    return is_open and code not in STATE_CODES["US"] and has_subdivision(land, code)


def _is_stated(reading: Meaning, part: str, others: Sequence[str], postal: str | None) -> bool:
    """Whether a ZIP, a state or a country beside the part says this reading."""
    state = _state(reading, part)
    if postal and state and reading.country == "US" and is_zip_of(state, postal):
        return True
    return any(
        _says(other, reading.country, state)
        or (state is None and _is_state_of_city(other, reading.country, others))
        for other in others
    )


def _is_state_of_city(name: str, country: str, others: Sequence[str]) -> bool:
    """ "Toronto, Ontario": a state's name that a city has, too, beside a city of that state."""
    if STATE_NAMES.get(folded(name)) != country:
        return False
    code = state_code(name, country)
    return any(other != name and (country, code) in homes(other) for other in others)


def _has_city(reading: Meaning, part: str, others: Sequence[str]) -> bool:
    """Whether a city beside the part, or a state that is a city too, is of this reading."""
    if not reading.is_certain:
        return bool(others)
    state = _state(reading, part)
    if any(is_known_in(other, reading.country, state) for other in others):
        return True
    if state is None:
        own = (named for other in others for named in readings(other))
        return any(named.is_state and named.country == reading.country for named in own)
    return any(city_within(other, reading.country, state) for other in others[:4])


def _state(reading: Meaning, part: str) -> str | None:
    if not reading.is_state:
        return None
    return _STATES_LIKE_COUNTRIES.get(part.casefold(), part)


def _says(other: str, country: str, state: str | None) -> bool:
    """Whether another part names that country, or that state in another way."""
    if state and STATE_CODES.get(country, {}).get(state) == other:
        return True
    own = [reading for reading in readings(other) if not (state and reading.is_state)]
    if own and {reading.country for reading in own} == {country}:
        return not (own[0].is_state and homes(other))
    if state is not None:
        return False
    part = has_subdivision(country, other) and other not in STATE_CODES["US"]
    return part or other in STATE_CODES.get(country, ())
