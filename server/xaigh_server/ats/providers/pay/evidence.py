"""Words that say whether a figure is base pay.

Most figures in a description are none: funding, on-target earnings, commission, bonuses, equity,
benefits. Words behind a figure decide before those in front of it, and near clauses before far
ones. Within a clause, some words always say otherwise ("bonus"); the names of other things that
have a price ("insurance") do so only where they stand nearer to the figure than "salary" does,
since roles have such names too.
"""

from __future__ import annotations

import re
from enum import Enum, auto

_BASE = re.compile(
    r"\b(?:salar(?:y|ies)|pay|pays|paying|compensation|base|wages?|hourly|remuneration|rates?|cpm"
    r"|ctc|salaires?|r[ée]mun[ée]ration|taux|fixe|tjm|salarios?|salarial|sueldo|retribuci[óo]n"
    r"|remuneraci[óo]n|sal[áa]rio|remunera[çc][ãa]o|vencimento|stipendio|retribuzione|ral"
    r"|compenso|pensja|wynagrodzenie|stawka|lön|lønn?|loon)\b|\bpaid (?:at|between|from)\b"
    r"|\brange for (?:this|the)\b|hiring range|gehalt|\blohn|lohn\b|vergütung|entgelt\b"
    r"|bezahlung|satz\b"
    r"|salaris|[a-z]loon\b|[a-z]lönn?\b|[a-z]lønn?\b|月給|時給|年収|年俸|월급|연봉",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:ote|on[- ]target|target(?:ed)? earnings|commissions?|bonus(?:es)?|earn(?:s|ings?)?"
    r"|total (?:compensation|cash|rewards?|target|package|pay|salary|remuneration|earnings)"
    r"|sign(?:ing)?[- ]?on|signing|joining|stipends?|allowances?|series [a-f]|raised|valuation"
    r"|referrals?|averages?|reimburs\w*|401|tuition|relocation|savings?|additional|secondary"
    r"|variable|incentives?|minimum wage|first[- ]year|towards?|contribut\w+|match(?:ing|ed|es)?"
    r"|differentials?|premiums?|overtime|including tips|gratuity|uncapped|potential|all-in"
    r"|package|on top of|in addition to|value of|worth|up to \d+ ?%"
    r"|prämien?|provision(?:en)?|variabel|variable[nrs]|zuschuss|zulagen?|zuschlag|fahrtkosten\w*"
    r"|urlaubsgeld|weihnachtsgeld|sonderzahlung|zielgehalt|zieleinkommen|gesamtpaket"
    r"|primes?|int[ée]ressement|d[ée]plafonn\w*|mutuelle|comisi[óo]n(?:es)?|incentivos?|bonos?"
    r"|ayudas?|dietas|comiss[õã](?:es|o)|aux[íi]lio|vale|buon[io]|provvigion\w+|premio"
    r"|vakantiegeld|reiskosten\w*|onkosten\w*|bonussen|premia|prowizj\w+)\b"
    r"|[a-z](?:bonus|zuschuss|zulage|prämie)\b|reiskostenvergoeding|gesamtvergütung",
    re.IGNORECASE,
)
_PRICED = re.compile(
    r"\b(?:budgets?|revenues?|arr|mrr|gmv|aum|p&l|funding|funded|fundrais\w*|seed|investors?"
    r"|venture|backed|refer|equity|stock|rsus?|shares?|sales|insurance|insured|save|gross margin"
    r"|quota|wellness|wellbeing|well-being|health|medical|dental|vision|gym|fitness|internet|phone"
    r"|mobile|home[- ]office|learning|education(?:al)?|training|conference|child ?care|commut\w+"
    r"|transit|transport(?:ation)?|parking|hsa|fsa|lunch|meals?|food|credits?|discounts?|gift"
    r"|vouchers?|perks?|donations?|donate|funds?|grants?|awards?|prizes?|retention|welcome"
    r"|pipeline|portfolio|deals?|contracts?|spend|customers?|clients|costs?|prices?|priced|fees?"
    r"|fines?|loans?|debt|limit|threshold|deductible|coverage|invoices?|transactions|assets|market"
    r"|pto|mileage|gas card|fuel|equipment|laptop|swag|birthday|anniversary|wedding|vacation"
    r"|holiday|travel|profit|umsatz|gutschein\w*|weiterbildung\w*|jobticket|chiffre|levée|tickets?"
    r"|cheques?|facturación|seguro|benefits?|benefícios?|welfare|omzet|participation)\b",
    re.IGNORECASE,
)
_ADDED = re.compile(
    r"\+|&|\b(?:plus|zzgl|zuzüglich|with|as well as|additional|in addition|on top|along with|más"
    r"|mais|più|including|inkl)\b",
    re.IGNORECASE,
)
_NEXT_CLAUSE = re.compile(
    r"[+,;.(&|/]|\b(?:plus|and|with|or|und|et|y|e|en|oder|ou|while|but|zzgl|excluding|exclusive"
    r"|excl|depending|based|commensurate|not including|before|dependent|más|mais|più|doe)\b"
    r"|\s[-\u2013\u2014]\s",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\s*[(\[]([^)\]]{0,80})[)\]]")
_CLAUSE = re.compile(r"[,;:()\[\]|/]|\s[-\u2013\u2014]\s")
_OF_NEXT = re.compile(
    r"(?:base|basic|fixed)?\s*(?:salary|pay|wage|rate|base|range)?\s*(?:of|is|:|=|-|from|between)?",
    re.IGNORECASE,
)
_OF_ROLE = re.compile(
    r"\b(?:salary|pay|wage|rate|compensation)(?: range)? (?:for|of) (?:a|an|our|this|the)\b",
    re.IGNORECASE,
)
_AFTER = 60
_BEFORE = 400


class Verdict(Enum):
    """What words say of a figure."""

    BASE = auto()
    OTHER = auto()
    UNSAID = auto()


def of_figure(
    before: str, after: str, heading: str, last: Verdict, *, followed: bool, priced: bool
) -> Verdict:
    """Whether a figure is base pay, by the words on both sides of it within its sentence.

    `heading` is the line above, `last` the verdict on the figure before it in the same sentence,
    `followed` tells that another figure comes behind it, and `priced` that things other than work
    have such a price: few benefits are paid by the hour.
    """
    behind = qualifier(after)
    said = _of_clause(behind, nearest_is_last=False)
    if said is Verdict.OTHER and (priced or _OTHER.search(behind)):
        return said
    if said is Verdict.BASE and not (followed and _belongs_to_next(after, behind)):
        return said
    said = _of_clauses(before)
    if said is not Verdict.UNSAID:
        return said
    if last is not Verdict.UNSAID:
        return Verdict.OTHER if _ADDED.search(before) else last
    return _of_clause(heading)


def of_label(label: str) -> Verdict:
    """What the name of a range says: "Base salary (plus bonus)" is base pay, "OTE" is not."""
    named = _ADDED.split(label, maxsplit=1)[0]
    if _OTHER.search(named):
        return Verdict.OTHER
    return Verdict.BASE if _BASE.search(named) else Verdict.UNSAID


def qualifier(after: str) -> str:
    """The words behind a figure that qualify it: "OTE", but not "plus bonus"."""
    if not after.strip():
        return ""
    bracket = _BRACKET.match(after)
    if bracket and not _ADDED.match(bracket[1].lstrip()):
        return bracket[1]
    return _NEXT_CLAUSE.split(after[: 2 * _AFTER], maxsplit=1)[0][:_AFTER]


def _belongs_to_next(after: str, behind: str) -> bool:
    """Whether the words between two figures name the second: "$140k OTE, base $70k"."""
    if after.rstrip()[-1:] in tuple("/,;|)"):
        return False
    between = after.strip(" (/,:")
    return len(between) <= len(behind.strip()) + 3 and _OF_NEXT.fullmatch(between) is not None


def _of_clauses(before: str) -> Verdict:
    """The nearest clause in front that says anything."""
    for clause in reversed(_CLAUSE.split(before[-_BEFORE:].replace("(s)", "s"))):
        said = _of_clause(clause)
        if said is not Verdict.UNSAID:
            return said
    return Verdict.UNSAID


def _of_clause(clause: str, *, nearest_is_last: bool = True) -> Verdict:
    if _OTHER.search(clause):
        return Verdict.OTHER
    if nearest_is_last and _OF_ROLE.search(clause):
        return Verdict.BASE
    base, priced = (_place(words, clause, nearest_is_last) for words in (_BASE, _PRICED))
    if base is None:
        return Verdict.UNSAID if priced is None else Verdict.OTHER
    return Verdict.BASE if priced is None or (base > priced) is nearest_is_last else Verdict.OTHER


def _place(words: re.Pattern[str], clause: str, is_last: bool) -> int | None:
    """Where the last or the first of the words stands."""
    found = [hit.start() for hit in words.finditer(clause)]
    return (found[-1] if is_last else found[0]) if found else None
