"""Employers of a logged call, as the log keeps them: JSON text, the same for the same employers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEmployers:
    """Employers that the call needed, and those by which it listed. `cut`: it needed more."""

    needs: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    cut: bool = False


@lru_cache(maxsize=4096)
def employers_text(needs: tuple[str, ...], lists: tuple[str, ...], cut: bool) -> str:
    """Returns the text for sorted ids; empty for none. Cached: calls of a key are much alike."""
    if not needs and not lists:
        return ""
    return json.dumps([needs, lists, cut], separators=(",", ":"))


def read_employers(text: str) -> LoggedEmployers:
    """Returns what a text says."""
    if not text:
        return LoggedEmployers()
    needs, lists, cut = json.loads(text)
    return LoggedEmployers(needs=tuple(needs), lists=tuple(lists), cut=cut)
