"""A description: its safe HTML, its text, and the requirements listed in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .notes import Notes
from .record import RejectionReason, WarningCode
from .text import MAX_MARKUP, plain, sanitize, well_formed, without_emails

MAX_REQUIREMENTS = 60
MAX_REQUIREMENT = 1_000
_WINDOW = 700
_HEADING = 100

_LIST_TAGS = re.compile(r"<(/?)[uo]l>")
_ASKS = re.compile(
    r"""requirement | qualification | what\ you(?:'ll|\ will)?\ (?:bring|need|have)
    | what\ will\ you\ (?:bring|need) | what\ we\ need\ from\ you | who\ you\ are | about\ you\b
    | must[\ -]?haves?\b | you\ (?:need\ to\ |must\ |should\ )?have\b | you\ (?:need|bring)\b
    | your\ (?:background|profile|experience|skills|qualities)
    | what\ we(?:'re|\ are)?\ (?:looking\ for|require|value|expect)
    | looking\ for | ideal\ candidate | ^(?:key\ |required\ |essential\ )?skills
    | (?:dein|ihr)\ profil | du\ mitbringst | sie\ mitbringen | anforderungen
    | profil\ recherch | requisitos | tu\ perfil | 応募資格 | 必須""",
    re.VERBOSE,
)
_OFFERS = re.compile(
    r"""nice[\ -]to[\ -]have | prefer | bonus | \ba\ plus\b | \bplus\ if\b | great\ addition
    | desirable | benefit | perks? | offer | reward | compensation
    | you(?:'ll|\ will)\ (?:do|be|get|receive|gain|learn)\b(?!.*\b(?:need|have)\b) | you\ do\b""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """`html` is sanitized, `text` is drawn from it. Both are "" when there is none."""

    html: str = ""
    text: str = ""
    requirements: tuple[str, ...] = ()


NO_DESCRIPTION = Description()


def describe(markup: str, field: str, notes: Notes) -> Description:
    """Sanitizes unescaped HTML and reads it. Too large a one is rejected, never cut."""
    if not markup:
        return NO_DESCRIPTION
    if len(markup) > MAX_MARKUP:
        _too_large(field, notes)
        return NO_DESCRIPTION
    html = sanitize(well_formed(markup))
    if len(html) > MAX_MARKUP // 4 and len(html.encode()) > MAX_MARKUP:
        _too_large(field, notes)
        return NO_DESCRIPTION
    if "@" in html:
        html = _drop_emails(html, field, notes)
    return Description(html=html, text=plain(html), requirements=requirements(html))


def _too_large(field: str, notes: Notes) -> None:
    message = f"A description has at most {MAX_MARKUP} bytes."
    notes.reject(field, RejectionReason.TOO_LARGE, message)


def _drop_emails(html: str, field: str, notes: Notes) -> str:
    kept = without_emails(html)
    if kept != html:
        notes.warn(WarningCode.EMAIL_REMOVED, field, "E-mail addresses were taken out.")
    return kept


def asks(heading: str) -> bool:
    """Whether a heading announces what the role requires, not what it offers or would like."""
    said = heading.casefold().replace("\u2019", "'")
    return bool(_ASKS.search(said)) and not _OFFERS.search(said)


def requirements(html: str) -> tuple[str, ...]:
    """The items of each list that stands under a heading which asks for something."""
    if "<li>" not in html:
        return ()
    found: list[str] = []
    before = 0
    for start, end in _outer_lists(html):
        if _is_asked(html[max(before, start - _WINDOW) : start]):
            found += items(html[start:end])
        before = end
    return tuple(found[:MAX_REQUIREMENTS])


def items(html: str) -> list[str]:
    """Each list item's own text on one line; items of nested lists follow their parent."""
    texts = (plain(chunk).replace("\n", " ") for chunk in html.split("<li>")[1:])
    return [text[:MAX_REQUIREMENT] for text in texts if text]


def item_texts(values: Iterable[object]) -> tuple[str, ...]:
    """Requirements that a record states on their own: texts, or HTML with or without a list."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str) and value and len(value) <= MAX_MARKUP:
            html = without_emails(sanitize(well_formed(value)))
            found += items(html) if "<li>" in html else plain(html).split("\n")
    texts = (text[:MAX_REQUIREMENT] for text in found if text)
    return tuple(texts)[:MAX_REQUIREMENTS]


def _outer_lists(html: str) -> list[tuple[int, int]]:
    spans = []
    depth = start = 0
    for tag in _LIST_TAGS.finditer(html):
        if not tag[1]:
            start = tag.start() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                spans.append((start, tag.end()))
    return spans


def _is_asked(before: str) -> bool:
    """Looks at the block above a list and, where that one is neutral, at the one above it."""
    blocks = plain(before[before.find("<") :] if "<" in before else before).split("\n")
    nearest = blocks[-1]
    if len(nearest) <= _HEADING and asks(nearest):
        return True
    if len(blocks) < 2 or _OFFERS.search(nearest.casefold().replace("\u2019", "'")):
        return False
    return len(blocks[-2]) <= _HEADING and asks(blocks[-2])
