"""Whose board a record is of, as far as the record itself gives it away."""

from __future__ import annotations

from collections.abc import Iterable


def belongs(declared: str, boards: Iterable[str]) -> bool | None:
    """Whether the names a record gives away include the integration's board or tenant.

    None when the record gives none away: then it can't be told.
    """
    known = [board.casefold() for board in boards]
    return declared.strip().casefold() in known if known else None


def distinct(boards: Iterable[str | None]) -> tuple[str, ...]:
    """The names that are there, each once, in order."""
    return tuple(dict.fromkeys(board for board in boards if board))
