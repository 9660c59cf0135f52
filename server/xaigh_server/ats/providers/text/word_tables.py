"""Tables written as words: shorter to read than a list of quoted strings."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def keyed(table: str) -> dict[str, str]:
    """Word to key, of a table "KEY word word|KEY word": "EUR AT BE|USD US"."""
    rows = (row.split() for row in table.split("|"))
    return {word: key for key, *entries in rows for word in entries}
