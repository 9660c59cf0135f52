"""Splitter of a place's text: removes workplace words, opens brackets, returns the parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from xaigh_server.ats.providers.places.countries import (
    ALPHA_2,
    COUNTRY_NAMES,
    STATE_CODES,
    STATE_NAMES,
)
from xaigh_server.ats.providers.record import Workplace
from xaigh_server.ats.providers.text.vocabulary import words, workplace

_WORKPLACE_WORD = re.compile(
    r"\b(?:fully[ -]remote|100% remote|remote[ -](?:friendly|first|optional|eligible|ok)\b|remote"
    r"|hybrid|on[ -]?site|off[ -]?site|home[ -]office|home[ -]based|work from home|wfh"
    r"|telecommute|virtual|in[ -]office)\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_EDGES = " ,;:-\u2013\u2014|/"
_LEADING_WORDS = re.compile(r"(?:^|(?<=,))\s*(?:based in|from|in|within|only|of)\b\s*")
_DOTTED = re.compile(r"[A-Z]{2,3}(?:\.[^.,\s][^.,]*)+\Z")
_DASHED_CODE = re.compile(r"([A-Z]{2,3})-(?=[A-Z])")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_ZIP = re.compile(r"\d{5}(?:-\d{4})?\Z")
_NOT_A_CITY = re.compile(
    r"[\d/&+]|\b(?:offices?|hq|headquarters?|campus|sites?|stores?|warehouse|branch|plant|region(?:al)?"
    r"|area|several|all|any|nationwide|locations?|tbd|unavailable|n/a|none|other|unspecified"
    r"|flexible|distributed|east coast|west coast|time ?zones?|field|states?|country|building"
    r"|tower|floor|suite|street|avenue|road|travel|required|only|or|and|cst|est|pst|gmt|utc)\b",
    re.IGNORECASE,
)
_AREA = re.compile(
    r"\b(?:global(?:ly)?|worldwide|anywhere|international|emea|apac|latam|amer|americas|mena|dach"
    r"|nordics|benelux|europe|european union|eu|asia|africa|north america|south america"
    r"|latin america|middle east|asia[ -]pacific|multiple|various)\b",
    re.IGNORECASE,
)
_NOT_CODES = words("EST AND ARE COM TON PER BEN MAR GIN MAC CUB CAN")
"""Alpha-3 codes that in a text are more often a word, a name or a time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a place: whether dashes part them, and the postal code that was among them."""

    parts: tuple[str, ...]
    dashed: bool = False
    postal: str | None = None


@lru_cache(maxsize=1_024)
def workplace_word(text: str) -> Workplace | None:
    """The workplace type that a location's text names, if it names one."""
    found = {workplace(word) for word in _WORKPLACE_WORD.findall(text)}
    return found.pop() if len(found) == 1 else None


def without_workplace(text: str) -> str:
    """The text without the words of a workplace type."""
    return _WORKPLACE_WORD.sub("", text)


def is_area(name: str) -> bool:
    """Whether a name is of an area wider than a country, so that no address is "in" it."""
    return bool(_AREA.search(name))


def city_name(part: str) -> str | None:
    """A city's name, or None for a site, an area or anything with digits."""
    return None if _NOT_A_CITY.search(part) or is_area(part) or len(part) > 60 else part


def country_written(part: str) -> str | None:
    """The country that a part of a place names; codes in capitals only, for "Per" is none."""
    if part in _NOT_CODES:
        return None
    return ALPHA_2.get(part) or COUNTRY_NAMES.get(part.casefold())


def split_parts(text: str) -> Parts:
    """Splits at commas, or else at dashes, dots or the dashes behind a code."""
    text = _without_brackets(text).strip(_EDGES)
    dashed = False
    if _DOTTED.match(text) and text.split(".")[0] in ALPHA_2:
        text = text.replace(".", ",")
    else:
        text, dashed = _without_code_dashes(text)
    if "," not in text:
        text, dashes = _DASH.subn(",", text)
        dashed = dashes > 0
    stripped = [part.strip(_EDGES) for part in _LEADING_WORDS.sub("", text).split(",")]
    postal = next((part for part in stripped if _ZIP.match(part)), None)
    kept = tuple(part for part in stripped if part and part != postal)
    return Parts(parts=kept, dashed=dashed, postal=postal)


def _without_brackets(text: str) -> str:
    """A bracket is opened when it ends in a country or state, or is all there is.

    Any other is the code of a site.
    """
    for inside in _BRACKETS.findall(text):
        last = inside.rsplit(",", 1)[-1].strip()
        known = country_written(last) or last.casefold() in STATE_NAMES
        alone = text.strip(_EDGES) == f"({inside})"
        text = text.replace(f"({inside})", f", {inside}" if known or alone else " ")
    return text


def _without_code_dashes(text: str) -> tuple[str, bool]:
    """ "US-NJ-Matawan" with commas, and whether it was of that kind."""
    first = _DASHED_CODE.match(text)
    if first is None or not (first[1] in ALPHA_2 or first[1] in STATE_CODES["US"]):
        return text, False
    rest = text[first.end() :]
    second = rest.split("-", 1)[0]
    is_code = second.isupper() and 2 <= len(second) <= 3
    if "-" in rest and (is_code or second.casefold() in STATE_NAMES):
        rest = rest.replace("-", ",", 1)
    return f"{first[1]},{rest}", True
