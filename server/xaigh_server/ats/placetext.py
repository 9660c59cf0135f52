"""One place out of free text: only what the text makes certain, the text itself always kept.

Three orders are read: "City, Region, Country", "Country, Region, City, Site" and "Region - City".
Which one it is, is told by where a country or a state stands. Names of areas ("EMEA", "Global"),
sites and anything with digits are no cities.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from .countries import ALPHA_2, COUNTRY_NAMES, STATE_CODES, STATE_NAMES, country_code
from .record import Place, Workplace
from .vocabulary import workplace

_WORKPLACE_WORD = re.compile(
    r"\b(?:fully[ -]remote|100% remote|remote|hybrid|on[ -]?site|off[ -]?site|home[ -]office"
    r"|home[ -]based|work from home|wfh|telecommute|virtual|in[ -]office)\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_EDGES = " ,;:-\u2013\u2014|/"
_EMPTY_PART = re.compile(r"(?:^|(?<=,))\s*(?:from|in|based|within|only)?\s*(?=,|$)", re.IGNORECASE)
_DOTTED = re.compile(r"[A-Z]{2,3}(?:\.[^.,\s][^.,]*)+\Z")
_DASHED_CODE = re.compile(r"[A-Z]{2}-(?=[A-Z])")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_ADDRESS = re.compile(
    r"(?P<left>.*[^,])\s*,\s*(?P<state>[A-Za-z .]+?)\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:\s*,?\s+(?P<country>[A-Za-z .]+))?\s*\Z"
)
_NOT_A_CITY = re.compile(
    r"\d|\b(?:offices?|hq|headquarters?|campus|sites?|stores?|warehouse|branch|plant|region(?:al)?"
    r"|area|several|all|any|nationwide|locations?|tbd|unavailable|n/a|none|other|unspecified"
    r"|flexible|east coast|west coast|time ?zones?|field|states?|country|cst|est|pst|gmt|utc)\b",
    re.IGNORECASE,
)
_AREA = re.compile(
    r"\b(?:global(?:ly)?|worldwide|anywhere|international|emea|apac|latam|amer|americas|mena|dach"
    r"|nordics|benelux|europe|european union|eu|asia|africa|north america|south america"
    r"|latin america|middle east|asia[ -]pacific|multiple|various)\b",
    re.IGNORECASE,
)
_ABROAD = {
    "DE": "berlin munich münchen hamburg frankfurt cologne köln stuttgart düsseldorf leipzig",
    "IN": "bangalore bengaluru mumbai delhi hyderabad pune chennai gurgaon gurugram noida kolkata",
    "IL": "tel haifa jerusalem herzliya ra'anana raanana netanya yokneam",
    "CA": "toronto vancouver montreal montréal calgary ottawa edmonton winnipeg waterloo",
    "ID": "jakarta bandung surabaya bali",
    "CO": "bogota bogotá medellin medellín cali barranquilla",
    "AR": "buenos cordoba córdoba rosario mendoza",
    "MA": "casablanca rabat marrakech tangier",
    "PA": "panama",
    "GE": "tbilisi batumi kutaisi rustavi",
}
_CITY_ABROAD = {city: country for country, cities in _ABROAD.items() for city in cities.split()}
_AMBIGUOUS_COUNTRIES = frozenset(code for states in STATE_CODES.values() for code in states)


@lru_cache(maxsize=1_024)
def workplace_word(text: str) -> Workplace | None:
    """The workplace type that a location's text names, if it names one."""
    found = {workplace(word) for word in _WORKPLACE_WORD.findall(text)} - {None}
    return found.pop() if len(found) == 1 else None


def is_area(name: str) -> bool:
    """Whether a name is of an area wider than a country, so that no address is "in" it."""
    return bool(_AREA.search(name))


@lru_cache(maxsize=4_096)
def parse(text: str, country: str | None = None) -> Place:
    """One place. `country` is an alpha-2 code known from elsewhere: it settles what is unclear.

    A feed repeats its places: they are remembered.
    """
    raw = " ".join(text.split())
    bare = raw
    remote = False
    if _WORKPLACE_WORD.search(raw):
        remote = workplace_word(raw) is Workplace.REMOTE
        bare = _WORKPLACE_WORD.sub("", raw)
    if bare.casefold() in COUNTRY_NAMES and "," in bare:
        return Place(raw=raw, country=COUNTRY_NAMES[bare.casefold()], remote=remote)
    address = _address(bare, country)
    if address is not None:
        return replace(address, raw=raw, remote=remote)
    city, region, found = _read(_parts(bare), country)
    return Place(raw=raw, city=city, region=region, country=found or country, remote=remote)


def _country_written(part: str) -> str | None:
    """The country that a part of a place names; codes in capitals only, for "Per" is none."""
    return ALPHA_2.get(part) or COUNTRY_NAMES.get(part.casefold())


def _parts(text: str) -> list[str]:
    """The parts of a place between commas, dashes, dots or code dashes, brackets opened.

    A bracket is opened when it ends in a country or state, or is all there is; else it is the
    code of a site.
    """
    for inside in _BRACKETS.findall(text):
        last = inside.rsplit(",", 1)[-1].strip()
        known = _country_written(last) or last.casefold() in STATE_NAMES
        alone = text.strip(_EDGES) == f"({inside})"
        text = text.replace(f"({inside})", f", {inside}" if known or alone else " ")
    text = text.strip(_EDGES)
    if _DOTTED.match(text) and text.split(".")[0] in ALPHA_2:
        text = text.replace(".", ",")
    elif _DASHED_CODE.match(text):
        text = text.replace("-", ",", 2 if _DASHED_CODE.match(text, 3) else 1)
    if "," not in text:
        text = _DASH.sub(",", text)
    stripped = (part.strip(_EDGES) for part in _EMPTY_PART.sub("", text).split(","))
    return [part for part in stripped if part]


def _read(parts: list[str], hint: str | None) -> tuple[str | None, str | None, str | None]:
    """City, region and country of the parts."""
    if not parts:
        return None, None, None
    if len(parts) == 1:
        return _read_one(parts[0], hint)
    if _is_country_first(parts):
        return _country_first(parts)
    if _state_code(parts[0], hint) and not _country_last(parts, hint):
        region, country = parts[0], _state_code(parts[0], hint)
        return _city(parts[1]), region, country
    country = _country_last(parts, hint)
    before = parts[:-1] if country else parts
    return _city_region(before, country or hint, country)


def _city_region(
    parts: list[str], hint: str | None, country: str | None
) -> tuple[str | None, str | None, str | None]:
    """ "City, Region" with the country already taken off, where there was one."""
    if len(parts) == 1:
        state = _state_of_name(parts[0], hint) if country else None
        if state and not _is_city_too(parts[0]):
            return None, parts[0], country
        return _city(parts[0]), None, country
    state = _state_code(parts[-1], hint) or _state_of_name(parts[-1], hint)
    if state or country:
        region = parts[-1] if state or _city(parts[-1]) else None
        return _city(parts[-2]), region, country or state
    return None, None, None


def _read_one(part: str, hint: str | None) -> tuple[str | None, str | None, str | None]:
    code = _country_written(part)
    if code and part.casefold() != "georgia" and not (len(part) == 2 and _unclear(part)):
        return None, None, code
    if len(part) == 2 and part.isupper():
        return (None, part, hint) if _state_code(part, hint) and hint else (None, None, None)
    state = _state_of_name(part, hint)
    if state and not _is_city_too(part) and part.casefold() != "georgia":
        return None, part, state
    if part.casefold().startswith("united kingdom"):
        return None, None, "GB"
    return _city(part) if part.casefold() != "georgia" else None, None, None


def _is_country_first(parts: list[str]) -> bool:
    first = parts[0]
    if first.casefold() in COUNTRY_NAMES and first.casefold() not in ("georgia", "luxembourg"):
        return _country_written(parts[-1]) is None or _unclear(parts[-1])
    if first.isupper() and len(first) == 3 and first in ALPHA_2:
        return True
    return first.isupper() and len(first) == 2 and first in ALPHA_2 and not _unclear(first)


def _country_first(parts: list[str]) -> tuple[str | None, str | None, str | None]:
    country = country_code(parts[0])
    rest = parts[1:]
    states = STATE_CODES.get(country or "", {})
    if rest and (rest[0] in states or STATE_NAMES.get(rest[0].casefold()) == country):
        return (_city(rest[1]) if len(rest) > 1 else None), rest[0], country
    return (_city(rest[0]) if rest else None), None, country


def _country_last(parts: list[str], hint: str | None) -> str | None:
    """The country that the last part names; a code that is a state as well only where it can't be.

    "CA" after a city is California, after "ON" Canada; "DE" after "Berlin" is Germany.
    """
    last = parts[-1]
    code = _country_written(last)
    if code is None:
        return None
    if last.casefold() == "georgia":
        return code if hint == "GE" or _abroad(parts[0]) == "GE" else None
    if len(last) == 2 and _unclear(last):
        if len(parts) > 2 or hint == code or _abroad(parts[0]) == code:
            return code
        return None
    return code


def _unclear(code: str) -> bool:
    return code.upper() in _AMBIGUOUS_COUNTRIES and code.upper() not in ("UK", "US", "NL")


def _abroad(city: str) -> str | None:
    return _CITY_ABROAD.get(city.casefold().split(" ")[0]) if city else None


def _state_code(part: str, hint: str | None) -> str | None:
    """The country whose state code this is: the hinted one, else US, CA, AU in this order."""
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


def _city(part: str) -> str | None:
    """A city's name, or None for a site, an area or anything with digits."""
    return None if _NOT_A_CITY.search(part) or is_area(part) or len(part) > 60 else part


def _address(text: str, hint: str | None) -> Place | None:
    """ "Name - street City, State Zip Country": the city only where the name repeats it."""
    found = _ADDRESS.match(text)
    if not found:
        return None
    state = found["state"].strip()
    country = country_code(found["country"] or "") or hint
    known = _state_code(state, None) or _state_of_name(state, None)
    if not known or (country and country != known):
        return None
    left = found["left"].strip()
    name = _DASH.split(left)[0].strip()
    city = left if "," not in left and _city(left) else None
    if name != left and left.endswith(f" {name}"):
        city = name
    return Place(raw=text, city=city, region=state, country=known, postal=found["zip"])
