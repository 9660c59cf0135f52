"""Idempotency keys: parser of the header, scope of a key, fingerprint of a request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from xaigh_server.identity.detector import holds_credential
from xaigh_server.rpc.errors import IdempotencyKeyInvalid

HEADER = "idempotency-key"

_VISIBLE = re.compile(r"[!-~]{1,255}", re.ASCII)
# A string of RFC 8941: only the quote and the backslash may, and must, be escaped.
_QUOTED = re.compile(r'"((?:[!#-\[\]-~]|\\["\\])+)"', re.ASCII)
_ESCAPE = re.compile(r"\\(.)")


def parse_key(values: Sequence[str]) -> str | None:
    """The key from the values of all Idempotency-Key headers; None where there are none.

    `abc` and `"abc"` are the same key. Raises IdempotencyKeyInvalid.
    """
    if not values:
        return None
    if len(values) > 1:
        raise IdempotencyKeyInvalid
    text = values[0].strip(" \t")
    if text.startswith('"'):
        match = _QUOTED.fullmatch(text)
        text = _ESCAPE.sub(r"\1", match[1]) if match else ""
    if _VISIBLE.fullmatch(text) is None:
        raise IdempotencyKeyInvalid
    if holds_credential(text):
        raise IdempotencyKeyInvalid("Idempotency-Key holds a credential; make up another key.")
    return text


def fingerprint(method: str, message: bytes) -> bytes:
    """SHA-256 over the method and the request message in deterministic wire form.

    Member order, whitespace and transport don't show in a message, so they don't show here.
    """
    return hashlib.sha256(method.encode() + b"\0" + message).digest()
