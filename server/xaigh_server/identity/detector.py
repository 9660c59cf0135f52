"""Detector of whole credentials in text: keys, operator credentials, status tokens and secrets.

`DETECTOR` is also published, for secret scanners. Redaction (`redaction.py`) is wider: it takes cut
and mistyped credentials out of logs, and whatever is of their shape. The detector refuses what a
caller sent, so it must not take other text for a credential.
"""

from __future__ import annotations

import re

from xaigh_server.identity import key_format
from xaigh_server.identity.errors import Unauthenticated

DETECTOR = (
    r"(?:(?:test|live)_(?:pk|sk)|xop)_[0-9A-Za-z]{48}"
    r"|xst_[0-9A-Za-z]{38}"
    r"|whsec_[0-9A-Za-z+/]{43}="
)
"""Keys and operator credentials, status tokens, webhook secrets; RE2 syntax.

A key whose checksum is wrong (`key_format.parse`, `xaigh keys check`) is none of ours.
"""

_DETECTOR = re.compile(DETECTOR, re.ASCII)
_TAIL = re.compile(rb"_[0-9A-Za-z+/]{38}")  # begins with a literal, by which searches are fast


def may_hold_credential(raw: bytes) -> bool:
    """Whether bytes hold what every credential ends in: one search that spares the others."""
    return _TAIL.search(raw) is not None


def find(text: str) -> list[str]:
    """Everything in `text` that the detector takes for a credential, whatever its checksum."""
    return _DETECTOR.findall(text)


def holds_credential(text: str) -> bool:
    """Whether a whole credential stands anywhere in the text. Nothing is looked up."""
    return any(_is_whole(hit) for hit in find(text))


def _is_whole(hit: str) -> bool:
    try:
        if hit.startswith("xop_"):
            key_format.parse_operator(hit)
        elif not hit.startswith(("xst_", "whsec_")):
            key_format.parse(hit)
    except Unauthenticated:
        return False
    return True
