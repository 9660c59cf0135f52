"""Readers of workplace and employment, shared by all forms of Workday."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xaigh_server.ats.providers.fields import Fields, Notes
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import all_remote
from xaigh_server.ats.providers.record import Employment, Place, WarningCode, Workplace
from xaigh_server.ats.providers.text import vocabulary

_ENDING = re.compile(r"_((?:J?R|REQ)_\d[\w-]*|[^/_]+)\Z")
_COUNTER = re.compile(r"-\d{1,2}\Z")
_LIKE_AN_ID = re.compile(r"(?=.*\d{3})[A-Za-z0-9][A-Za-z0-9_.-]{2,40}\Z")
_LONGEST_PATH = 2_000
_TITLE_WORD = re.compile(
    r"[-\u2013\u2014(,|/\[]\s*(?:fully |100% )?(remote|hybrid|on-?site|home office|offsite)"
    r"\s*(?=\Z|[-\u2013\u2014),|/\]])"
    r"|^(remote|hybrid)\s*[-\u2013\u2014:,|]",
    re.IGNORECASE,
)


def is_like_an_id(text: str) -> bool:
    """Whether a short text can be a requisition's id."""
    return _LIKE_AN_ID.match(text) is not None


def without_counter(path: str) -> str:
    """A path without the counter of a re-posting ("-1")."""
    return _COUNTER.sub("", path)


def requisition_of(path: str) -> str | None:
    """The requisition that a posting's path or link ends in; None where that is no id."""
    found = _ENDING.search(path[:_LONGEST_PATH].split("?")[0])
    if found is None or not is_like_an_id(found[1]):
        return None
    bare = without_counter(found[1])
    return bare if is_like_an_id(bare) else found[1]


def employment(texts: Sequence[str | None], field: str, notes: Notes) -> Employment | None:
    """Time type and job type together: an internship or a fixed term wins over full time."""
    stated = [text for text in texts if text]
    if not stated:
        return None
    found = vocabulary.employment(", ".join(stated))
    if found is None:
        message = "The time type is unknown or ambiguous."
        notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, field, message)
    return found


def country_members(country: Fields) -> list[object]:
    """What a country object states of itself, the codes first: a name may be in any language."""
    codes = [country.payload.get(key) for key in ("alpha2Code", "alpha3Code")]
    return [code for code in codes if code] or [country.payload.get("descriptor")]


def pay_country(stated: places.Stated, where: Sequence[Place]) -> str | None:
    """The country of a posting's pay: the stated one, else the primary place's."""
    if stated.country or stated.is_contradictory:
        return stated.country
    return where[0].country if where else None


def workplace(fields: Fields, where: Sequence[Place], title: str, notes: Notes) -> Workplace | None:
    """The remote type, else a word in a location, else a word set apart in the title."""
    stated = fields.line("remoteType", 60)
    if stated:
        found = vocabulary.workplace(stated)
        if found is None and stated.casefold() not in ("optional", "unspecified"):
            message = "The remote type is unknown."
            notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, fields.path("remoteType"), message)
        return found
    if any(place.remote for place in where):
        return all_remote(where, fields.path("location"), notes)
    for place in where:
        found = places.workplace_word(place.raw)
        if found:
            return found
    word = _TITLE_WORD.search(title)
    return vocabulary.workplace(word[1] or word[2]) if word else None
