"""Status tokens: bearer tokens that give an applicant access to one ticket.

    xst_ {secret, 32}{checksum, 6}

The prefix differs from that of keys, so nobody takes one for the other.
"""

from __future__ import annotations

import hmac
import re
import zlib
from dataclasses import dataclass, field

from xaigh_server.identity import base62
from xaigh_server.identity.base62 import RandomBytes

_PREFIX = "xst_"
_TOKEN = re.compile(r"xst_[0-9A-Za-z]{38}", re.ASCII)
_TAG = b"xaigh.status.v1:"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusToken:
    """A well-formed token. Only its digest is stored; `repr` hides its text."""

    text: str = field(repr=False)


def mint(random: RandomBytes) -> StatusToken:
    """Creates a token. Only the reply to the submission shows it."""
    secret = base62.random_string(32, random)
    return StatusToken(text=_PREFIX + secret + _checksum(secret))


def parse(text: str) -> StatusToken | None:
    """Parses a token and checks its checksum; None for anything else."""
    if _TOKEN.fullmatch(text) is None:
        return None
    secret, checksum = text[4:36], text[36:]
    if not hmac.compare_digest(checksum.encode(), _checksum(secret).encode()):
        return None
    return StatusToken(text=text)


def _checksum(secret: str) -> str:
    return base62.encode(zlib.crc32(_TAG + secret.encode("ascii")), 6)
