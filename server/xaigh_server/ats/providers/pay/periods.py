"""What an amount is paid for: a period of time, or a unit of work such as a mile or a visit.

A unit is no period: nothing may suggest one for it. Texts come from three places: behind a figure
("/hr", "pro Monat", "brutto mensuel"), from a field ("2 WEEK"), and from words before a figure
("Stundenlohn", "annual salary").
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from xaigh_server.ats.providers.record import Interval
from xaigh_server.ats.providers.text import vocabulary
from xaigh_server.ats.providers.text.vocabulary import keyed, words


class Period(NamedTuple):
    """A period of time, or the text of what is none; neither where nothing is stated."""

    interval: Interval | None = None
    unit: str | None = None


NONE = Period()

_TIMES = keyed(
    "HOUR hourly hour hours hr hrs h std stunde heure heures hora horas ora uur timme tim time godz"
    " godzinę godzina timer"
    "|DAY daily day days tag jour jours día dia días dias dag giorno dzień diem"
    "|WEEK week weeks wk wks woche semaine semana settimana vecka uge uke weekly"
    "|MONTH monthly month months mo mos mth monat mois mes mês maand mese månad mån måned md"
    " miesiąc mies"
    "|YEAR yearly annually year years yr yrs annum annual anno an ans année año ano jahr jaar år"
    " rok"
)
_UNITS = (
    r"mile|mi|km|kilomet(?:er|re)|shift|schicht|visit|load|delivery|stop|unit|piece|stück|word|page"
    r"|article|session|class|lesson|course|student|pupil|patient|case|call|ticket|task|video|post"
    r"|lead|appointment|order|package|parcel|drop|route|trip|run|box|pallet|acre|ton|tonne|event"
    r"|gig|performance|game|match|night|overnight|exam|scan|procedure|interview|survey|assignment"
    r"|project|contract|credit|pay period|turn|image|minute|hectare|gallon|stem|bin|bushel|flight"
    r"|mission|tour|tache|prestation|pièce|pieza|sprint|milestone|paper|test|consult(?:ation)?|encounter"
)
_UNIT = re.compile(rf"(?<![a-z])(?P<one>{_UNITS})(?:s|es)?(?![a-z])")
_NO_UNIT = words(
    "the your our my its their experience agreement contractor policy law market cba union location"
    " candidate employee person head family household state city applicant role position job dealer"
    " level qualifications skills this that each individual member site team offer request"
)
_STRONG = r"/|\b(?:per|pro|par|por|each|every|je)\b|\bp\.(?=\s?[a-z])"
_WEAK = r"\b(?:a|an|al|im|am|om|i|na|la)\b|\b(?:à|de)\s?(?:l['\u2019]|la\b)|\b(?:all|l)['\u2019]"
_KIND = (
    r"gross|min(?:imum)?|max(?:imum)?|brutto|bruto|brut(?:s|e|es)?|brutos?|brutas?|lord[oiae]|bto"
    r"|net(?:to|s|te|tes)?|nett[oi]|netos?|líquidos?|before tax|after tax|pre-tax"
    r"|base|basic|salary|pay|wages?|rate|fixed?|fijos?|gehalt|salaire|salario|annualized"
)
_ADVERBS = (
    r"hourly|daily|weekly|bi-?weekly|fortnightly|semi-?monthly|twice monthly|monthly|yearly"
    r"|annual(?:ly|ized)?|per annum|p\.\s?a\.?|pa|p\.\s?m\.?|p\.\s?h\.?|ph|lpa|cpm"
    r"|stündlich|täglich|wöchentlich|monatlich|mtl\.?|monatl\.?|jährlich"
    r"|mensuel(?:le|s|les)?|annuel(?:le|s|les)?|mensual(?:es)?|anual(?:es)?|mensa(?:l|is)|anuais"
    r"|mensil[ei]|annu[oiae]|(?:m|j)aa(?:nd|r)elijks|miesięcznie|rocznie|quincenal(?:es)?"
    r"|hour|hr|year|yr|month|week|wk|day|annum"
)
_COUNT = r"(?P<count>\d{1,3}|two|other|half|second|zwei|deux|dos)[- ]?"
BEHIND = re.compile(
    rf"\s*[,(\[]?\s*(?P<kind>(?:(?:{_KIND})\b\.?\s*[)\],(/]?\s*){{0,3}})"
    rf"(?:(?P<adverb>(?:{_ADVERBS})(?![^\W_]))|(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))\s*(?:{_COUNT})?"
    r"(?P<first>[^\W\d_]{1,20})(?P<second>[- ][^\W\d_]{1,14})?)",
    re.IGNORECASE,
)
"""Words right behind a figure: "gross per month", "/hr", "a year", "brut mensuel", "pa"."""

_BEFORE = re.compile(
    r"(?<![^\W_])(?:hourly|daily|weekly|bi-?weekly|fortnightly|semi-?monthly|monthly|yearly"
    r"|annual(?:ly|ized)?|per annum|per (?:hour|day|week|month|year|mile|shift|visit|load)"
    r"|tjm|ral|cpm|ctc)(?![^\W_])|stundenlohn|stundensatz|tagessatz|monatsgehalt|monatslohn"
    r"|monatliche|bruttomonat|jahresgehalt|jahresbrutto|bruttojahres|jährliche|taux horaire"
    r"|mensuel|annuel|mensual|anual|mensal|mensile|annu[oa]\b|uurloon|maandsalaris|jaarsalaris"
    r"|månadslön|timlön|årslön|timeløn|månedsløn|timelønn|årslønn",
    re.IGNORECASE,
)
_INTERVALS = {interval.value: interval for interval in Interval}
_OF_WORDS = (
    (re.compile(r"stunden|timlön|timeløn|horaire|uurloon"), Interval.HOUR),
    (re.compile(r"tagessatz|tjm"), Interval.DAY),
    (re.compile(r"monat|mensu|mensa|mensil|maand|måna|måne|miesi|mtl|p\.\s?m"), Interval.MONTH),
    (re.compile(r"jahr|annu|anua|ral|jaar|års|jähr|\bpa\b|ctc|lpa|roczn"), Interval.YEAR),
    (re.compile(r"\bph\b|p\.\s?h"), Interval.HOUR),
)


@lru_cache(maxsize=1_024)
def of_field(text: str) -> Period:
    """The period that a field states; what is neither a period nor a unit comes back as it is.

    Words that say nothing ("NONE", "other", "salary") are no statement.
    """
    interval = vocabulary.interval(text)
    said = " ".join(text.split()).casefold().replace("_", " ")
    if interval is not None or said.strip(".-/ ") in _SAYS_NOTHING:
        return Period(interval)
    unit = _UNIT.search(said)
    if unit or "cpm" in said.split():
        return Period(unit=f"per {unit['one']}" if unit else "per mile")
    return Period(unit=said if len(said) <= 40 else None)


_SAYS_NOTHING = frozenset({"", "n/a", "not specified"}) | words(
    "none na other unknown unspecified salary salaried wage pay null undefined range fixed rate"
    " gross base"
)


def unit_in(text: str) -> str | None:
    """A unit of work that a text names behind "per" or "/", or as "CPM": "per mile"."""
    said = text.casefold()
    if "cpm" in said and re.search(r"\bcpm\b", said):
        return "per mile"
    if "per" not in said and "/" not in said and not _UNIT.fullmatch(said):
        return None
    for hit in _UNIT.finditer(said):
        before = said[max(hit.start() - 24, 0) : hit.start()]
        if hit[0] == said or _PER_BEFORE.search(before):
            return f"per {hit['one']}"
    return None


_PER_BEFORE = re.compile(r"(?:\bper\b|/|\beach\b)\s?(?:[\w-]+ ){0,2}(?:[\w-]+-)?\Z")


def behind(text: str, at: int) -> tuple[Period, int, str]:
    """The period behind a figure that ends at `at`, where the words end, and "gross" or "net"."""
    hit = BEHIND.match(text, at, at + 80)
    if hit is None:
        return NONE, at, ""
    if hit["adverb"]:
        return _of_adverb(hit["adverb"]), hit.end(), hit["kind"]
    period, end = _of_unit(hit)
    return (period, end, hit["kind"]) if period != NONE else (NONE, at, "")


def _of_adverb(adverb: str) -> Period:
    said = adverb.casefold()
    if said == "cpm":
        return Period(unit="per mile")
    return Period(vocabulary.interval(said) or _of_words(said))


def _of_unit(hit: re.Match[str]) -> tuple[Period, int]:
    first, second = hit["first"].casefold(), (hit["second"] or "").casefold().strip(" -")
    time, end = _TIMES.get(first), hit.end("first")
    other = _UNIT.fullmatch(second)
    if time and other and (hit["count"] or other["one"] == "shift"):
        return Period(unit=f"per {other['one']}"), hit.end()
    if time:
        return _of_time(time, (hit["count"] or "").casefold(), first), end
    unit = _UNIT.fullmatch(first)
    if unit:
        return Period(unit=f"per {unit['one']}"), end
    if other:
        return Period(unit=f"per {first} {other['one']}"), hit.end()
    if _UNIT.fullmatch(f"{first} {second}"):
        return Period(unit=f"per {first} {second}"), hit.end()
    if second in _TIMES and first in ("working", "business", "calendar", "worked", "full", "clock"):
        return Period(_INTERVALS[_TIMES[second]]), hit.end()
    if first == "fortnight":
        return Period(Interval.BIWEEK), end
    strong = hit["strong"] and hit["strong"] != "/" and hit["strong"].casefold() == "per"
    return (Period(unit=f"per {first}"), end) if strong and first not in _NO_UNIT else (NONE, end)


def _of_time(time: str, count: str, word: str) -> Period:
    if count in ("", "1"):
        return Period(_INTERVALS[time])
    if time == "WEEK" and count in ("2", "two", "other", "second", "zwei", "deux", "dos"):
        return Period(Interval.BIWEEK)
    if time == "MONTH" and count == "half":
        return Period(Interval.SEMIMONTH)
    return Period(unit=f"per {count} {word}")


def before(text: str) -> Period:
    """The last period or unit that the words before a figure name."""
    found = _BEFORE.findall(text[-300:])
    if not found:
        return NONE
    said = found[-1].casefold()
    unit = unit_in(said)
    return Period(unit=unit) if unit else Period(vocabulary.interval(said) or _of_words(said))


def _of_words(said: str) -> Interval | None:
    return next((interval for words, interval in _OF_WORDS if words.search(said)), None)
