"""Vocabulary for employment, workplace, pay period and status, shared by all providers.

Unknown words are None (or UNKNOWN): nothing defaults to the usual value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.record import (
    Employment,
    Interval,
    OfferStatus,
    WarningCode,
    Workplace,
)


def words(text: str) -> frozenset[str]:
    """Splits a text into words."""
    return frozenset(text.split())


def keyed(table: str) -> dict[str, str]:
    """Parses a table "KEY word word|KEY word" into word -> key."""
    rows = (row.split() for row in table.split("|"))
    return {word: key for key, *entries in rows for word in entries}


LONGEST = 2_600
"""Most characters of a text that are searched, as long as a label and pay text can be."""

_FULL, _PART = Employment.FULL_TIME, Employment.PART_TIME
_CONTRACT, _TEMPORARY, _INTERN = Employment.CONTRACT, Employment.TEMPORARY, Employment.INTERN

_EMPLOYMENT = (
    (_FULL, r"full[ _-]*times?|vollzeit|temps plein|tiempo completo|jornada completa"),
    (_PART, r"part[ _-]*times?|teilzeit|mi[ -]temps|temps partiel|mini[ -]?job|per[ _-]*diem"),
    (
        _CONTRACT,
        r"contract(?:or|s|ors)?|freelancer?|1099|fixed[ -]term|cdd|befristet|contingent",
    ),
    (_TEMPORARY, r"temporary|temp|seasonal|short[ -]term|aushilfe"),
    (
        _INTERN,
        r"intern(?:s|ships?)?|co[ -]?op|praktik(?:um|ant|antin)|stage|stagiaire"
        r"|werkstudent(?:in)?|apprentice(?:ship)?|trainee(?:ship)?|alternance",
    ),
)
_PERMANENT = re.compile(r"\b(?:permanent|regular|cdi|unbefristet|indefinido)\b")
_EMPLOYMENT_WORDS = re.compile(
    r"\b(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _EMPLOYMENT) + r")\b"
)
_ALTERNATIVES = re.compile(r" ?(?:/|\||;|\bor\b|\boder\b|\bou\b) ?")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_EXACT_EMPLOYMENT = {
    "FullTime": _FULL,
    "Full-time": _FULL,
    "Full-Time": _FULL,
    "Full time": _FULL,
    "FULL_TIME": _FULL,
    "PartTime": _PART,
    "Part-time": _PART,
    "Part time": _PART,
    "PART_TIME": _PART,
    "Contract": _CONTRACT,
    "CONTRACTOR": _CONTRACT,
    "Temporary": _TEMPORARY,
    "Intern": _INTERN,
}
"""Exact spellings of the most common values, which skip the pattern."""

_REMOTE, _HYBRID, _ONSITE = Workplace.REMOTE, Workplace.HYBRID, Workplace.ONSITE
_WORKPLACE_WORDS = re.compile(
    r"(?P<unsure>\b(?:not|no|non)[ -](?:fully )?remote\b|\boptional\b|\bremote\W{1,3}no\b"
    r"|\bremote[ -](?:friendly|first|optional|eligible|ok)\b)"
    r"|(?P<HYBRID>\b(?:hybrid[ -]remote|remote[ -]hybrid|hybr(?:id[eo]?|ida|yd)|híbrid[oa]"
    r"|ibrid[oa]|flex(?:ible)?|part(?:ial|ially|ly)[ -]remote|télétravail partiel)\b)"
    r"|(?P<REMOTE>\b(?:remote|telecommut(?:e|ing)|tele[ -]?work(?:ing)?|home[ _-]?office"
    r"|home[ -]based|work from (?:home|anywhere)|wfh|off[ -]?site|virtual|distributed"
    r"|télétravail|à distance|distanciel|remot[oa]|teletrabajo|teletrabalho|thuiswerken)\b)"
    r"|(?P<ONSITE>\b(?:on[ _-]?site|in[ _-](?:the[ -])?office|in[ _-]?person|vor ort|präsenz"
    r"|office[ -]based|présentiel|sur site|presencial|presenziale|in sede|op kantoor)\b)"
)
_CHOICE = re.compile(r"/|\||;|,|\bor\b|\boder\b|\bou\b")
_EXACT_WORKPLACE = {
    **dict.fromkeys(("remote", "Remote", "REMOTE", "TELECOMMUTE"), _REMOTE),
    **dict.fromkeys(("hybrid", "Hybrid", "HYBRID", "Flex"), _HYBRID),
    **dict.fromkeys(("onsite", "on-site", "OnSite", "Onsite", "On-site", "ONSITE"), _ONSITE),
    **dict.fromkeys(("unspecified", "Unspecified", ""), None),
}

_INTERVAL_WORDS = (
    (
        Interval.BIWEEK,
        r"bi[ _-]?week(?:ly)?|(?:per |every )?(?:2|two)[ _-]weeks?(?:ly)?|(?:every )?other week"
        r"|fortnight(?:ly)?|14[ -]?tägig",
    ),
    (
        Interval.SEMIMONTH,
        r"semi[ _-]?month(?:ly)?|twice (?:(?:a|per) month|monthly)|half[ -]month(?:ly)?",
    ),
    (Interval.ONE_TIME, r"one[ _-]?time|lump sum|einmalig"),
    (
        Interval.HOUR,
        r"hour(?:s|ly)?|hrs?|std|stunden?|stündlich|stundenlohn|stundensatz|/h|heures?|horaire"
        r"|horas?|uur(?:loon)?|timlön|timeløn",
    ),
    (
        Interval.DAY,
        r"days?|daily|per[ _-]?diem|tage?s?|tagessatz|täglich|jours?|journalier|tjm|diario",
    ),
    (
        Interval.WEEK,
        r"week(?:s|ly)?|wk|wochen?|wöchentlich|semaine|hebdomadaire|semanal|semana|settimana(?:le)?",
    ),
    (
        Interval.MONTH,
        r"month(?:s|ly)?|mo|mth|monate?s?|monatlich|monatsgehalt|mtl|mois|mensuel(?:le|s|les)?"
        r"|mensual(?:es)?|mensal|mensais|mês|maand(?:elijks)?|mese|mensil[ei]|månad|månadslön"
        r"|miesięcznie",
    ),
    (
        Interval.YEAR,
        r"year(?:s|ly)?|yrs?|annual(?:ly|ized)?|annum|p\.a\.?|jahre?s?|jahresgehalt|jährlich|lpa"
        r"|année|annuel(?:le|s|les)?|par an|/an|año|anual(?:es)?|anuais|jaar(?:lijks)?|annu[oi]"
        r"|anno|rocznie",
    ),
)
_INTERVAL = re.compile(
    "|".join(rf"(?P<{kind}>(?<![a-zäöüéñ])(?:{words})(?![a-z]))" for kind, words in _INTERVAL_WORDS)
)
_SHIFT = re.compile(r"\bshifts?\b")
_BIMONTHLY = re.compile(r"bi[ _-]?month")
_EXACT_INTERVAL = {
    "1 YEAR": Interval.YEAR,
    "1 MONTH": Interval.MONTH,
    "1 WEEK": Interval.WEEK,
    "2 WEEKS": Interval.BIWEEK,
    "1 DAY": Interval.DAY,
    "1 HOUR": Interval.HOUR,
    "NONE": None,
    "per-year-salary": Interval.YEAR,
    "per-month-salary": Interval.MONTH,
    "semi-month-salary": Interval.SEMIMONTH,
    "bi-week-salary": Interval.BIWEEK,
    "per-week-salary": Interval.WEEK,
    "per-day-wage": Interval.DAY,
    "per-hour-wage": Interval.HOUR,
    "one-time": Interval.ONE_TIME,
}


def _folded_text(text: str) -> str:
    return text.casefold().replace("_", " ")


@lru_cache(maxsize=1_024)
def employment(text: str) -> Employment | None:
    """One employment type, or None where the words are unknown or offer a choice.

    The nature of a contract (intern, temporary, contract) takes precedence over its hours,
    and hours over "regular" or "permanent", which mean full time only when alone. Alternatives
    ("full-time / part-time") that differ are no answer.
    """
    if text in _EXACT_EMPLOYMENT:
        return _EXACT_EMPLOYMENT[text]
    said = " ".join(_folded_text(_CAMEL.sub(" ", text[:LONGEST])).split())
    found = {_one_employment(part) for part in _ALTERNATIVES.split(said)} - {None}
    return found.pop() if len(found) == 1 else None


def _one_employment(said: str) -> Employment | None:
    kinds = [Employment(str(hit.lastgroup)) for hit in _EMPLOYMENT_WORDS.finditer(said)]
    natures = [kind for kind in kinds if kind not in (_FULL, _PART)]
    if natures:
        return natures[0]
    if kinds:
        return kinds[0] if len(set(kinds)) == 1 else None
    return _FULL if _PERMANENT.search(said) else None


def employment_of(texts: Iterable[str]) -> Employment | None:
    """Returns the employment type of several values; None where they contradict."""
    found = {employment(text) for text in texts} - {None}
    return found.pop() if len(found) == 1 else None


def is_employment_label(text: str) -> bool:
    """Whether a short text is an employment type and nothing else."""
    if len(text) > LONGEST:
        return False
    rest = _EMPLOYMENT_WORDS.sub("", _PERMANENT.sub("", _folded_text(text)))
    return len(rest.strip(" -/,()")) == 0 and bool(text.strip())


def is_workplace_label(text: str) -> bool:
    """Whether a short text is a workplace type and nothing else."""
    if len(text) > LONGEST:
        return False
    rest = _WORKPLACE_WORDS.sub("", text.casefold())
    return len(rest.strip(" -/,()")) == 0 and bool(text.strip())


@lru_cache(maxsize=1_024)
def workplace(text: str) -> Workplace | None:
    """Returns the workplace type; None for unknown or contradictory words."""
    if text in _EXACT_WORKPLACE:
        return _EXACT_WORKPLACE[text]
    said = _folded_text(_CAMEL.sub(" ", text[:LONGEST]))
    kinds = {kind for part in _CHOICE.split(said) if (kind := _one_workplace(part))}
    return Workplace(kinds.pop()) if len(kinds) == 1 and "unsure" not in kinds else None


def _one_workplace(said: str) -> str | None:
    """One of several alternatives: "hybrid, 2 days in office" is hybrid."""
    kinds = {str(hit.lastgroup) for hit in _WORKPLACE_WORDS.finditer(said)}
    if _HYBRID in kinds and "unsure" not in kinds:
        return _HYBRID
    return (kinds.pop() if len(kinds) == 1 else "unsure") if kinds else None


@lru_cache(maxsize=1_024)
def interval(text: str) -> Interval | None:
    """Returns the pay period in a text, longest match first; None for none or two."""
    if text in _EXACT_INTERVAL:
        return _EXACT_INTERVAL[text]
    said = text[:LONGEST].casefold()
    if _BIMONTHLY.search(said) or _SHIFT.search(said):
        return None
    kinds = {str(hit.lastgroup) for hit in _INTERVAL.finditer(said)}
    return Interval(kinds.pop()) if len(kinds) == 1 else None


_KNOWN = keyed(
    "OPEN open opened approved posted published active live advertised public"
    "|CLOSED closed filled cancelled canceled hold on-hold unposted archived expired inactive"
    " withdrawn deleted"
    "|DRAFT draft pending unapproved"
    "|UNLISTED unlisted internal confidential"
)


def status(text: str, own: Mapping[str, OfferStatus], field: str, notes: Notes) -> OfferStatus:
    """Returns the status that a text names; UNKNOWN, with a warning, for unknown texts.

    `own` is the client's table, by case-folded text.
    """
    said = " ".join(text.split()).casefold()
    if said in own:
        return own[said]
    first = said.replace("(", " ").replace("-", "-").split(" ")[0].strip(":,;.-")
    known = _KNOWN.get(said) or _KNOWN.get(first)
    if known is None and said.startswith("on hold"):
        known = "CLOSED"
    if known:
        return OfferStatus(known)
    message = "This status is not known: the role keeps the one it has."
    notes.warn(WarningCode.STATUS_UNKNOWN, field, message)
    return OfferStatus.UNKNOWN
