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
from xaigh_server.ats.providers.places.names import folded
from xaigh_server.ats.providers.record import Workplace
from xaigh_server.ats.providers.text.vocabulary import words, workplace

_WORKPLACE_WORD = re.compile(
    r"\b(?:fully[ -]remote|100% remote|remote[ -](?:friendly|first|optional|eligible|ok)\b|remote"
    r"|hybrid|on[ -]?site|off[ -]?site|home[ -]office|home[ -]based|work from home|wfh"
    r"|telecommute|virtual|in[ -]office)\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_EDGES = " ,;:-\u2013\u2014|/\u2022\u00b7#"
_LEADING_WORDS = re.compile(
    r"(?:^|(?<=,))\s*(?:(?:[Bb]ased|[Ll]ocated|[Aa]nywhere) in|from|in|[Ww]ithin|[Aa]cross|only|of)"
    r"\s+(?:the\s+)?(?=\S)"
)
_TRAILING_WORDS = re.compile(r"[\s-]+(?:only|based|wide|nationwide)\s*(?=,|\Z)", re.IGNORECASE)
_DOTTED = re.compile(r"[A-Z]{2,3}(?:[._][^._,\s][^._,]*)+\Z")
_DOTS = re.compile(r"[._]")
_CODE_AND_SITE = re.compile(
    r"([A-Z]{2})(?: (?:metro(?:politan)?|areas?|offices?|hq|headquarters|campus|sites?|region))+\Z",
    re.IGNORECASE,
)
_LOWER_CODE = re.compile(r"[A-Za-z]{2}\Z")
_DASHED_CODE = re.compile(r"([A-Z]{2,3})-(?![a-z])(?=[^\W_])")
_SECOND_CODE = re.compile(r"[A-Z0-9]{1,3}\Z")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+|:\s+")
_ZIP = re.compile(r"\d{5}(?:-\d{4})?\Z")
_BEHIND_STATE = re.compile(r"(?<=[A-Z]{2}) (\d{4,5}(?:-\d{4})?)\Z")
_NOT_A_CITY = re.compile(
    r"[\d/&+#]|\b(?:offices?|hq|headquarters?|campus|sites?|stores?|warehouse|branch|plant|region(?:al)?"
    r"|factory|hospital|clinic|hub|depot|terminal|facility|airport|mall|county|metro|downtown"
    r"|(?:distribution|fulfil+ment|service|data|call|medical|shopping|town) cent(?:er|re)"
    r"|area|several|all|any|nationwide|locations?|tbd|tbc|not|specified|unavailable|n/a|none|other|unspecified"
    r"|flexible|distributed|east coast|west coast|time ?zones?|field|states?|country|building"
    r"|tower|floor|suite|street|avenue|road|travel|required|only|or|and|cst|est|pst|gmt|utc)\b",
    re.IGNORECASE,
)
_AREA = re.compile(
    r"\b(?:global(?:ly)?|world ?wide|anywhere|international|emea|apac|latam|l?amer|americas"
    r"|mena|dach"
    r"|japac|apj|anz|asean|noram|namer|cee|gcc|nordics?|scandinavia|balkans|baltics?|iberia|oceania"
    r"|caribbean|eea|schengen|uki|british isles|southeast asia"
    r"|benelux|europe|europa|union europ[eé]enne|europäische union|uni[oó]n europea"
    r"|european union|eu|asia|africa|north america"
    r"|south america"
    r"|latin america|middle east|asia[ -]pacific|multiple|various)\b",
    re.IGNORECASE,
)
DIRECTION = re.compile(
    r"\W*(?:\d{1,4}\+?|upstate|(?:north|south|mid)?-?(?:east|west)(?:ern)?|north(?:ern)?|south(?:ern)?|central|coast"
    r"|region|areas?|offices?|hq|wide|nationwide|anywhere|any|all|other|multiple|various|field"
    r"|locations?|sites?|only|based|eligible|employees?|time|time ?zones?|zones?|[ecmp][ds]?t|peo"
    r"|in|within|across|the|of|from|and|metro)\W*\Z",
    re.IGNORECASE,
)
"""A word of a direction or of an extent, which is no city's name."""
_WORLD = re.compile(
    r"\b(?:global(?:ly)?|world ?wide|anywhere|international|distributed)\b", re.IGNORECASE
)
_NOT_CODES = words("EST AND ARE COM TON PER BEN MAR GIN MAC CUB CAN NOR")
"""Alpha-3 codes that in a text are more often a word, a name or a time zone."""


_ENGLISH = {code: name for name, code in reversed(COUNTRY_NAMES.items())}
_BY_ALPHA_3 = {
    code: _ENGLISH[alpha_2].title()
    for code, alpha_2 in ALPHA_2.items()
    if len(code) == 3 and COUNTRY_NAMES.get(_ENGLISH[alpha_2].title().casefold()) == alpha_2
}
_CODES = {code: code for codes in STATE_CODES.values() for code in codes}


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
    if _NOT_A_CITY.search(part) or is_area(part) or len(part) > 60:
        return None
    return None if all(DIRECTION.match(word) for word in part.split(" ")) else part


def country_written(part: str) -> str | None:
    """The country that a part of a place names; codes in capitals only, for "Per" is none."""
    if part in _NOT_CODES:
        return None
    return ALPHA_2.get(part) or COUNTRY_NAMES.get(part.casefold())


def is_worldwide(name: str) -> bool:
    """Whether a name says that the work is anywhere, so that an address is only a placeholder."""
    return bool(_WORLD.search(name))


def split_parts(text: str) -> Parts:
    """Splits at commas, or else at dashes, dots or the dashes behind a code."""
    text = _without_brackets(text).strip(_EDGES)
    dashed = False
    zipped = _BEHIND_STATE.search(text)
    if zipped:
        text = text[: zipped.start()]
    if _DOTTED.match(text) and _DOTS.split(text)[0] in ALPHA_2:
        text = _named_country(_DOTS.sub(",", text))
    else:
        text, dashed = _without_code_dashes(text)
    plain, plain_commas = "," not in text, not dashed
    text, dashes = _DASH.subn(",", text)
    dashed = dashed or (plain and dashes > 0)
    text = _TRAILING_WORDS.sub("", _LEADING_WORDS.sub("", text))
    stripped = [part.strip(_EDGES) for part in text.split(",")]
    postal = next((part for part in stripped if _ZIP.match(part)), None)
    kept = [part for part in stripped if part and part != postal]
    if zipped:
        postal = zipped[1]
    if len(kept) > 1 and (with_site := _CODE_AND_SITE.match(kept[-1])):
        kept[-1] = with_site[1]
    if len(kept) > 1 and plain_commas and _LOWER_CODE.match(kept[-1]):
        kept[-1] = kept[-1].upper() if kept[-1].upper() in _CODES else kept[-1]
    return Parts(parts=tuple(kept), dashed=dashed, postal=postal)


def _without_brackets(text: str) -> str:
    """A bracket is opened when it ends in a country or state, or is all there is.

    Any other is the code of a site.
    """
    for inside in _BRACKETS.findall(text):
        last = inside.rsplit(",", 1)[-1].strip()
        known = country_written(last) or folded(last) in STATE_NAMES or last in STATE_CODES["US"]
        alone = text.strip(_EDGES) == f"({inside})"
        single = inside.count(",") < 2
        text = text.replace(f"({inside})", f", {inside}" if (known and single) or alone else " ")
    return text


def _named_country(text: str) -> str:
    """A text in commas with the name of a country for the three letters it begins with."""
    code, comma, rest = text.partition(",")
    return f"{_BY_ALPHA_3[code]},{rest}" if comma and code in _BY_ALPHA_3 else text


def _without_code_dashes(text: str) -> tuple[str, bool]:
    """ "US-NJ-Matawan" with commas, and whether it was of that kind."""
    first = _DASHED_CODE.match(text)
    if first is None or not (first[1] in ALPHA_2 or first[1] in STATE_CODES["US"]):
        return text, False
    rest = text[first.end() :]
    second = rest.split("-", 1)[0]
    if "-" in rest and (_SECOND_CODE.match(second) or folded(second) in STATE_NAMES):
        rest = rest.replace("-", ",", 1)
    return _named_country(f"{first[1]},{rest}"), True
