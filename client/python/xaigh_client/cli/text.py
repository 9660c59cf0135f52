"""Text for a terminal, without control characters.

Texts of the API come from strangers: they must not move the cursor or reorder a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Bidirectional controls: they could make a name look like another one.
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """Makes control characters visible. Keeps line breaks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def one_line(text: str) -> str:
    """Makes control characters visible, and joins all lines into one."""
    return " ".join(plain(text).split())


def words(name: str) -> str:
    """Formats the name of an enum value: `NEEDS_INFO` as `needs info`."""
    return name.replace("_", " ").lower()


def with_options(text: str, names: Mapping[str, str]) -> str:
    """Puts options in the place of fields, for a server's sentence that names fields.

    Names of one word stay: `tier` in a sentence is English.
    """
    for field, option in names.items():
        if field.islower():
            continue
        text = re.sub(rf"\b{re.escape(field)}\b", option, text)
    return text


def count(number: int, one: str, many: str = "") -> str:
    """Formats a number with its noun: `1 role`, `3 roles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _visible(character: str) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return "    "
    if unicodedata.category(character) == "Cc" or character in _REORDERING:
        return f"<{ord(character):02X}>"
    return character
