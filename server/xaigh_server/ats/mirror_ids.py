"""External job ids, and the mirror ids that are derived from them.

A mirror is identified by organization, provider and external id alone.
"""

from __future__ import annotations

import hashlib
import unicodedata

import orjson

MAX_ID_LENGTH = 255
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _BASE32 for second in _BASE32]
_SHIFTS = range(120, -1, -10)
_EXACT = 2.0**53
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def exact_integer(number: float) -> int | None:
    """The integer that a double equals; None for fractions and beyond 2^53.

    Beyond 2^53 several integers share a double, so it is no id.
    """
    return int(number) if number.is_integer() and -_EXACT < number < _EXACT else None


def external_id(value: object) -> str | None:
    """The id as text: trimmed, case kept, 42 and 42.0 equal to "42". None if it is none.

    Refused: empty, longer than 255 characters, control, format or unpaired characters, and
    numbers that a float cannot hold exactly.
    """
    if type(value) is str:
        text = value.strip()
    elif type(value) is int:
        text = str(value) if value.bit_length() <= 64 else ""
    elif type(value) is float:
        whole = exact_integer(value)
        text = "" if whole is None else str(whole)
    else:
        return None
    if not text or len(text) > MAX_ID_LENGTH:
        return None
    if not text.isprintable() and any(unicodedata.category(c) in _INVISIBLE for c in text):
        return None
    return text


def mirror_id(organization_id: str, provider: str, external_job_id: str) -> str:
    """`ats_` and 26 characters: the same on every run, machine and version.

    Lower-case base32 of the first 16 bytes of SHA-256 over the RFC 8785 form of the tuple. A
    tuple, since joined by ":" the pairs `a:b`, `c` and `a`, `b:c` would collide. For strings,
    RFC 8785 is compact JSON with the short escapes and nothing else escaped.
    """
    identity = orjson.dumps([organization_id, str(provider), external_job_id])
    # 128 bits and two zero bits are 26 characters of five.
    bits = int.from_bytes(hashlib.sha256(identity).digest()[:16], "big") << 2
    return "ats_" + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])
