"""What a code or a name in a place's text means: a country, a state, or one of several.

"CA" is California and Canada, "WA" two states, "Georgia" a state and a country. Only evidence
beside it decides between several: a known city, a state or country next to it, a ZIP of the state.
A country that the provider states decides before any of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from xaigh_server.ats.providers.places.cities import has_subdivision, homes, is_zip_of
from xaigh_server.ats.providers.places.countries import STATE_CODES, STATE_NAMES
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


def meant(
    part: str, others: Sequence[str], postal: str | None = None, stated: str | None = None
) -> Found:
    """What `part` means beside the other parts of its place; None where it is no code or name.

    Under a stated country only that country's reading counts.
    """
    own = readings(part)
    if stated:
        part_of = [Meaning(stated, True)] if has_subdivision(stated, part) else []
        return next((reading for reading in (*own, *part_of) if reading.country == stated), None)
    found = own + tuple(r for r in _abroad(part, others) if r not in own)
    if len(found) < 2:
        return found[0] if found else None
    proved = [reading for reading in found if _is_proved(reading, part, others, postal)]
    return proved[0]._replace(is_certain=False) if len(proved) == 1 else UNCLEAR


@lru_cache(maxsize=4_096)
def readings(part: str) -> tuple[Meaning, ...]:
    """Everything that a code in capitals, or a name, can mean by itself."""
    country = country_written(part)
    states = [Meaning(land, True) for land, codes in STATE_CODES.items() if part in codes]
    name = STATE_NAMES.get(part.casefold())
    if name:
        states.append(Meaning(name, True))
    return (*states, *([Meaning(country, False)] if country else []))


def is_elsewhere(part: str, country: str) -> bool:
    """Whether a code or name has readings, and none of them in that country."""
    own = readings(part)
    return bool(own) and all(reading.country != country for reading in own)


def is_known_in(city: str, country: str, code: str | None = None) -> bool:
    """Whether a city is known to be in a country, and in the state of that code if one is given."""
    places = [state for land, state in homes(city) if land == country]
    return bool(places) and (code is None or code in places)


def _abroad(code: str, others: Sequence[str]) -> list[Meaning]:
    """Parts of further countries that a code is of, where a city beside it is known to be there."""
    if not (code.isupper() and 2 <= len(code) <= 3):
        return []
    known = {home for part in others for home in homes(part) if home[0] not in STATE_CODES}
    return [
        Meaning(land, True, False)
        for land, state in sorted(known, key=str)
        if state == code or (state is None and has_subdivision(land, code))
    ]


def _is_proved(reading: Meaning, code: str, others: Sequence[str], postal: str | None) -> bool:
    if not reading.is_certain:
        return True
    state = _STATES_LIKE_COUNTRIES.get(code.casefold(), code) if reading.is_state else None
    if postal and state and reading.country == "US" and is_zip_of(state, postal):
        return True
    return any(_speaks_for(part, reading.country, state) for part in others)


def _speaks_for(part: str, country: str, state: str | None) -> bool:
    """Whether a part of the place is of that country, or of that state."""
    if is_known_in(part, country, state):
        return True
    if state and STATE_CODES[country].get(state) == part:
        return True
    own = [reading for reading in readings(part) if not (state and reading.is_state)]
    if own and {reading.country for reading in own} == {country}:
        return True
    return state is None and part in STATE_CODES.get(country, ())
