"""Page tokens: the cursor of a list with a MAC, so that a client can't make or change one.

    base64url( version, 1 byte | MAC, 16 bytes | cursor, JSON )

The MAC covers the list, its owner and its filters: a token of another list, of another
organization or with other filters is no token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from xaigh_server.rpc.errors import PageTokenInvalid

CursorPart = str | int
Cursor = tuple[CursorPart, ...]
Filters = Mapping[str, object]
"""The request's filters by name, JSON values; those that aren't set may be left out or empty."""

_VERSION = b"\x01"
_MAC_LENGTH = 16
_MAX_TOKEN = 2048


class PageTokens:
    """Makes and reads tokens under keys of 32 bytes; the first makes, all of them read."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("page tokens need keys of 32 bytes")
        self._keys = tuple(keys)

    def encode(self, list_name: str, owner: str, filters: Filters, cursor: Cursor) -> str:
        """The token for what follows `cursor`."""
        body = json.dumps(cursor, separators=(",", ":")).encode()
        mac = _mac(self._keys[0], _bound(list_name, owner, filters), body)
        return base64.urlsafe_b64encode(_VERSION + mac + body).rstrip(b"=").decode()

    def decode(self, list_name: str, owner: str, filters: Filters, token: str) -> Cursor | None:
        """The cursor of a token; None for the empty token, the first page.

        Raises PageTokenInvalid.
        """
        if not token:
            return None
        mac, body = _unpack(token)
        bound = _bound(list_name, owner, filters)
        if not any(hmac.compare_digest(mac, _mac(key, bound, body)) for key in self._keys):
            raise PageTokenInvalid
        return tuple(json.loads(body))


def _unpack(token: str) -> tuple[bytes, bytes]:
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
    return raw[1 : 1 + _MAC_LENGTH], raw[1 + _MAC_LENGTH :]


def _bound(list_name: str, owner: str, filters: Filters) -> bytes:
    set_filters = {name: value for name, value in filters.items() if value not in (None, "", [])}
    text = json.dumps(
        [list_name, owner, set_filters], separators=(",", ":"), sort_keys=True, default=list
    )
    return hashlib.sha256(text.encode()).digest()


def _mac(key: bytes, bound: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _VERSION + bound + body, hashlib.sha256)[:_MAC_LENGTH]
