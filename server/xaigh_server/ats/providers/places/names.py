"""Folding of the names of places, so that two spellings of one name are equal."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ð": "d",
        "þ": "th",
        **dict.fromkeys(".'\u2019\u2018`\u00b4", ""),
        **dict.fromkeys("-\u2010\u2011_", " "),
    }
)
_SHORT = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt", "sankt": "st"}


def folded(name: str) -> str:
    """A name in lower case, without accents and points, "Saint" and the like short."""
    lower = name.casefold().translate(_LETTERS)
    if not lower.isascii():
        plain = unicodedata.normalize("NFKD", lower)
        lower = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join([_SHORT.get(word, word) for word in lower.split()])


def folded_names(table: str) -> frozenset[str]:
    """The folded names of a table "name;name" of one or more lines."""
    return frozenset(folded(name) for row in table.split("\n") for name in row.split(";"))
