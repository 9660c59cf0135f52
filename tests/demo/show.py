"""Printing the story: each step with its request and its reply, as a person would read them."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from typing import Any

_SECRET = re.compile(r"((?:test|live)_[ps]k_|xop_|xst_)([0-9A-Za-z]{4})[0-9A-Za-z]{20,}")
_QUIET = {"details", "requestId", "nextPageToken"}


class Printer:
    """Writes to a terminal, with colours only on one. `bodies`: whether messages are shown."""

    def __init__(self, *, bodies: bool = True) -> None:
        self._bodies = bodies
        self._color = sys.stdout.isatty()

    def title(self, text: str) -> None:
        print(f"\n{self._paint('1;36', text)}\n{self._paint('36', '─' * len(text))}")

    def step(self, text: str) -> None:
        print(f"\n{self._paint('1', '▸ ' + text)}")

    def exchange(self, shown: str, request: Any, reply: Any, notes: list[str]) -> None:
        print(f"  {self._paint('33', masked(shown))}")
        if request and self._bodies:
            print(self._block(request, "→"))
        for note in notes:
            print(f"    {self._paint('35', note)}")
        if self._bodies:
            print(self._block(reply, "←"))

    def fine(self, text: str) -> None:
        print(f"    {self._paint('32', '✓')} {text}")

    def line(self, text: str) -> None:
        print(f"    {masked(text)}")

    def wrong(self, text: str) -> None:
        print(f"    {self._paint('1;31', '✗ ' + text)}")

    def _block(self, value: Any, arrow: str) -> str:
        text = json.dumps(_short(value), indent=2, ensure_ascii=False)
        return textwrap.indent(masked(text), f"    {arrow} ")

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def masked(text: str) -> str:
    """A demonstration shows that a key came, and not the key."""
    return _SECRET.sub(r"\1\2…", text)


def _short(value: Any, depth: int = 0) -> Any:
    """The part of a value that tells the story: long lists and texts are cut."""
    if isinstance(value, dict):
        return {key: _short(each, depth + 1) for key, each in value.items() if key not in _QUIET}
    if isinstance(value, list):
        shown = [_short(each, depth + 1) for each in value[:3]]
        return [*shown, f"… {len(value) - 3} more"] if len(value) > 3 else shown
    if isinstance(value, str) and len(value) > 160:
        return value[:157] + "…"
    return value
