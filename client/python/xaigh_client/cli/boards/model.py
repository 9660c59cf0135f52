"""A board as it was read: its records, and the proof that none is missing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

ATTEMPTS = 3
"""How often a board that changes while it is read is read anew."""


class BoardUnreadable(Exception):
    """The board couldn't be read whole, so nothing of it may be sent. The text says why."""


class BoardMoved(BoardUnreadable):
    """The board changed while it was read; another attempt may find it at rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSource:
    """Where a board is. `board` is its name there, `url` the base of the API; empty: the usual."""

    board: str
    url: str = ""

    def base(self, usual: str) -> str:
        """The base of the API, without a slash at its end."""
        return (self.url or usual).rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Every record of a board. `proof` says how the reader knows that none is missing."""

    records: Sequence[Record]
    proof: str


def listed(document: Any, name: str) -> list[Record]:
    """The objects in a member of a document. Raises BoardUnreadable where there is no such list."""
    found = document.get(name) if isinstance(document, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise BoardUnreadable(f"the answer has no list `{name}` of objects: not a board")
    return found


def check_distinct(ids: Sequence[Hashable]) -> None:
    """Raises BoardMoved for an id that is missing or comes twice."""
    if None in ids:
        raise BoardUnreadable("a record has no id")
    if len(set(ids)) != len(ids):
        raise BoardMoved("a record comes twice: the list moved while it was read")


def check_total(found: int, total: Any) -> None:
    """Raises BoardUnreadable unless the provider's own count is what was read."""
    if isinstance(total, bool) or not isinstance(total, int):
        raise BoardUnreadable("the answer doesn't say how many records there are")
    if found != total:
        raise BoardMoved(f"the provider counts {total} records, and {found} came")


def read_at_rest(read: Callable[[], Board]) -> Board:
    """Reads a board, and again where it changed meanwhile. Raises BoardUnreadable."""
    for _ in range(ATTEMPTS - 1):
        try:
            return read()
        except BoardMoved:
            continue
    return read()
