"""Secrets of webhook endpoints: made here, kept encrypted, shown once.

A sealed secret is

    version, 1 byte | key id, 4 bytes | nonce, 12 bytes | AES-256-GCM of the secret's bytes

bound to what it belongs to: put beside another endpoint's id it doesn't open.

The callback of a ticket has nobody to show a secret to, so its secret follows from what the
applicant holds already, the status token: both sides derive it. So does the secret of the first
endpoint of a grant, until it is rotated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xaigh_server.identity.base62 import RandomBytes

KEY_BYTES = 32
_SECRET_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
_HEAD = 1 + 4


class SecretUnreadable(Exception):
    """A sealed secret doesn't open: another key made it, or it was moved or changed."""


class SecretBox:
    """Seals under the first of its keys of 32 bytes, opens under any: so a key can be replaced."""

    __slots__ = ("_ciphers", "_current", "_random")

    def __init__(self, keys: Sequence[bytes], random: RandomBytes) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"the keys of webhook secrets have {KEY_BYTES} bytes")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])
        self._random = random

    def seal(self, secret: bytes, owner: str) -> bytes:
        """Encrypts a secret for the object with the id `owner`."""
        nonce = self._random(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret, _bound(owner))
        return _VERSION + self._current + nonce + sealed

    def open(self, sealed: bytes, owner: str) -> bytes:
        """The secret. Raises `SecretUnreadable`."""
        cipher = self._ciphers.get(sealed[1:_HEAD])
        if sealed[:1] != _VERSION or cipher is None:
            raise SecretUnreadable(f"no key at hand opens the secret of {owner}")
        nonce, rest = sealed[_HEAD : _HEAD + _NONCE_BYTES], sealed[_HEAD + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, rest, _bound(owner))
        except (InvalidTag, ValueError):
            raise SecretUnreadable(f"the secret of {owner} was changed or moved") from None

    def renew(self, sealed: bytes, owner: str) -> bytes | None:
        """The secret sealed under the current key; None if it is. Raises `SecretUnreadable`."""
        secret = self.open(sealed, owner)
        return None if sealed[1:_HEAD] == self._current else self.seal(secret, owner)


def new_secret(random: RandomBytes) -> bytes:
    """The 32 bytes of a new secret."""
    return random(_SECRET_BYTES)


def to_text(secret: bytes) -> str:
    """The secret as it is shown, and as libraries of Standard Webhooks take it."""
    return "whsec_" + base64.b64encode(secret).decode()


def callback_secret(status_token: str) -> bytes:
    """What all secrets of a ticket follow from: HMAC-SHA-256 under the status token."""
    return hmac.digest(status_token.encode(), b"xaigh.callback-secret.v1", hashlib.sha256)


def derive(callback: bytes, purpose: str) -> bytes:
    """The secret for one purpose: `ticket`, or an environment for the first endpoint there."""
    return hmac.digest(callback, purpose.encode(), hashlib.sha256)


def _key_id(key: bytes) -> bytes:
    return hmac.digest(key, b"xaigh.webhook-key-id.v1", hashlib.sha256)[:4]


def _bound(owner: str) -> bytes:
    return b"xaigh.webhook-secret.v1:" + owner.encode()
