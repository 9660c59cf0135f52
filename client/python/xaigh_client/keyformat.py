"""Format of keys: `{test|live}_{pk|sk}_{id}{secret}{checksum}`. Parses and finds them offline.

`id` has 10 characters and isn't secret, `secret` 32, `checksum` 6: a CRC-32 over a product tag, the
prefix, id and secret, so that a mistyped or relabelled key shows. All base62. An operator's
credential has the same form behind `xop_`. A valid checksum doesn't say that the key exists. A
status token (`xst_`) and a webhook secret (`whsec_`) have no id and are known by their form alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

DETECTOR = (
    r"(?:(?:test|live)_(?:pk|sk)|xop)_[0-9A-Za-z]{48}"
    r"|xst_[0-9A-Za-z]{38}"
    r"|whsec_[0-9A-Za-z+/]{43}="
)
"""Finds keys, operator credentials, status tokens and webhook secrets in text, for secret scanners.

RE2 syntax. A wrong checksum makes it no key.
"""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TAG = "xaigh.key.v1:"
_FORM = re.compile(r"((?:test|live)_(?:pk|sk)_|xop_)([0-9A-Za-z]{42})([0-9A-Za-z]{6})", re.ASCII)
_SCAN = re.compile(DETECTOR, re.ASCII)
_ID_LENGTH = 10
_ENVIRONMENTS = {"test": "sandbox", "live": "production"}
_KINDS = {"sk": "secret key", "pk": "publishable key"}
_OTHERS = {
    "status token": re.compile(r"(xst_)[0-9A-Za-z]{38}", re.ASCII),
    "webhook secret": re.compile(r"(whsec_)[0-9A-Za-z+/]{43}=", re.ASCII),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """The parts of a credential that aren't secret."""

    prefix: str
    key_id: str
    """Empty for a status token and a webhook secret, which have no id."""
    kind: str
    """`secret key`, `publishable key`, `operator credential`, `status token`, `webhook secret`."""
    environment: str
    """`sandbox`, `production`; empty for what isn't a key."""


def check(text: str) -> KeyFacts | None:
    """Parses a credential. Returns None for anything else, and for a key with a wrong checksum."""
    for kind, form in _OTHERS.items():
        if (other := form.fullmatch(text)) is not None:
            return KeyFacts(prefix=other[1], key_id="", kind=kind, environment="")
    match = _FORM.fullmatch(text)
    if match is None or _checksum(match[1], match[2]) != match[3]:
        return None
    prefix = match[1]
    environment, _, kind = prefix.rstrip("_").partition("_")
    return KeyFacts(
        prefix=prefix,
        key_id=match[2][:_ID_LENGTH],
        kind=_KINDS.get(kind, "operator credential"),
        environment=_ENVIRONMENTS.get(environment, ""),
    )


def find(text: str) -> Iterator[str]:
    """Finds every credential in a text; keys with a valid checksum alone."""
    return (hit for hit in _SCAN.findall(text) if check(hit) is not None)


def _checksum(prefix: str, body: str) -> str:
    rest = zlib.crc32(f"{_TAG}{prefix}{body}".encode("ascii"))
    digits = []
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
