"""Parser of a place in free text. It keeps the text and adds only unambiguous parts.

It reads three orders: "City, Region, Country", "Country, Region, City, Site" and "Region - City".
The position of a country or a state decides which one applies. Names of areas ("EMEA", "Global"),
sites and anything with digits are no cities. A country that the provider states beside the text is
never replaced by one that the text suggests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from xaigh_server.ats.providers.places.cities import has_subdivision
from xaigh_server.ats.providers.places.countries import (
    ALPHA_2,
    COUNTRY_NAMES,
    STATE_CODES,
    STATE_NAMES,
    are_compatible,
    country_code,
)
from xaigh_server.ats.providers.places.parts import (
    Parts,
    city_name,
    split_parts,
    without_workplace,
    workplace_word,
)
from xaigh_server.ats.providers.places.place_codes import (
    UNCLEAR,
    Found,
    Meaning,
    is_elsewhere,
    is_known_in,
    meant,
)
from xaigh_server.ats.providers.record import Place, Workplace

_ADDRESS = re.compile(
    r"(?P<left>.*[^,])\s*,\s*(?P<state>[A-Za-z .]+?)\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:\s*,?\s+(?P<country>[A-Za-z .]+))?\s*\Z"
)
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_TRAILING_STATE = re.compile(r"(?P<city>.{3,}?)\s+(?P<state>[A-Z]{2,3}|D\.C\.)\Z")


class Doubt(Enum):
    """Why a text leaves the country of its place open."""

    UNCLEAR = "UNCLEAR"
    """A code or name in it is of several countries."""
    CONTRADICTED = "CONTRADICTED"
    """The text names another country than the one that the provider states."""


class ParsedPlace(NamedTuple):
    """A place read from a text.

    `is_suggested` says that its country follows from evidence rather than from a name or code of
    one meaning; `is_named`, that the text itself names the country, in whatever way.
    """

    place: Place
    doubt: Doubt | None = None
    is_suggested: bool = False
    is_named: bool = False


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
    return ParsedPlace(place, doubt, where.is_suggested, where.country is not None)


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
    if part.casefold().startswith("united kingdom"):
        return _Where(country="GB")
    return _city_and_state(taken, stated)


def _read_meaning(part: str, found: Meaning, stated: str | None) -> _Where:
    """A country or a state alone; a name that is a city's too, and a state's code, say little."""
    if not found.is_state:
        return _Where(country=found.country)
    if _is_city_too(part):
        return _Where(city=city_name(part))
    if len(part) == 2 and not stated:
        return _Where()
    return _Where(region=part, country=found.country)


def _city_and_state(taken: Parts, stated: str | None) -> _Where:
    """ "Washington DC": a city with its state's code behind it, no comma between."""
    part = taken.parts[0]
    hit = _TRAILING_STATE.match(part)
    found = meant(hit["state"], (hit["city"],), taken.postal, stated) if hit else None
    if hit and isinstance(found, Meaning) and found.is_state:
        return _in_state(hit["city"], hit["state"], found)
    return _Where(city=city_name(part))


def _read_several(taken: Parts, stated: str | None) -> _Where:
    parts = taken.parts
    last = meant(parts[-1], parts[:-1], taken.postal, stated)
    first = meant(parts[0], parts[1:], taken.postal, stated)
    if _is_country_first(parts, first, last):
        return _country_first(parts, first)
    if last is UNCLEAR or _is_torn(parts, first, last):
        return _unclear(parts)
    if isinstance(last, Meaning):
        return _ending_in(parts, last)
    if isinstance(first, Meaning) and first.is_state and (taken.dashed or _is_code(parts[0])):
        return _state_first(parts, first)
    if first is UNCLEAR and _is_code(parts[0]):
        return _Where(city=None if _is_code(parts[1]) else city_name(parts[1]), is_unclear=True)
    if len(parts) == 2 and not taken.dashed:
        region = city_name(parts[1])
        return _Where(city=city_name(parts[0]) if region else None, region=region)
    return _Where()


def _state_first(parts: Sequence[str], first: Meaning) -> _Where:
    """ "TX-Austin". A code behind the state's is no city; it may be another country's ("CA-ON")."""
    if len(parts) == 2 or not _is_code(parts[1]):
        return _in_state(parts[1], parts[0], first)
    if is_elsewhere(parts[1], first.country):
        return _Where(is_unclear=True)
    return _in_state("", parts[0], first)


def _is_code(part: str) -> bool:
    return part.isupper() and 2 <= len(part) <= 3


def _in_state(city: str, region: str, found: Meaning) -> _Where:
    return _Where(
        city=city_name(city) if city else None,
        region=region,
        country=found.country,
        is_suggested=not found.is_certain,
    )


def _unclear(parts: Sequence[str]) -> _Where:
    """What is certain of "Springdale, CO": the city; of "Springdale, WA" the region, too."""
    if len(parts) != 2:
        return _Where(is_unclear=True)
    region = parts[1] if parts[1] not in ALPHA_2 and _is_code(parts[1]) else None
    named = parts[0].casefold() in COUNTRY_NAMES
    return _Where(city=None if named else city_name(parts[0]), region=region, is_unclear=True)


def _is_country_first(parts: Sequence[str], first: Found, last: Found) -> bool:
    """ "Israel, Yokneam", but not "Lebanon, NH": a town may be called like a country."""
    if not isinstance(first, Meaning) or first.is_state or parts[0].casefold() == "luxembourg":
        return False
    if last is None or has_subdivision(first.country, parts[-1]):
        return True
    return isinstance(last, Meaning) and last.is_state and last.country == first.country


def _is_torn(parts: Sequence[str], first: Found, last: Found) -> bool:
    """Whether a country's name stands before the code of another country's state.

    Of that state no town of that name is known.
    """
    if not isinstance(first, Meaning) or first.is_state or not isinstance(last, Meaning):
        return False
    if not last.is_state or last.country == first.country or not _is_code(parts[-1]):
        return False
    return not is_known_in(parts[0], last.country, parts[-1])


def _country_first(parts: Sequence[str], first: Found) -> _Where:
    country = first.country if isinstance(first, Meaning) else None
    suggested = isinstance(first, Meaning) and not first.is_certain
    rest = parts[1:]
    states = STATE_CODES.get(country or "", {})
    is_state = rest[0] in states or STATE_NAMES.get(rest[0].casefold()) == country
    is_state = is_state or has_subdivision(country or "", rest[0])
    if is_state or (len(rest) > 1 and _is_code(rest[0])):
        city = city_name(rest[1]) if len(rest) > 1 else None
        return _Where(city=city, region=rest[0], country=country, is_suggested=suggested)
    return _Where(city=city_name(rest[0]), country=country, is_suggested=suggested)


def _ending_in(parts: Sequence[str], last: Meaning) -> _Where:
    """ "City, State" or "City, Region, Country"; before a country the region may be missing."""
    if last.is_state:
        doubled = len(parts) > 2 and _is_name_of(parts[-1], parts[-2])
        return _in_state(parts[-3 if doubled else -2], parts[-2 if doubled else -1], last)
    city, region = _before_country(parts[:-1], last.country)
    return _Where(city=city, region=region, country=last.country, is_suggested=not last.is_certain)


def _is_name_of(code: str, name: str) -> bool:
    return any(codes.get(code) == name for codes in STATE_CODES.values())


def _before_country(parts: Sequence[str], country: str) -> tuple[str | None, str | None]:
    """City and region in front of a country."""
    state = meant(parts[-1], parts[:-1], None, country)
    is_state = isinstance(state, Meaning) and state.is_state
    if len(parts) == 1:
        if is_state and not _is_city_too(parts[0]):
            return None, parts[0]
        return city_name(parts[0]), None
    if not is_state and is_known_in(parts[-1], country) and not is_known_in(parts[-2], country):
        return city_name(parts[-1]), None
    return city_name(parts[-2]), parts[-1] if is_state else city_name(parts[-1])


def _is_city_too(name: str) -> bool:
    return name.casefold() in ("new york", "washington", "quebec", "québec")


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
    if name != left and left.endswith(f" {name}"):
        city = name
    named = country_code(hit["country"] or "")
    found = meant(state, (city,), hit["zip"], stated or named)
    if found is UNCLEAR:
        return _Where(city=city_name(city), postal=hit["zip"], is_unclear=True)
    if found is None or (named and named != found.country):
        return None
    return _Where(
        city=city_name(city),
        region=state if found.is_state else None,
        country=found.country,
        postal=hit["zip"],
        is_suggested=not found.is_certain,
    )
