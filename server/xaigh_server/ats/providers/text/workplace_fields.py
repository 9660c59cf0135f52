"""Reader of the workplace type among a customer's own fields, by their names.

"Workplace", "Work model" and their cousins hold a word for it. "Remote" may also hold yes or no:
yes is remote, no says only what the role is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.record import WarningCode, Workplace
from xaigh_server.ats.providers.text import vocabulary

_NAMED = re.compile(
    r"\bwork ?place(?: ?(?:type|model|mode|policy|status|category|setting))?\b"
    r"|\bwork(?:ing)?[ -]?(?:model|mode|arrangement|style|setting|environment|policy|flexibility)\b"
    r"|\b(?:location|office|remote|hybrid|flex|flexibility|attendance|telework|telecommute)[ -]?"
    r"(?:type|model|mode|arrangement|status|option|policy|work(?:ing)?|setting|eligibility)\b"
    r"|\b(?:remote|hybrid|on-?site|in-?office)(?: ?(?:/|,|or|and|-) ?(?:remote|hybrid|on-?site"
    r"|in-?office|office))+\b"
    r"|arbeitsmodell|arbeitsform|arbeitsplatztyp|\bhome ?office\b|t[ée]l[ée]travail"
    r"|\bmodalit[éà]\b|\bmode de travail\b|\bmodalidade?\b|\bwerkvorm\b|\bthuiswerk\w*"
)
_MAYBE = re.compile(
    r"\A(?:work(?:ing)? (?:location|type|status)|job location|arbeitsort|lieu de travail)\Z"
)
"""Names of fields that hold a workplace, a place or an employment type."""

_YES_OR_NO = re.compile(
    r"\A(?:is )?(?:(?:fully |100% )?remote|home ?office|telework|telecommute|work from home"
    r"|t[ée]l[ée]travail|remote (?:position|role|job|work))\??\Z"
)
_NOT_OF_WORK = re.compile(r"\b(?:address|id|code|number|phone|safety|stipend|visa|budget)\b")
_YES = frozenset({"yes", "true", "y", "ja", "oui", "sí", "si", "sim"})
_NO = frozenset({"no", "false", "n", "nein", "non", "não", "nee", "n/a", "none", "tbd", "-"})


def workplace(named: Iterable[tuple[str, object]], field: str, notes: Notes) -> Workplace | None:
    """The one workplace type that fields state, by name and value; None, with a warning, where
    their words are unknown or contradict one another.
    """
    found: set[Workplace] = set()
    is_stated = False
    for name, value in named:
        kind = _kind(name)
        for each in value if isinstance(value, list) else [value]:
            read = _read(kind, each)
            if read:
                found.add(read)
            elif kind == "named" and isinstance(each, str):
                is_stated = is_stated or each.strip().casefold() not in _SAYS_NOTHING
    if len(found) == 1:
        return found.pop()
    if found or is_stated:
        message = "The workplace type is unknown or ambiguous."
        notes.warn(WarningCode.WORKPLACE_TYPE_UNKNOWN, field, message)
    return None


_SAYS_NOTHING = _NO | _YES | {"", "unspecified", "not specified", "optional", "other"}


@lru_cache(maxsize=1_024)
def _kind(name: str) -> str:
    """Whether a field is about the workplace: "flag", "named", "maybe", or "" for any other."""
    said = " ".join(name[:200].replace("_", " ").split()).casefold()
    if _YES_OR_NO.match(said):
        return "flag"
    if _NOT_OF_WORK.search(said):
        return ""
    if _NAMED.search(said):
        return "named"
    return "maybe" if _MAYBE.match(said) else ""


def _read(kind: str, value: object) -> Workplace | None:
    if not kind:
        return None
    if isinstance(value, bool):
        return Workplace.REMOTE if value and kind == "flag" else None
    if not isinstance(value, str):
        return None
    said = value.strip().casefold()
    if kind == "flag" and (said in _YES or said in _NO):
        return Workplace.REMOTE if said in _YES else None
    return vocabulary.workplace(value)
