"""Splitter of a text that names several places.

";", "|", bullets and lines stand between places. "/", "and", "&" and "or" do where both sides can
be places, but not inside a name ("Trinidad and Tobago") or beside a word of a workplace type alone
("Remote/Hybrid"). Commas mostly stand within a place; they part places where each ends in a state
or a country ("Austin, TX, Denver, CO"), is a country, is a code of iCIMS ("US-TX-Austin"), or where
all are known cities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from xaigh_server.ats.providers.places.cities import homes
from xaigh_server.ats.providers.places.countries import (
    CITY_STATES,
    COUNTRY_NAMES,
    STATE_CODES,
    STATE_NAMES,
    are_compatible,
)
from xaigh_server.ats.providers.places.names import folded, folded_names
from xaigh_server.ats.providers.places.parts import (
    city_name,
    country_written,
    is_area,
    without_workplace,
    workplace_word,
)
from xaigh_server.ats.providers.places.place_codes import Meaning, is_known_in, readings

_STRONG = re.compile(r" ?[;\n\u2022\u00b7|] ?")
_WEAK = re.compile(
    r" ?/ ?| (?:&|\+) | (?:and|or|und|oder|et|ou|y)(?: in)? |, (?:and|or|und|oder|et|ou|y) "
)
_SIGN = re.compile(r" [&+] ")
_BRACKETS = re.compile(r"\([^()]*\)")
_COMMA = re.compile(r" ?, ?")
_ICIMS = re.compile(r"[A-Z]{2}-(?:[A-Z0-9]{1,3}-)?[^,]*\Z")
_NEXT_ICIMS = re.compile(r"(?<=[^\s,;|/]) (?=[A-Z]{2}-[A-Z0-9]{2,3}-[A-Z])")
_REST = re.compile(
    r"(?P<word>(?:fully |100% )?remote|hybrid|home[ -]office|home[ -]based|virtual|wfh)"
    r"(?: ?[-\u2013\u2014:,] ?| (?:in|within) (?:the )?| (?=\())(?P<rest>.+)\Z",
    re.IGNORECASE,
)
_WORD_ONLY = re.compile(r"[\W_]*\Z")
_MOST = 200
_PROTECTED = folded_names(
    """Tyne and Wear;Brighton and Hove;Bath and North East Somerset;Dumfries and Galloway
    Perth and Kinross;Argyll and Bute;Redcar and Cleveland;Telford and Wrekin;King and Queen
    Windsor and Maidenhead;Hammersmith and Fulham;Kensington and Chelsea;Barking and Dagenham
    Andaman and Nicobar Islands;Dadra and Nagar Haveli;Castilla y León;Jammu & Kashmir
    Trinidad & Tobago;Antigua & Barbuda;Bosnia & Herzegovina;Newfoundland & Labrador
    Research and Development"""
)


@lru_cache(maxsize=4_096)
def split_locations(text: str) -> tuple[str, ...]:
    """The places of a text, each as it is written; a text of one place is its only one."""
    collapsed = "\n".join(" ".join(line.split()) for line in text.splitlines())
    found: list[str] = []
    for piece in _outside_brackets(_STRONG, _NEXT_ICIMS.sub(";", collapsed)):
        found += _split_piece(piece.strip())
    return tuple(part for part in found if part.strip(" ,-"))


def _outside_brackets(separator: re.Pattern[str], text: str) -> list[str]:
    """Splits a text at separators that aren't in brackets."""
    masked = _BRACKETS.sub(lambda hit: "(" + "x" * (len(hit[0]) - 2) + ")", text)
    found, at = [], 0
    for hit in separator.finditer(masked):
        found.append(text[at : hit.start()])
        at = hit.end()
    return [*found, text[at:]]


def _split_piece(piece: str) -> list[str]:
    """Splits one piece at weak separators and commas; areas that a workplace word leads keep it."""
    led = _REST.match(piece)
    if led:
        rest = led["rest"].strip()
        inside = rest[1:-1] if rest.startswith("(") and rest.endswith(")") else rest
        parts = _areas(inside)
        if len(parts) > 1:
            return [f"{led['word']} - {part}" for part in parts]
    found: list[str] = []
    for part in _at_weak(piece):
        found += _at_commas(part)
    return found


def _areas(text: str) -> list[str]:
    """The countries, states and areas of a list of nothing else ("US, Canada or UK")."""
    if _is_protected(text):
        return []
    parts = [part for each in _WEAK.split(text) for part in _COMMA.split(each) if part.strip()]
    own = [readings(part.strip()) for part in parts]
    american = all(any(each.is_state and each.country == "US" for each in one) for one in own)
    clear = american or all(
        is_area(part) or (len(one) == 1 and not one[0].is_state)
        for part, one in zip(parts, own, strict=True)
    )
    return parts[:_MOST] if clear else []


def _at_weak(piece: str) -> list[str]:
    parts = [part.strip() for part in _outside_brackets(_WEAK, piece)]
    if len(parts) < 2 or not all(_can_be_place(part) for part in parts) or _is_protected(piece):
        return [piece]
    if _SIGN.search(piece) and not all(_is_known(part) for part in parts):
        return [piece]
    if _COMMA.search(parts[0]) and len(parts) > 1 and not _ends_place(parts[0]):
        listed = _COMMA.split(parts[0])
        if all(_can_be_place(name) for name in listed) and not _closes(parts[-1]):
            return [*listed, *parts[1:]]
    return _with_state(parts)


def _with_state(parts: list[str]) -> list[str]:
    """ "Raleigh/Durham, NC": a bare city gets the last one's state if it is known there."""
    tail = _COMMA.split(parts[-1])
    if len(tail) != 2 or tail[1] not in STATE_CODES["US"]:
        return parts
    return [
        f"{part}, {tail[1]}" if "," not in part and is_known_in(part, "US", tail[1]) else part
        for part in parts
    ]


def _can_be_place(part: str) -> bool:
    """Whether a part begins like a name and isn't a site's or only a way of working, but remote."""
    bare = _BRACKETS.sub("", part).strip(" ,-()") or part.strip(" ,-()")
    if len(bare) < 2 or not bare[0].isalpha() or bare[0].islower():
        return False
    rest = without_workplace(bare)
    if _WORD_ONLY.match(rest):
        return bare.casefold() in ("remote", "fully remote", "home office")
    last = _COMMA.split(bare)[-1]
    return bool(city_name(_BRACKETS.sub("", last).strip()) or is_area(last) or readings(last))


def _is_known(part: str) -> bool:
    name = _COMMA.split(_BRACKETS.sub("", part))[-1].strip(" -()")
    return bool(homes(name) or readings(name) or is_area(name) or workplace_word(name))


def _is_protected(text: str) -> bool:
    """Whether a part of a text is a name with a separator in it."""
    return any(
        (key := folded(part)) in _PROTECTED or part in COUNTRY_NAMES or key in STATE_NAMES
        for part in _COMMA.split(without_workplace(text).strip(" -()").casefold())
        if _WEAK.search(part)
    )


def _ends_place(text: str) -> bool:
    return bool(readings(_bare(_COMMA.split(text)[-1])))


def _closes(text: str) -> bool:
    return "," in text


def _at_commas(text: str) -> list[str]:
    if "," not in text:
        return [text]
    tokens = _outside_brackets(_COMMA, text)
    if len(tokens) > _MOST:
        return [text]
    if all(_ICIMS.match(token) for token in tokens):
        return tokens
    own = [readings(_bare(token)) for token in tokens]
    if all(_is_country(token, each) for token, each in zip(tokens, own, strict=True)):
        lands = [each[-1].country for each in own]
        alike = any(are_compatible(one, other) for one, other in pairwise(lands))
        alike = alike or _is_city_of_other(tokens, lands)
        return [text] if alike else tokens
    groups = _closed_groups(tokens)
    if groups:
        return groups
    bare = [token.strip() for token in tokens]
    if len(bare) > 2 and all(_is_known_city(name) for name in bare):
        return bare
    return [text]


def _is_country(token: str, own: Sequence[Meaning]) -> bool:
    """Whether a token is a country's name or code; the name may be a state's, too ("Georgia")."""
    if not own or own[-1].is_state:
        return False
    return len(own) == 1 or len(token) > 3


def _is_city_of_other(tokens: Sequence[str], lands: Sequence[str]) -> bool:
    """ "Armenia, Colombia": a city that has the name of a country, and its own country."""
    return len(tokens) == 2 and (
        is_known_in(tokens[0], lands[1]) or is_known_in(tokens[1], lands[0])
    )


def _is_known_city(name: str) -> bool:
    return bool(homes(name)) and (not readings(name) or folded(name) in CITY_STATES)


def _closed_groups(tokens: Sequence[str]) -> list[str]:
    """The places of a list where each ends in a state or a country; none if one doesn't."""
    groups: list[str] = []
    group: list[str] = []
    for index, token in enumerate(tokens):
        group.append(token)
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if workplace_word(token) and not without_workplace(token).strip(" -()"):
            closed = len(group) == 1 and index > 0 and not country_written(tokens[0])
        else:
            closed = len(group) > 1 and bool(readings(_bare(token)) or _is_zip(token))
        if closed and (following is None or not _goes_on(_bare(token), following)):
            groups.append(", ".join(group))
            group = []
    return groups if not group and len(groups) > 1 else []


def _bare(token: str) -> str:
    """A token without a bracket, a workplace word, or a ZIP behind a state."""
    text = without_workplace(_BRACKETS.sub("", token)).strip(" -\u2013\u2014")
    head, _, tail = text.rpartition(" ")
    return head if head and tail.replace("-", "").isdigit() else text


def _is_zip(token: str) -> bool:
    return token.strip()[:5].isdigit()


def _goes_on(token: str, following: str) -> bool:
    """Whether the next token belongs to the same place: its country, its state again, a ZIP."""
    name = _bare(following)
    if _is_zip(following) or (name in STATE_CODES["US"] and _same_state(token, name)):
        return True
    country = country_written(name)
    if country is None:
        return False
    own = readings(token)
    return any(each.country == country for each in own) or not own


def _same_state(name: str, code: str) -> bool:
    return any(codes.get(code) == name for codes in STATE_CODES.values())
