"""Text for a terminal: nothing that a stranger wrote may move the cursor or reorder a line."""

from __future__ import annotations

import unicodedata

# Controls that change the direction of what follows: a name could show as another one.
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """The text with control characters made visible. Line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def words(name: str) -> str:
    """`NEEDS_INFO` reads `needs info`."""
    return name.replace("_", " ").lower()


def count(number: int, one: str, many: str = "") -> str:
    """`1 role`, `3 roles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _visible(character: str) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return "    "
    if unicodedata.category(character) == "Cc" or character in _REORDERING:
        return f"<{ord(character):02X}>"
    return character
