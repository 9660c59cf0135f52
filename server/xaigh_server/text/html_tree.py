"""Upper bound of the tree that an HTML parser builds, found in one pass over the tags.

The rules of HTML let a short text make a huge tree. Formatting elements that a block closes are
reopened in the next block, all of them: 480 `<b a=N>` and a thousand paragraphs make half a million
elements. Deep nesting and long lists of such elements also cost the parser time by their square.

The bound follows the parser's two lists, the open elements and the active formatting elements, in
such a way that ours always hold at least what the parser's do: an end tag closes an element here
only where that element is the innermost open one, elements with optional end tags aside. An end tag
that fits nothing leaves its element open here, whatever the parser does. Of equal formatting
elements the parser keeps three ("Noah's Ark clause"), so equal ones count as three at most.

Inside of SVG, MathML, `<template>` and `<select>` tags follow other rules: from there on end tags
close nothing, and nothing is skipped as a comment or as the text of a script.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SPACE = r"\t\n\f\r "
_VALUE = rf"""(?:"[^"]*+"?+|'[^']*+'?+|[^{_SPACE}>"'][^{_SPACE}>]*+)"""
_ATTRIBUTE = rf"[^{_SPACE}/>][^{_SPACE}/>=]*+(?:[{_SPACE}]*+=[{_SPACE}]*+{_VALUE}?+)?+"
_TAG = re.compile(
    r"<(?:!--(?:-?>|.*?(?:--!?>|\Z))"  # a comment
    rf"|(?P<end>/?)(?P<name>[A-Za-z][^{_SPACE}/>]*+)(?P<rest>(?:[{_SPACE}/]++|{_ATTRIBUTE})*+)>?"
    r"|[!?/][^>]*+>?)",  # a declaration, or what else the parser takes for a comment
    re.DOTALL,
)
_ANY_TAG = re.compile(rf"<(?P<end>/?)(?P<name>[A-Za-z][^{_SPACE}/><]*+)(?P<rest>)")
_ATTRIBUTES = re.compile(_ATTRIBUTE)

_FORMATTING = frozenset(
    (
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    )
)
_VOID = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image"),
        *("img", "input", "keygen", "link", "meta", "param", "source", "track", "wbr"),
    )
)
_RAW = frozenset(
    ("iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp")
)
_OTHER_RULES = frozenset(("math", "select", "svg", "template"))
_HEADINGS = dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "h1")
_CELLS = frozenset(("caption", "td", "th"))
_TABLE_TAGS = _CELLS | {"col", "colgroup", "table", "tbody", "tfoot", "thead", "tr"}
_OPTIONAL_END = frozenset(
    (
        *("caption", "colgroup", "dd", "dt", "li", "optgroup", "option", "p", "rp", "rt"),
        *("tbody", "td", "tfoot", "th", "thead", "tr"),
    )
)
_INLINE = _FORMATTING | {"abbr", "cite", "ins", "del", "label", "mark", "q", "span", "sub", "sup"}
_CLOSED_BY = {
    "li": ("li", "p"),
    **dict.fromkeys(("dd", "dt"), ("dd", "dt", "p")),
    **dict.fromkeys(("td", "th"), ("td", "th", "p", "li", "dd", "dt")),
    **dict.fromkeys(("tr",), ("td", "th", "tr", "p", "li", "dd", "dt")),
    **dict.fromkeys(
        ("tbody", "tfoot", "thead"), ("td", "th", "tr", "tbody", "tfoot", "thead", "p", "li")
    ),
}
"""What a start tag closes, where it is innermost. Any other block closes a paragraph."""


_PLAIN_ATTRIBUTES = (
    rf"(?:[{_SPACE}]++[A-Za-z:_-]{{1,40}}+"
    rf"(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^{_SPACE}\"'<>=`]++))?+){{0,30}}+[{_SPACE}]*+"
)
_PLAIN = re.compile(rf"(?:[^<]++|</?[a-z][a-z0-9]*+{_PLAIN_ATTRIBUTES}/?+>)*+")
_NAMES = re.compile(r"<(/?[a-z][a-z0-9]*)")
_FLAT = _INLINE | {"blockquote", "dd", "div", "dl", "dt", "li", "ol", "p", "section", "ul"}
_FLAT |= _HEADINGS.keys()
_FLAT_DEPTH = 8  # the parser mends what is misplaced within as many blocks

_EQUAL = 3  # of equal formatting elements as many are kept
_COMPARING = 16  # comparing two formatting elements, in steps of a walk through the open ones
_CLONES = 32  # elements that one misplaced end tag makes at most


class TreeSize(NamedTuple):
    """What a parser makes of a text at most: `nodes` of the tree, and `steps` on the way."""

    nodes: int
    steps: int


def most_nodes(characters: int) -> int:
    """How many nodes a text of so many characters may have: one each, and 2,000."""
    return 2_000 + characters


def most_steps(characters: int) -> int:
    """How many steps a text of so many characters may take: 500 each, and a million."""
    return 1_000_000 + 500 * characters


def is_too_complex(markup: str) -> bool:
    """Whether the tree may be out of proportion to the text: then it must not be parsed.

    Descriptions that people and editors write stay below a tenth of the limits.
    """
    if is_flat(markup):
        return False
    nodes, steps = most_nodes(len(markup)), most_steps(len(markup))
    size = tree_size(markup, nodes, steps)
    return size.nodes > nodes or size.steps > steps


def is_flat(markup: str) -> bool:
    """Whether each element is closed before the one around it, a few levels deep.

    The tree of such markup is never larger than the markup. False: use the bound. This check takes
    a quarter of the time of the bound.
    """
    if _PLAIN.fullmatch(markup) is None:
        return False
    opened: list[str] = []
    for name in _NAMES.findall(markup):
        if name[0] == "/":
            if not opened or opened.pop() != name[1:]:
                return False
        elif name in _FLAT:
            opened.append(name)
            if len(opened) > _FLAT_DEPTH:
                return False
        elif name not in _VOID:
            return False
    return not opened


def tree_size(markup: str, nodes: int | None = None, steps: int | None = None) -> TreeSize:
    """The bound. It is looked for no further once it is past these numbers."""
    tree = _Tree()
    nodes, steps = nodes or len(markup) ** 2, steps or len(markup) ** 3
    at = markup.find("<")
    while at >= 0 and tree.nodes <= nodes and tree.steps <= steps:
        found = (_TAG if tree.regular else _ANY_TAG).match(markup, at)
        if found is None:
            at = markup.find("<", at + 1)
            continue
        at = tree.take(found, markup)
        at = markup.find("<", at)
    return TreeSize(tree.nodes, tree.steps)


class _Tree:
    """The open elements, innermost last, and the active formatting elements."""

    def __init__(self) -> None:
        self.nodes = 1
        self.steps = 0
        self.regular = True
        self._open: list[tuple[str, str]] = []  # name and attributes
        self._equal: dict[tuple[str, str], int] = {}  # of each active formatting element, how many
        self._active = 0
        self._tables = 0
        self._in_cell = False
        self._fostered = 0

    def take(self, tag: re.Match[str], markup: str) -> int:
        """Takes a tag or a comment. Returns where the next one may begin."""
        name = tag["name"]
        self.nodes += 1
        if name is None:
            return tag.end()
        name = name.lower() if name.isascii() else name
        name = _HEADINGS.get(name, name)
        self.nodes += self._active
        self.steps += (1 + self._active) * (1 + len(self._open))
        if name in _TABLE_TAGS:
            self._in_cell = name in _CELLS and not tag["end"]
        elif self._tables and not self._in_cell:
            self._fostered += 1  # it is put before its table, after all that was put there
            self.steps += self._fostered // 8
        if tag["end"]:
            self._end(name)
            return tag.end()
        self._start(name, tag["rest"])
        return self._behind_text(name, tag.end(), markup)

    def _start(self, name: str, attributes: str) -> None:
        self.nodes += 1
        if len(attributes) > 1_000:
            self.steps += len(_ATTRIBUTES.findall(attributes)) ** 2 // 8
        if name in _OTHER_RULES:
            self.regular = False
        if name in _VOID:
            return
        element = (name, attributes)
        if name in _FORMATTING:
            self._start_formatting(element)
        elif name not in _INLINE:
            self._close_implied(_CLOSED_BY.get(name, ("p",)))
        self._tables += name == "table"
        self._open.append(element)

    def _start_formatting(self, element: tuple[str, str]) -> None:
        self.steps += self._active * (_COMPARING + len(element[1]))
        if element[0] == "a" and self.regular and self._open and self._open[-1][0] == "a":
            self._pop()  # links don't nest
        held = self._equal.get(element, 0)
        self._equal[element] = held + 1
        self._active += held < _EQUAL

    def _close_implied(self, names: tuple[str, ...]) -> None:
        while self.regular and self._open and self._open[-1][0] in names:
            self._pop()

    def _end(self, name: str) -> None:
        opened = self._open
        at = len(opened) - 1
        if name not in _INLINE:
            while at >= 0 and opened[at][0] in _OPTIONAL_END and opened[at][0] != name:
                at -= 1
        if self.regular and at >= 0 and opened[at][0] == name:
            while len(opened) > at:
                self._pop()
        elif name in _FORMATTING:
            self.nodes += self._clones(name)
        else:
            self.nodes += 1  # an end tag alone makes an empty paragraph

    def _clones(self, name: str) -> int:
        """How many elements a misplaced end tag makes: four for each block that it reaches over."""
        blocks = 0
        for opened, _ in reversed(self._open[-_CLONES:]):
            if opened == name:
                return min(_CLONES, 4 * blocks)
            blocks += opened not in _INLINE
        return _CLONES if self._active else 0

    def _pop(self) -> None:
        element = self._open.pop()
        self._tables -= element[0] == "table"
        if element[0] in _FORMATTING:
            held = self._equal[element]
            self._equal[element] = held - 1
            self._active -= held <= _EQUAL

    def _behind_text(self, name: str, at: int, markup: str) -> int:
        """The end of an element whose content is text. `at` is behind its start tag."""
        if name not in _RAW or not self.regular:
            return at
        ending = _RAW_END[name].search(markup, at)
        end = len(markup) if ending is None else ending.start()
        if name == "script" and markup.find("<!--", at, end) >= 0:
            self.regular = False  # where such a script ends is a science of its own
            return at
        return end


_RAW_END = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE | re.ASCII) for name in _RAW
}
