"""Raw hash of a provider's record, computed without a server.

`docs/reference/raw-hash.md` says the steps. The lists are those of the server
(`xaigh.sdk.raw_hash`), and a test compares both over records of every provider.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from xaigh.sdk import raw_hash as rules

_EXACT = 2**53
_BEHIND = re.compile(rules.BEHIND_THE_SIGN)


def raw_hash(provider: str, record: Mapping[str, Any]) -> str:
    """Returns the raw hash of a record, in hex. `provider` is as `GREENHOUSE`.

    Raises ValueError for an unknown provider, and for a record that JSON can't say.
    """
    if provider not in rules.VOLATILE:
        raise ValueError(f"no provider {provider!r}: choose from {', '.join(rules.VOLATILE)}")
    return hashlib.sha256(canonical(provider, record).encode()).hexdigest()


def canonical(provider: str, record: Mapping[str, Any]) -> str:
    """Returns the text that is hashed. Raises ValueError, as `raw_hash`."""
    dropped = rules.VOLATILE[provider] | rules.PERSONAL
    return _without_emails(_written(record, dropped, 0))


def _written(value: object, dropped: frozenset[str], depth: int) -> str:
    if isinstance(value, dict | list) and depth > rules.DEPTH:
        return "null"
    if isinstance(value, dict):
        kept = _kept(value, dropped)
        members = (
            f"{_quoted(name)}:{_written(kept[name], dropped, depth + 1)}" for name in sorted(kept)
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(item, dropped, depth + 1) for item in value) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return _number(float(value))
    raise ValueError(f"JSON has no {type(value).__name__}")


def _kept(members: dict[str, object], dropped: frozenset[str]) -> dict[str, object]:
    kept = {name: value for name, value in members.items() if name not in dropped}
    if not rules.VALUES.isdisjoint(kept) and _labels_a_person(kept):
        return {name: value for name, value in kept.items() if name not in rules.VALUES}
    return kept


def _labels_a_person(members: Mapping[str, object]) -> bool:
    labels = (members.get(name) for name in rules.LABELS)
    return any(
        isinstance(label, str) and not rules.PERSON_LABEL.isdisjoint(label.casefold().split())
        for label in labels
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(number: float) -> str:
    """Writes a double in its shortest form; Python puts exponents otherwise."""
    if not math.isfinite(number):
        raise ValueError(f"JSON has no {number}")
    if number.is_integer() and -_EXACT < number < _EXACT:
        return str(int(number))
    digits, _, exponent = repr(number).partition("e")
    if not exponent:
        return digits
    if int(exponent) == -5:
        sign = "-" if digits.startswith("-") else ""
        return f"{sign}0.0000{digits.removeprefix('-').replace('.', '')}"
    return f"{digits}e{int(exponent):+d}"


def _without_emails(text: str) -> str:
    kept: list[str] = []
    start = 0
    for behind in _BEHIND.finditer(text):
        before = text[max(start, behind.start() - 64) : behind.start()]
        length = len(before) - len(before.rstrip(rules.BEFORE_THE_SIGN))
        if length:
            kept += (text[start : behind.start() - length], rules.NO_EMAIL)
            start = behind.end()
    return "".join([*kept, text[start:]])
