"""Descriptions: sanitized HTML, plain text, and the requirements listed in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.record import RejectionReason, WarningCode
from xaigh_server.text.sanitize import (
    ITEM,
    LIST,
    LIST_END,
    MAX_MARKUP,
    MarkupTooComplex,
    joined,
    lines_of,
    sanitize,
    well_formed,
    without_emails,
)

MAX_REQUIREMENTS = 60
MAX_REQUIREMENT = 1_000
_HEADING = 100
_LONGEST_INTRODUCTION = 500

_ASKS = re.compile(
    r"""requirement | qualification | what\ you(?:'ll|\ will)?\ (?:bring|need|have)
    | what\ will\ you\ (?:bring|need) | what\ we\ need\ from\ you | who\ you\ are | about\ you\b
    | must[\ -]?haves?\b | you\ (?:need\ to\ |must\ |should\ )?have\b
    | you(?:'ll|\ will)?\ (?:need|bring)\b
    | your\ (?:background|profile|experience|skills|qualities)
    | what\ we(?:'re|\ are)?\ (?:looking\ for|require|value|expect)
    | looking\ for | ideal\ candidate | ^(?:key\ |required\ |essential\ )?skills
    | what\ we\ need\ to\ see | what\ you(?:'ll|\ will)\ need | what\ it\ takes
    | who\ we(?:'re|\ are)\ looking
    | we'd\ love\ to\ see | the\ (?:ideal|right)\ (?:person|fit) | minimum\ education
    | you\ are\b(?!.*\boffered\b)
    | (?:dein|ihr|euer|das)\ (?:profil|background) | (?:du|sie)\ mitbring | mitbringst | mitbringen
    | anforderung | voraussetzung | qualifikation | das\ bringst\ du | was\ wir\ erwarten
    | unsere\ erwartungen
    | profil\ recherch | votre\ profil | ton\ profil | ^profil\b
    | compétences\ (?:requises|attendues)
    | ce\ que\ nous\ (?:recherchons|attendons) | prérequis | exigences | vos\ (?:atouts|compétences)
    | requisitos | tu\ perfil | su\ perfil | perfil\ (?:buscado|requerido|desejado) | qué\ buscamos
    | lo\ que\ buscamos | qué\ necesitas | conocimientos\ requeridos
    | o\ que\ (?:buscamos|procuramos|esperamos)
    | seu\ perfil | qualificações | functie-?eisen
    | wat\ (?:vragen\ wij|wij\ vragen|neem\ je\ mee|breng\ je)
    | jouw\ profiel | wie\ ben\ jij | dit\ (?:vragen|zoeken)\ wij | vereisten | requisiti
    | il\ tuo\ profilo
    | profilo\ ricercato | cosa\ cerchiamo | competenze\ richieste | 応募資格 | 必須""",
    re.VERBOSE,
)
_OFFERS = re.compile(
    r"""nice[\ -]to[\ -]have | prefer | wünschenswert | von\ vorteil | idealerweise | souhait
    | un\ plus\b
    | deseable | se\ valora | diferencia(?:l|is) | gewenst | bij\ voorkeur | gradit | preferenz
    | wir\ bieten | bieten\ wir | nous\ (?:offrons|proposons) | ofrecemos | oferecemos
    | wij\ bieden | offriamo
    | vorteile | avantages | beneficios | benefícios | aufgaben | missions | funciones | bonus
    | \ba\ plus\b | \bplus\ if\b | great\ addition
    | desirable | benefit | perks? | offer | reward | compensation
    | you(?:'ll|\ will)\ (?:do|be|get|receive|gain|learn)\b(?!.*\b(?:need|have)\b) | you\ do\b""",
    re.VERBOSE,
)


_BULLETS = (*(f"{mark} " for mark in "•●▪◦·‣*-–"), *"•●▪◦‣")
_BULLETS_IN_TEXT = (*"•●▪◦‣", "\n· ", "\n* ", "\n- ", "\n– ")


class Description(NamedTuple):
    """`html` is sanitized; `text` is extracted from it. Both are "" without a description."""

    html: str = ""
    text: str = ""
    requirements: tuple[str, ...] = ()


NO_DESCRIPTION = Description()


def describe(markup: str, field: str, notes: Notes) -> Description:
    """Sanitizes unescaped HTML and extracts its text.

    Rejects oversized HTML, never truncates it.
    """
    if not markup:
        return NO_DESCRIPTION
    if len(markup) > MAX_MARKUP:
        _too_large(field, notes)
        return NO_DESCRIPTION
    html = safe_html(markup, field, notes)
    if len(html) > MAX_MARKUP // 4 and len(html.encode()) > MAX_MARKUP:
        _too_large(field, notes)
        return NO_DESCRIPTION
    if "@" in html:
        html = _drop_emails(html, field, notes)
    lines = lines_of(html)
    text = joined(lines)
    if any(mark in text for mark in _BULLETS_IN_TEXT):
        lines = _with_bullets(lines)
    asked = requirements(lines) if LIST in lines else ()
    return Description(html=html, text=text, requirements=asked)


def safe_html(markup: str, field: str, notes: Notes) -> str:
    """Sanitized HTML; "" after a rejection where the markup is too complex to be parsed."""
    try:
        return sanitize(well_formed(markup))
    except MarkupTooComplex as error:
        notes.reject(field, RejectionReason.MARKUP_TOO_COMPLEX, str(error))
        return ""


def _too_large(field: str, notes: Notes) -> None:
    message = f"A description has at most {MAX_MARKUP} bytes."
    notes.reject(field, RejectionReason.TOO_LARGE, message)


def _drop_emails(html: str, field: str, notes: Notes) -> str:
    kept = without_emails(html)
    if kept != html:
        notes.warn(WarningCode.EMAIL_REMOVED, field, "E-mail addresses were taken out.")
    return kept


@lru_cache(maxsize=2_048)
def asks(heading: str) -> bool:
    """Whether a heading announces what the role requires, not what it offers or would like."""
    said = heading.casefold().replace("\u2019", "'")
    return bool(_ASKS.search(said)) and not _OFFERS.search(said)


def offers(text: str) -> bool:
    """Whether a text announces benefits, wishes or duties."""
    return bool(_OFFERS.search(text.casefold().replace("\u2019", "'")))


def requirements(lines: Iterable[str]) -> tuple[str, ...]:
    """The items of each list under a heading of requirements.

    Items of nested lists follow their parent.
    """
    found = _Items()
    above: list[str] = []
    depth, asked = 0, False
    for line in lines:
        if found.full:
            break
        if line == LIST:
            asked = asked if depth else _is_asked(above)
            depth += 1
        elif line == LIST_END:
            depth = max(depth - 1, 0)
            above = above if depth else []
        elif depth == 0:
            above = [*above[-1:], line]
        elif asked:
            found.add(line)
    return found.texts


def _with_bullets(lines: list[str]) -> list[str]:
    """The lines, where those that begin with a bullet outside of lists are the items of one."""
    found: list[str] = []
    depth, is_open = 0, False
    for line in lines:
        bullet = ""
        if not depth and line.startswith(_BULLETS):
            bullet = next(mark for mark in _BULLETS if line.startswith(mark))
        if bool(bullet) is not is_open:
            found.append(LIST if bullet else LIST_END)
            is_open = bool(bullet)
        depth += (line == LIST) - (line == LIST_END)
        found.append(f"{ITEM}{line.removeprefix(bullet)}" if bullet else line)
    return [*found, LIST_END] if is_open else found


class _Items:
    """Items of lists: as many, and as much of each, as is kept."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @property
    def full(self) -> bool:
        """Whether there is one item more than are kept: then the last one of them is whole."""
        return len(self._found) > MAX_REQUIREMENTS

    @property
    def texts(self) -> tuple[str, ...]:
        texts = [text[:MAX_REQUIREMENT] for text in self._found if text]
        return tuple(texts[:MAX_REQUIREMENTS])

    def add(self, line: str) -> None:
        """A new item, or one more line of the last one."""
        if line[0] == ITEM:
            if not self._found or self._found[-1]:
                self._found.append(line[1:].lstrip())
            else:
                self._found[-1] = line[1:].lstrip()  # the one before it is empty
        elif not self._found:
            self._found.append(line)
        elif len(self._found[-1]) <= MAX_REQUIREMENT:  # more of it isn't kept
            self._found[-1] = f"{self._found[-1]} {line}".strip()


def _is_asked(above: list[str]) -> bool:
    """Checks the block above a list and, where that is neutral, the one above it."""
    if not above:
        return False
    if len(above[-1]) <= _HEADING and asks(above[-1]):
        return True
    if len(above) < 2 or len(above[-2]) > _HEADING or offers(above[-1][:_LONGEST_INTRODUCTION]):
        return False
    return asks(above[-2])


def item_texts(values: Iterable[object], field: str, notes: Notes) -> tuple[str, ...]:
    """Requirements that a record states on their own: texts, or HTML with or without a list."""
    found = _Items()
    for value in values:
        if found.full:
            break
        if isinstance(value, str) and value and len(value) <= MAX_MARKUP:
            _add_items(found, lines_of(without_emails(safe_html(value, field, notes))))
    return found.texts


def _add_items(found: _Items, lines: list[str]) -> None:
    has_list = LIST in lines
    for line in lines if has_list else joined(lines).split("\n"):
        if line and line not in (LIST, LIST_END):
            found.add(line if has_list else f"{ITEM}{line}")
