"""Page tokens: the cursor of a list, encrypted, so that a client can't read, make or change one.

    base64url( version, 1 byte | AES-SIV of the cursor in JSON: tag, 16 bytes, and text )

A cursor holds row numbers, which would tell a client how much other organizations do. AES-SIV (RFC
5297) takes no nonce: the same place has the same token. Its associated data are the list, its owner
and its filters, so a token of another list, of another owner or with other filters is no token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from xaigh_server.rpc.errors import PageTokenInvalid

CursorPart = str | int
Cursor = tuple[CursorPart, ...]
Filters = Mapping[str, object]
"""The request's filters by name, JSON values; those that aren't set may be left out or empty."""

_VERSION = b"\x02"
_MAX_TOKEN = 2048


class PageTokens:
    """Makes and reads tokens under keys of 32 bytes; the first makes, all of them read."""

    __slots__ = ("_ciphers",)

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("page tokens need keys of 32 bytes")
        self._ciphers = tuple(AESSIV(key) for key in keys)

    def encode(self, list_name: str, owner: str, filters: Filters, cursor: Cursor) -> str:
        """The token for what follows `cursor`."""
        body = json.dumps(cursor, separators=(",", ":")).encode()
        sealed = self._ciphers[0].encrypt(body, _bound(list_name, owner, filters))
        return base64.urlsafe_b64encode(_VERSION + sealed).rstrip(b"=").decode()

    def decode(self, list_name: str, owner: str, filters: Filters, token: str) -> Cursor | None:
        """The cursor of a token; None for the empty token, the first page.

        Raises PageTokenInvalid.
        """
        if not token:
            return None
        sealed = _unpack(token)
        bound = _bound(list_name, owner, filters)
        for cipher in self._ciphers:
            try:
                return tuple(json.loads(cipher.decrypt(sealed, bound)))
            except InvalidTag:
                continue
        raise PageTokenInvalid


def _unpack(token: str) -> bytes:
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise PageTokenInvalid
    padded = token + "=" * (-len(token) % 4)
    try:
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error:
        raise PageTokenInvalid from None
    # Base64 has spare bits at its end; only the spelling that we make is ours.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token or raw[:1] != _VERSION:
        raise PageTokenInvalid
    return raw[1:]


def _bound(list_name: str, owner: str, filters: Filters) -> list[bytes]:
    set_filters = {name: value for name, value in filters.items() if value not in (None, "", [])}
    text = json.dumps(
        [list_name, owner, set_filters], separators=(",", ":"), sort_keys=True, default=list
    )
    return [_VERSION, hashlib.sha256(text.encode()).digest()]
