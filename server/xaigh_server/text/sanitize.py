"""Titles, labels and descriptions: cleaned without changing what they say.

Three kinds of text, three treatments:

- a *line* (title, department, label) is not HTML: trimmed, spaces collapsed, invisible controls
  taken out, everything else kept;
- *markup* is HTML: unescaped exactly as often as its provider escaped it, then sanitized;
- *plain* text is drawn from sanitized markup: blocks become lines, inline tags leave no trace.
"""

from __future__ import annotations

import html
import html.entities
import re
import unicodedata

import nh3

from xaigh_server.text.html_tree import is_too_complex

MAX_LINE = 500
MAX_MARKUP = 1_048_576
"""Bytes of a description. Longer ones are refused, never cut."""

_KEPT_TAGS = {
    *("p", "br", "div", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("a", "b", "strong", "i", "em", "u", "s", "sub", "sup", "code", "pre", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd"),
}
_CLEANER = nh3.Cleaner(
    tags=_KEPT_TAGS,
    clean_content_tags={"script", "style", "title", "textarea", "noscript", "template"},
    attributes={"a": {"href"}, "*": set()},
    url_schemes={"https", "http"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)

# Markup that the sanitizer is certain to give back as it is: flat blocks and lists of plain text,
# line breaks and single emphases, no attribute anywhere, each element closed before the next
# begins, only entities that it would write itself, and no character that a parser of HTML changes.
_TEXT = r"[^<>&\r\x00\xa0\ufeff\ud800-\udfff]++|&(?:amp|lt|gt|nbsp);"
_EMPHASIS = "|".join(rf"{tag}>(?:{_TEXT})*+</{tag}" for tag in ("strong", "b", "em", "i"))
_INSIDE = rf"{_TEXT}|<(?:{_EMPHASIS}|br)>"
_ITEMS = rf"(?:[ \t\n]*+<li>(?:{_INSIDE})*+</li>)*+[ \t\n]*+"
_BLOCKS = "|".join(
    [
        *(rf"{tag}>(?:{_INSIDE})*+</{tag}" for tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6")),
        *(rf"{tag}>{_ITEMS}</{tag}" for tag in ("ul", "ol")),
    ]
)
_CLEAN = re.compile(rf"(?:<(?:{_BLOCKS})>|{_INSIDE})*+")

_MANY = 2_000
_FLAT = (40, 4_000)
"""So many tags in so few characters can't make a large tree."""
_AMPERSAND = re.compile(r"&(#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});|[A-Za-z][A-Za-z0-9]{0,31};)?+")

LIST, ITEM, LIST_END = "\x1d", "\x1e", "\x1c"
"""Marks at the head of a line, for what stood there. None is left in from the text itself."""

_MARKS = (LIST, LIST_END, ITEM)
_TAG = re.compile(r"<([^>]*)>")
_LINE_TAGS = (
    *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "tr", "table", "thead", "tbody"),
    *("blockquote", "pre", "dl", "dt", "dd"),
)
_AS_TEXT = {
    **dict.fromkeys(_LINE_TAGS, "\n"),
    **dict.fromkeys((f"/{tag}" for tag in (*_LINE_TAGS, "li")), "\n"),
    "br": "\n",
    "li": f"\n{ITEM}",
    **dict.fromkeys(("ul", "ol"), f"\n{LIST}\n"),
    **dict.fromkeys(("/ul", "/ol"), f"\n{LIST_END}\n"),
    **dict.fromkeys(("/td", "/th"), " "),
}

_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_CONTROLS = dict.fromkeys((*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)))
_UNPAIRED = re.compile("[\ud800-\udfff]")
NO_EMAIL = "[e-mail removed]"
BEFORE_THE_SIGN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'"
BEHIND_THE_SIGN = re.compile(r"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def line(text: str) -> tuple[str, bool, bool]:
    """One clean line, and whether controls and whether bidi controls were taken out of it."""
    if text.isprintable():
        return (" ".join(text.split()) if "  " in text else text.strip()), False, False
    paired = _UNPAIRED.sub("\ufffd", text)
    without_bidi = paired.translate(_BIDI)
    collapsed = " ".join(without_bidi.split())
    clean = collapsed.translate(_CONTROLS)
    controls = len(clean) != len(collapsed) or paired != text
    return clean, controls, len(without_bidi) != len(paired)


def is_blank(text: str) -> bool:
    """Whether nothing of it would be seen: empty, or only spaces and characters without ink."""
    return not any(map(_shows, text))


def _shows(character: str) -> bool:
    return character not in _FILLERS and unicodedata.category(character)[0] not in "CZM"


# Letters and symbols by their category, which have no ink: the fillers of Hangul, an empty Braille.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def well_formed(text: str) -> str:
    """The text without NULs and with every unpaired surrogate replaced."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _UNPAIRED.sub("\ufffd", text)
    return text


def unescape_once(text: str) -> str:
    """Exactly one level of entities less.

    The five entities that escaping makes are undone by plain replacements, "&amp;" last so that
    "&amp;lt;" becomes "&lt;" and no more; five times as fast as the general way, which is used
    only where another entity occurs at this level.
    """
    if "&" not in text:
        return text
    undone = text.replace("&lt;", "<").replace("&gt;", ">")
    if "&" not in undone:
        return undone
    undone = undone.replace("&quot;", '"').replace("&#39;", "'")
    if undone.count("&") != undone.count("&amp;"):
        return html.unescape(text)
    return undone.replace("&amp;", "&")


class MarkupTooComplex(ValueError):
    """The markup makes a parser build far more than it says. The message says what helps."""

    def __init__(self) -> None:
        super().__init__("The markup nests too deep, or leaves too many elements open: close each.")


def sanitize(markup: str) -> str:
    """Safe HTML of a few tags: no scripts, styles, handlers, relative or non-web links.

    Raises MarkupTooComplex for what would keep the parser busy out of proportion to its length.
    Most descriptions are clean, and known to be by one look at a quarter of the price.
    """
    if "<" not in markup and "&" not in markup:
        return markup.replace(">", "&gt;").strip() if ">" in markup else markup.strip()
    if is_clean(markup):
        return markup.strip()
    if markup.count("&") > _MANY:  # the parser goes back over what follows a bare one
        markup = _AMPERSAND.sub(_escaped, markup)
    tags, length = _FLAT
    if (len(markup) > length or markup.count("<") > tags) and is_too_complex(markup):
        raise MarkupTooComplex
    return _CLEANER.clean(markup).strip()


def _escaped(ampersand: re.Match[str]) -> str:
    """An ampersand with the entity that it begins; escaped where it begins none."""
    said = ampersand[1]
    if said and (said[0] == "#" or said in html.entities.html5):
        return ampersand[0]
    return f"&amp;{said or ''}"


def is_clean(markup: str) -> bool:
    """Whether the markup surely needs no change. False: it may or may not need one."""
    return len(markup) <= MAX_MARKUP and _CLEAN.fullmatch(markup) is not None


def escaped_lines(text: str) -> str:
    """Plain text as HTML: a paragraph a line."""
    lines = (line.strip() for line in text.split("\n"))
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line)


def lines_of(sanitized: str) -> list[str]:
    """The text of sanitized HTML: a line a block, none blank, nbsp as a space.

    Lists are marked: `LIST` and `LIST_END` alone on their lines, `ITEM` at the head of an item.
    Line feeds and tabs within a block are spaces, as a browser shows them.
    The sanitizer writes ">" inside attributes as an entity, and block tags without attributes,
    so that one split at "<...>" and a table of tags do for a parser.
    """
    flat = sanitized.replace("&nbsp;", " ").replace("\n", " ").replace("\t", " ")
    for mark in _MARKS:
        flat = flat.replace(mark, "") if mark in flat else flat
    if "<" in flat:
        parts = _TAG.split(flat)
        parts[1::2] = [_AS_TEXT.get(tag, "") for tag in parts[1::2]]
        flat = "".join(parts)
    if "&" in flat:
        flat = flat.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    while "  " in flat:
        flat = flat.replace("  ", " ")
    return [line for part in flat.split("\n") if (line := part.strip(" "))]


def joined(lines: list[str]) -> str:
    """Lines of `lines_of` as one text, without the marks."""
    text = "\n".join(["", *lines])
    if ITEM in text or LIST in text:
        text = text.replace(f"\n{LIST}", "").replace(f"\n{LIST_END}", "")
        text = text.replace(f"{ITEM} ", ITEM).replace(f"\n{ITEM}\n", "\n").replace(ITEM, "")
    return text[1:]


def plain(sanitized: str) -> str:
    """The text of sanitized HTML."""
    return joined(lines_of(sanitized))


def without_emails(text: str) -> str:
    """The text with every e-mail address taken out: addresses belong to people.

    The search finds each "@", checks the text after it, and then at most 64 characters before it.
    """
    if "@" not in text:
        return text
    kept: list[str] = []
    start = 0
    for behind in BEHIND_THE_SIGN.finditer(text):
        before = text[max(start, behind.start() - 64) : behind.start()]
        length = len(before) - len(before.rstrip(BEFORE_THE_SIGN))
        if length:
            kept += (text[start : behind.start() - length], NO_EMAIL)
            start = behind.end()
    return "".join([*kept, text[start:]])
