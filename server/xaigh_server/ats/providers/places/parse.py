"""Parser of a place in free text. It keeps the text and adds only unambiguous parts.

It reads three orders: "City, Region, Country", "Country, Region, City, Site" and "Region - City".
The position of a country or a state decides which one applies. Names of areas ("EMEA", "Global"),
sites and anything with digits are no cities. A country that the provider states beside the text is
never replaced by one that the text suggests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from xaigh_server.ats.providers.places.cities import has_subdivision, homes, is_known
from xaigh_server.ats.providers.places.countries import (
    ALPHA_2,
    CITY_STATES,
    COUNTRY_NAMES,
    STATE_CODES,
    STATE_NAMES,
    TERRITORIES,
    are_compatible,
    country_code,
)
from xaigh_server.ats.providers.places.names import folded
from xaigh_server.ats.providers.places.parts import (
    DIRECTION,
    Parts,
    city_name,
    country_written,
    split_parts,
    without_workplace,
    workplace_word,
)
from xaigh_server.ats.providers.places.place_codes import (
    UNCLEAR,
    Found,
    Meaning,
    city_within,
    is_elsewhere,
    is_known_in,
    meant,
    readings,
    state_code,
)
from xaigh_server.ats.providers.record import Place, Workplace
from xaigh_server.ats.providers.text.vocabulary import words

_ADDRESS = re.compile(
    r"(?P<left>.*[^,])\s*,\s*(?P<state>[A-Za-z .]+?)\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:\s*,?\s+(?P<country>[A-Za-z .]+))?\s*\Z"
)
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_PART_CODE = re.compile(r"[A-Z0-9]{1,3}\Z")
_SHORT_COUNTRIES = words("US USA UK UAE U.S. U.S.A. U.K.")
_WORDS = words("OK HI OH OR ON IN ME DE LA")
"""Codes that alone are more often a word."""
_TRAILING_STATE = re.compile(r"(?P<city>.{3,}?)\s+(?P<state>[A-Z]{2,3}|D\.C\.)\Z")


_SEVERAL = re.compile(r"\b(?:multiple|various|several)\b|\b\d{1,4}\+? locations?\b", re.IGNORECASE)


class Doubt(Enum):
    """Why a text leaves the country of its place open."""

    UNCLEAR = "UNCLEAR"
    """A code or name in it is of several countries."""
    CONTRADICTED = "CONTRADICTED"
    """The text names another country than the one that the provider states."""


class ParsedPlace(NamedTuple):
    """A place read from a text.

    `is_suggested` says that its country follows from evidence rather than from a name or code of
    one meaning; `is_named`, that the text itself names the country, in whatever way; `is_several`,
    that it only says that there are several places.
    """

    place: Place
    doubt: Doubt | None = None
    is_suggested: bool = False
    is_named: bool = False
    is_several: bool = False


class _Where(NamedTuple):
    """City, region and country of a text, and how sure the country is."""

    city: str | None = None
    region: str | None = None
    country: str | None = None
    postal: str | None = None
    is_unclear: bool = False
    is_suggested: bool = False


@lru_cache(maxsize=4_096)
def read(text: str, country: str | None = None) -> ParsedPlace:
    """One place. `country` is the alpha-2 code that the provider states: the text can't change it.

    A text that names another country keeps only `raw`. Results are cached, since feeds repeat
    their places.
    """
    raw = " ".join(text.split())
    remote = workplace_word(raw) is Workplace.REMOTE
    bare = without_workplace(raw)
    where = _where(bare, country)
    doubt = Doubt.UNCLEAR if where.is_unclear and not country else None
    if country and where.country != country:
        own = _where(bare, None)
        if own.country and are_compatible(own.country, country):
            where = own
        elif own.country:
            where, doubt = _Where(), Doubt.CONTRADICTED
    place = Place(
        raw=raw,
        city=where.city,
        region=where.region,
        country=country or where.country,
        postal=where.postal,
        remote=remote,
    )
    several = not where.city and _SEVERAL.search(raw) is not None
    return ParsedPlace(place, doubt, where.is_suggested, where.country is not None, several)


def speaks_against(text: str, country: str) -> bool:
    """Whether the city beside an unclear code is known in another country of that code alone."""
    parts = split_parts(without_workplace(text)).parts
    if len(parts) < 2:
        return False
    lands = {reading.country for part in (parts[0], parts[-1]) for reading in readings(part)}
    known = {land for part in parts for land, _ in homes(part)} & lands
    return bool(known) and country not in known


def parse(text: str, country: str | None = None) -> Place:
    """Returns the place of a text, doubtful or not."""
    return read(text, country).place


def _where(bare: str, stated: str | None) -> _Where:
    if "," in bare and bare.casefold() in COUNTRY_NAMES:
        return _Where(country=COUNTRY_NAMES[bare.casefold()])
    address = _address(bare, stated)
    if address is not None:
        return address
    taken = split_parts(bare)
    if not taken.parts:
        return _Where(postal=taken.postal)
    read_parts = _read_one if len(taken.parts) == 1 else _read_several
    return read_parts(taken, stated)._replace(postal=taken.postal)


def _read_one(taken: Parts, stated: str | None) -> _Where:
    part = taken.parts[0]
    found = meant(part, (), taken.postal, stated)
    if found is UNCLEAR:
        return _Where(is_unclear=True)
    if isinstance(found, Meaning):
        return _read_meaning(part, found, stated)
    if len(part) == 2 and part.isupper():
        return _Where()
    return _in_words(taken, stated)


def _read_meaning(part: str, found: Meaning, stated: str | None) -> _Where:
    """A country or a state alone; a name that is a city's too, and a word like "OK", say little."""
    if not found.is_state:
        return _Where(country=found.country)
    if _is_city_too(part):
        return _Where(city=city_name(part))
    if part in _WORDS and not stated:
        return _Where()
    return _Where(region=part, country=found.country)


def _in_words(taken: Parts, stated: str | None) -> _Where:
    """ "Washington DC", "London UK", "US East": a code or a name at an end, no comma between."""
    part = taken.parts[0]
    hit = _TRAILING_STATE.match(part)
    found = meant(hit["state"], (hit["city"],), taken.postal, stated) if hit else None
    if hit and isinstance(found, Meaning) and found.is_state:
        return _in_state((hit["city"],), hit["state"], found)
    split = _split_words(part, stated)
    if split is not None:
        return split
    if hit and found is UNCLEAR:
        return _Where(city=city_name(hit["city"]), is_unclear=True)
    return _Where(city=city_name(part))


def _split_words(part: str, stated: str | None) -> _Where | None:
    """A country or state beside its city or beside words of direction; nothing else is certain."""
    if is_known(part):
        return None
    words = part.split(" ")
    for size in range(min(4, len(words) - 1), 0, -1):
        for name, rest in (
            (" ".join(words[-size:]), " ".join(words[:-size])),
            (" ".join(words[:size]), " ".join(words[size:])),
        ):
            own = readings(name) if name in _SHORT_COUNTRIES or len(name) > 3 else ()
            if len(own) != 1 or (stated and own[0].country != stated):
                continue
            land, region = own[0].country, name if own[0].is_state else None
            code = state_code(name, land) if region and land in STATE_CODES else None
            if is_known_in(rest, land, code):
                return _Where(city=rest, region=region, country=land)
    plain = " ".join(word for word in words if not DIRECTION.match(word))
    own = readings(plain) if plain in _SHORT_COUNTRIES or len(plain) > 3 else ()
    if plain == part or len(own) != 1 or (stated and own[0].country != stated):
        return None
    if not own[0].is_state:
        return _Where(country=own[0].country)
    return None if _is_city_too(plain) else _Where(region=plain, country=own[0].country)


def _read_several(taken: Parts, stated: str | None) -> _Where:
    parts = taken.parts
    last = meant(parts[-1], parts[-2::-1], taken.postal, stated)
    first = meant(parts[0], parts[1:], taken.postal, stated, leads=True)
    if _is_country_first(parts, first, last):
        return _country_first(parts, first)
    if isinstance(first, Meaning) and first.is_state and _is_city_of(parts, first):
        return _state_first(parts, first)
    if last is UNCLEAR or _is_torn(parts, first, last) or _is_both(parts, first, last):
        return _unclear(parts)
    if isinstance(last, Meaning):
        return _ending_in(parts, last)
    if isinstance(first, Meaning) and first.is_state and (taken.dashed or _is_state_first(parts)):
        return _state_first(parts, first)
    if first is UNCLEAR:
        return _Where(city=None if _is_code(parts[1]) else city_name(parts[1]), is_unclear=True)
    shorter = _without_site(taken, stated)
    if shorter is not None:
        return shorter
    return _two_names(parts) if len(parts) == 2 and not taken.dashed else _Where()


def _is_city_of(parts: Sequence[str], first: Meaning) -> bool:
    """ "NY - Jamaica", "VA, Norfolk": what stands behind a state's code is a city of that state."""
    if not _is_code(parts[0]) or _is_code(parts[1]):
        return False
    return is_known_in(parts[1], first.country, parts[0])


def _is_state_first(parts: Sequence[str]) -> bool:
    """ "CA, San Diego" or "California, San Diego", but not "Washington, Downtown"."""
    return _is_code(parts[0]) or (
        not _is_city_too(parts[0])
        and any(
            is_known_in(parts[1], reading.country, state_code(parts[0], reading.country))
            for reading in readings(parts[0])
        )
    )


def _without_site(taken: Parts, stated: str | None) -> _Where | None:
    """ "San Diego, CA, Downtown Branch" without what stands behind the state or country."""
    for end in range(len(taken.parts) - 1, 1, -1):
        if readings(taken.parts[end - 1]):
            shorter = replace(taken, parts=taken.parts[:end])
            found = _read_several(shorter, stated)
            return found if found.country or found.is_unclear else None
    return None


def _two_names(parts: Sequence[str]) -> _Where:
    """ "City, Region"; of two cities none is the region."""
    region = city_name(parts[1])
    if region and homes(parts[0]) and homes(region):
        return _Where(is_unclear=True)
    return _Where(city=city_name(parts[0]) if region else None, region=region)


def _state_first(parts: Sequence[str], first: Meaning) -> _Where:
    """ "TX-Austin". A code behind the state's is no city; it may be another country's ("CA-ON")."""
    if len(parts) == 2 or not _is_code(parts[1]):
        return _in_state(parts[1:2], parts[0], first)
    if is_elsewhere(parts[1], first.country):
        return _Where(is_unclear=True)
    return _in_state((), parts[0], first)


def _is_code(part: str) -> bool:
    return part.isupper() and 2 <= len(part) <= 3


def _in_state(names: Sequence[str], region: str, found: Meaning) -> _Where:
    """A place in a state; of the names beside it the nearest known city, else the nearest."""
    return _Where(
        city=_city_of(names, found.country, region),
        region=region,
        country=found.country,
        is_suggested=not found.is_certain,
    )


def _is_state_too(name: str, country: str) -> bool:
    """Whether a name is a code, or another state's name ("California, Oregon")."""
    return _is_code(name) or (STATE_NAMES.get(folded(name)) == country and not _is_city_too(name))


def _city_of(names: Sequence[str], country: str, region: str) -> str | None:
    """The nearest name, or one that is known: "Indianapolis, Marion County", "Store 4 Tampa"."""
    code = state_code(region, country)
    for name in names[:4]:
        if is_known_in(name, country, code) and (code in STATE_CODES["US"] or city_name(name)):
            return name
    plain = city_name(names[0]) if names and not _is_state_too(names[0], country) else None
    if plain:
        return plain
    within = (city_within(name, country, code) for name in names[:4])
    return next((name for name in within if name), None)


def _unclear(parts: Sequence[str]) -> _Where:
    """What is certain of "Springdale, CO": the city; of "Springdale, WA" the region, too."""
    if len(parts) != 2:
        return _Where(is_unclear=True)
    region = parts[1] if parts[1] not in ALPHA_2 and _is_code(parts[1]) else None
    named = parts[0].casefold() in COUNTRY_NAMES
    return _Where(city=None if named else city_name(parts[0]), region=region, is_unclear=True)


def _is_country_first(parts: Sequence[str], first: Found, last: Found) -> bool:
    """ "Israel, Yokneam", but not "Lebanon, NH": a town may be called like a country."""
    if not isinstance(first, Meaning) or first.is_state:
        return False
    if last is None:
        return True
    if len(parts) > 2 and parts[1] in STATE_CODES.get(first.country, {}):
        return True
    if _is_rather_city(parts[-1], first.country, last):
        return True
    if has_subdivision(first.country, parts[-1]):
        return not is_known_in(parts[0], "US", parts[-1])
    if not isinstance(last, Meaning) or last.country != first.country:
        return False
    return last.is_state or _is_code(parts[0])


def _is_rather_city(name: str, country: str, last: Found) -> bool:
    """Whether a name that ends a place is a city of the country before it ("Canada, Victoria")."""
    elsewhere = not isinstance(last, Meaning) or last.country != country
    return elsewhere and not _is_code(name) and is_known_in(name, country)


def _is_torn(parts: Sequence[str], first: Found, last: Found) -> bool:
    """Whether a country's name stands before a state or country elsewhere.

    There no town of that name is known.
    """
    if not isinstance(first, Meaning) or first.is_state or not isinstance(last, Meaning):
        return False
    if are_compatible(last.country, first.country):
        return False
    state = state_code(parts[-1], last.country) if last.is_state else None
    return not is_known_in(parts[0], last.country, state)


def _is_both(parts: Sequence[str], first: Found, last: Found) -> bool:
    """ "CA - Ontario": a code of two countries, and a name that is known in both."""
    if first is not UNCLEAR or not isinstance(last, Meaning) or not _is_code(parts[0]):
        return False
    return len(parts) == 2 and is_known_in(parts[1], "US", parts[0])


def _country_first(parts: Sequence[str], first: Found) -> _Where:
    country = first.country if isinstance(first, Meaning) else ""
    suggested = isinstance(first, Meaning) and not first.is_certain
    rest = parts[1:]
    is_state = rest[0] in STATE_CODES.get(country, {}) or has_subdivision(country, rest[0])
    named = STATE_NAMES.get(folded(rest[0])) == country
    is_state = is_state or (named and (len(rest) > 1 or not _is_city_too(rest[0])))
    if not is_state and len(rest) > 1:
        is_state = _PART_CODE.match(rest[0]) is not None
    if not is_state:
        city = _before_dash(rest[0], country)
        return _Where(city=city, country=country, is_suggested=suggested)
    city = _before_dash(rest[1], country) if len(rest) > 1 else None
    region = None if rest[0].strip("0") == "" else rest[0]
    return _Where(city=city, region=region, country=country, is_suggested=suggested)


def _before_dash(name: str, country: str) -> str | None:
    """A city's name, without a site behind its dash ("Austin-Domain", not "Stoke-on-Trent")."""
    head, dash, tail = name.partition("-")
    if dash and is_known_in(head, country) and not is_known_in(name, country):
        name = name if homes(tail) else head
    return city_name(name)


def _ending_in(parts: Sequence[str], last: Meaning) -> _Where:
    """ "City, State" or "City, Region, Country"; before a country the region may be missing."""
    if last.is_state:
        doubled = len(parts) > 2 and _is_name_of(parts[-1], parts[-2])
        names = parts[-3 if doubled else -2 :: -1]
        return _in_state(names, parts[-2 if doubled else -1], last)
    city, region = _before_country(parts[:-1], last.country)
    own = country_written(parts[-2])
    territory = own if own and TERRITORIES.get(own) == last.country else None
    country = territory or last.country
    return _Where(city=city, region=region, country=country, is_suggested=not last.is_certain)


def _is_name_of(code: str, name: str) -> bool:
    return any(codes.get(code) == name for codes in STATE_CODES.values())


def _before_country(parts: Sequence[str], country: str) -> tuple[str | None, str | None]:
    """City and region in front of a country."""
    state = meant(parts[-1], parts[-2::-1], None, country)
    is_state = isinstance(state, Meaning) and state.is_state
    if len(parts) == 1:
        if is_state and not _is_city_too(parts[0]):
            return None, parts[0]
        hit = _TRAILING_STATE.match(parts[0])
        if hit and hit["state"] in STATE_CODES.get(country, {}):
            return city_name(hit["city"]), hit["state"]
        return city_name(parts[0]), None
    if is_state:
        return _city_of(parts[-2::-1], country, parts[-1]), parts[-1]
    if is_known_in(parts[-1], country) and not is_known_in(parts[-2], country):
        return city_name(parts[-1]), None
    return city_name(parts[-2]), city_name(parts[-1])


def _is_city_too(name: str) -> bool:
    return folded(name) in CITY_STATES


def _address(text: str, stated: str | None) -> _Where | None:
    """ "Street, City, State Zip", or "Name - street City, State Zip Country".

    In the second the city is known only where the name repeats it.
    """
    hit = _ADDRESS.match(text) if text[:1] and any(c.isdigit() for c in text) else None
    if not hit:
        return None
    state, left = hit["state"].strip(), hit["left"].strip()
    name = _DASH.split(left)[0].strip()
    city = left.rsplit(",", 1)[-1].strip()
    repeated = name != left and left.endswith(f" {name}")
    city = name if repeated else city_name(city)
    named = country_code(hit["country"] or "")
    found = meant(state, (city or name,), hit["zip"], stated or named)
    if found is UNCLEAR:
        return _Where(city=city, postal=hit["zip"], is_unclear=True)
    if found is None or (named and named != found.country):
        return None
    if city is None and found.is_state:
        city = city_within(left, found.country, state_code(state, found.country))
    return _Where(
        city=city,
        region=state if found.is_state else None,
        country=found.country,
        postal=hit["zip"],
        is_suggested=not found.is_certain,
    )
