"""Peppers: secret keys, kept outside the database, of the HMACs that stand for credentials.

Without the pepper, a copy of the database doesn't let anybody test a guessed credential. A ring
holds one pepper or two: the first makes new digests, and either verifies old ones. To rotate, put a
new pepper in front, and remove the old one when no live digest names it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

PEPPER_BYTES = 32
MAX_PEPPERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """HMAC-SHA-256 of a credential's whole text, and the id of the pepper that made it."""

    pepper_id: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pepper:
    """32 secret bytes. The id is public: an HMAC that doesn't reveal the secret."""

    secret: bytes = field(repr=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        if len(self.secret) != PEPPER_BYTES:
            raise ValueError(f"a pepper has {PEPPER_BYTES} bytes")
        tag = hmac.digest(self.secret, b"xaigh.pepper-id.v1", hashlib.sha256)
        object.__setattr__(self, "id", tag[:4].hex())


class PepperRing:
    """The active peppers, the current one first."""

    __slots__ = ("_by_id", "_current", "peppers")

    def __init__(self, peppers: Sequence[Pepper]) -> None:
        if not 1 <= len(peppers) <= MAX_PEPPERS:
            raise ValueError(f"one or {MAX_PEPPERS} peppers can be active, not {len(peppers)}")
        self.peppers = tuple(peppers)
        self._current = self.peppers[0]
        self._by_id = {pepper.id: pepper for pepper in self.peppers}

    def digest(self, text: str) -> Digest:
        """The digest to keep for a credential made now."""
        return Digest(pepper_id=self._current.id, value=_hmac(self._current.secret, text))

    def matches(self, text: str, kept: Digest) -> bool:
        """Whether `text` made the digest. Constant time; false if the pepper has gone."""
        pepper = self._by_id.get(kept.pepper_id)
        # An unknown pepper costs the same as a known one.
        made = _hmac((pepper or self._current).secret, text)
        return hmac.compare_digest(made, kept.value) and pepper is not None

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """A key of 32 bytes for another purpose from each pepper, the current one's first."""
        label = b"xaigh.derive.v1:" + purpose.encode()
        return tuple(hmac.digest(p.secret, label, hashlib.sha256) for p in self.peppers)


def _hmac(secret: bytes, text: str) -> bytes:
    return hmac.digest(secret, text.encode(), hashlib.sha256)
