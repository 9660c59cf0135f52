"""One place out of free text: only what the text makes certain, the text itself always kept.

Three orders are read: "City, Region, Country", "Country, Region, City, Site" and "Region - City".
Which one it is, is told by where a country or a state stands. Names of areas ("EMEA", "Global"),
sites and anything with digits are no cities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from .countries import ALPHA_2, COUNTRY_NAMES, STATE_CODES, STATE_NAMES, country_code
from .placeparts import (
    Parts,
    city_name,
    country_written,
    take_apart,
    without_workplace,
    workplace_word,
)
from .record import Place, Workplace
from .tables import keyed

Where: TypeAlias = tuple[str | None, str | None, str | None]
"""City, region and country."""

_ADDRESS = re.compile(
    r"(?P<left>.*[^,])\s*,\s*(?P<state>[A-Za-z .]+?)\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:\s*,?\s+(?P<country>[A-Za-z .]+))?\s*\Z"
)
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_TRAILING_STATE = re.compile(r"(?P<city>.{3,}?)\s+(?P<state>[A-Z]{2,3}|D\.C\.)\Z")
_CITY_ABROAD = keyed(
    "DE berlin munich münchen hamburg frankfurt cologne köln stuttgart düsseldorf leipzig"
    "|IN bangalore bengaluru mumbai delhi hyderabad pune chennai gurgaon gurugram noida kolkata"
    "|IL tel haifa jerusalem herzliya ra'anana raanana netanya yokneam"
    "|CA toronto vancouver montreal montréal calgary ottawa edmonton winnipeg waterloo"
    "|ID jakarta bandung surabaya bali|CO bogota bogotá medellin medellín cali barranquilla"
    "|AR buenos cordoba córdoba rosario mendoza|MA casablanca rabat marrakech tangier"
    "|PA panama|GE tbilisi batumi kutaisi rustavi"
)
"""Well-known cities, by their first word, of countries whose code is a state's as well."""
_AMBIGUOUS_CODES = frozenset(code for states in STATE_CODES.values() for code in states)


@lru_cache(maxsize=4_096)
def parse(text: str, country: str | None = None) -> Place:
    """One place. `country` is an alpha-2 code known from elsewhere: it settles what is unclear.

    A feed repeats its places: they are remembered.
    """
    raw = " ".join(text.split())
    remote = workplace_word(raw) is Workplace.REMOTE
    bare = without_workplace(raw)
    if "," in bare and bare.casefold() in COUNTRY_NAMES:
        return Place(raw=raw, country=COUNTRY_NAMES[bare.casefold()], remote=remote)
    address = _address(bare, country)
    if address is not None:
        return replace(address, raw=raw, remote=remote)
    taken = take_apart(bare)
    city, region, found = _read(taken, country)
    return Place(
        raw=raw,
        city=city,
        region=region,
        country=found or country,
        postal=taken.postal,
        remote=remote,
    )


def _read(taken: Parts, hint: str | None) -> Where:
    parts = taken.parts
    if not parts:
        return None, None, None
    if len(parts) == 1:
        return _read_one(parts[0], hint)
    if _is_country_first(parts):
        return _country_first(parts)
    country = _country_last(parts, hint)
    state = _state_code(parts[0], hint)
    if taken.dashed and state is None:
        state = _state_of_name(parts[0], hint)
    if state and not country:
        return city_name(parts[1]), parts[0], state
    before = parts[:-1] if country else parts
    return _city_region(before, country or hint, country, dashed=taken.dashed)


def _city_region(
    parts: Sequence[str], hint: str | None, country: str | None, *, dashed: bool
) -> Where:
    """ "City, Region" with the country already taken off, where there was one.

    Two unknown names are city and region between commas; between dashes they may be anything.
    """
    if len(parts) == 1:
        state = _state_of_name(parts[0], hint) if country else None
        if state and not _is_city_too(parts[0]):
            return None, parts[0], country
        return city_name(parts[0]), None, country
    state = _state_code(parts[-1], hint) or _state_of_name(parts[-1], hint)
    if state or country or (len(parts) == 2 and not dashed):
        region = parts[-1] if state else city_name(parts[-1])
        return (city_name(parts[-2]) if region or country else None), region, country or state
    return None, None, None


def _read_one(part: str, hint: str | None) -> Where:
    if part.casefold() == "georgia":
        return None, None, None
    code = country_written(part)
    if code and not (len(part) == 2 and _is_unclear(part)):
        return None, None, code
    if len(part) == 2 and part.isupper():
        return (None, part, hint) if hint and _state_code(part, hint) else (None, None, None)
    state = _state_of_name(part, hint)
    if state and not _is_city_too(part):
        return None, part, state
    if part.casefold().startswith("united kingdom"):
        return None, None, "GB"
    return _city_and_state(part, hint)


def _city_and_state(part: str, hint: str | None) -> Where:
    """ "Washington DC": a city with its state's code behind it, no comma between."""
    found = _TRAILING_STATE.match(part)
    state = _state_code(found["state"], hint) if found else None
    if found and state:
        return city_name(found["city"]), found["state"], state
    return city_name(part), None, None


def _is_country_first(parts: Sequence[str]) -> bool:
    """ "Israel, Yokneam", but not "Lebanon, NH": a town may be called like a country."""
    first = parts[0]
    if first.casefold() in COUNTRY_NAMES and first.casefold() not in ("georgia", "luxembourg"):
        state = _state_code(parts[1], None) if len(parts) == 2 else None
        if state not in (None, COUNTRY_NAMES[first.casefold()]):
            return False
        return country_written(parts[-1]) is None or _is_unclear(parts[-1])
    if not first.isupper() or first not in ALPHA_2 or country_written(first) is None:
        return False
    return len(first) == 3 or not _is_unclear(first) or _abroad(parts[1]) == ALPHA_2[first]


def _country_first(parts: Sequence[str]) -> Where:
    country = country_code(parts[0])
    rest = parts[1:]
    states = STATE_CODES.get(country or "", {})
    is_state = rest[0] in states or STATE_NAMES.get(rest[0].casefold()) == country
    is_code = len(rest) > 1 and rest[0].isupper() and 2 <= len(rest[0]) <= 3
    if is_state or is_code:
        return (city_name(rest[1]) if len(rest) > 1 else None), rest[0], country
    return city_name(rest[0]), None, country


def _country_last(parts: Sequence[str], hint: str | None) -> str | None:
    """The country that the last part names; a code that is a state as well only where it can't be.

    "CA" after a city is California, after "ON" Canada; "DE" after "Berlin" is Germany.
    """
    last = parts[-1]
    code = country_written(last)
    if code is None:
        return None
    if last.casefold() == "georgia":
        return code if hint == "GE" or _abroad(parts[0]) == "GE" else None
    if len(last) == 2 and _is_unclear(last):
        if len(parts) > 2 or hint == code or _abroad(parts[0]) == code:
            return code
        return None
    return code


def _is_unclear(code: str) -> bool:
    return code in _AMBIGUOUS_CODES and code not in ("UK", "US", "NL")


def _abroad(city: str) -> str | None:
    return _CITY_ABROAD.get(city.casefold().split(" ")[0])


def _state_code(part: str, hint: str | None) -> str | None:
    """The country whose state code this is: the hinted one, else US, CA, AU in this order."""
    if part == "D.C.":
        return "US" if hint in (None, "US") else None
    if not (part.isupper() and 2 <= len(part) <= 3):
        return None
    if hint:
        return hint if part in STATE_CODES.get(hint, {}) else None
    return next((country for country, codes in STATE_CODES.items() if part in codes), None)


def _state_of_name(part: str, hint: str | None) -> str | None:
    country = STATE_NAMES.get(part.casefold())
    return country if country and hint in (None, country) else None


def _is_city_too(name: str) -> bool:
    return name.casefold() in ("new york", "washington", "quebec", "québec")


def _address(text: str, hint: str | None) -> Place | None:
    """ "Street, City, State Zip", or "Name - street City, State Zip Country".

    In the second the city is known only where the name repeats it.
    """
    found = _ADDRESS.match(text) if text[:1] and any(c.isdigit() for c in text) else None
    if not found:
        return None
    state = found["state"].strip()
    country = country_code(found["country"] or "") or hint
    known = _state_code(state, None) or _state_of_name(state, None)
    if not known or (country and country != known):
        return None
    left = found["left"].strip()
    name = _DASH.split(left)[0].strip()
    city = city_name(left.rsplit(",", 1)[-1].strip())
    if name != left and left.endswith(f" {name}"):
        city = name
    return Place(raw=text, city=city, region=state, country=known, postal=found["zip"])
