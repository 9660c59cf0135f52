"""Tag in the secret of a credential, by which the server knows its own without a look-up.

The last 8 of the 32 characters of a secret are the tag: HMAC-SHA-256 over prefix, id and the 24
random characters before it, under a key that is derived from the pepper. Nobody without the pepper
makes one, so a flood of made-up credentials costs no look-up and never stands in the way of a good
one. The tag opens nothing: a credential with a right tag is looked up like any other.
"""

from __future__ import annotations

import hashlib
import hmac

from xaigh_server.identity import base62
from xaigh_server.identity.key_format import TAG_LENGTH, PresentedKey, PresentedOperator
from xaigh_server.identity.peppers import PepperRing

_PURPOSE = "key-tag"
_VALUES = 62**TAG_LENGTH


class KeyTags:
    """Makes and checks tags: under the current pepper, and under any active one."""

    def __init__(self, peppers: PepperRing) -> None:
        self._keys = peppers.derive(_PURPOSE)

    def make(self, tagged: str) -> str:
        """Returns the tag of a new credential; `tagged` is its text up to the tag."""
        return _tag(self._keys[0], tagged)

    def holds(self, credential: PresentedKey | PresentedOperator) -> bool:
        """Whether the credential was made under an active pepper. Constant time for each pepper."""
        tagged, tag = credential.tagged, credential.tag.encode()
        return any(hmac.compare_digest(_tag(key, tagged).encode(), tag) for key in self._keys)


def _tag(key: bytes, tagged: str) -> str:
    digest = hmac.digest(key, tagged.encode(), hashlib.sha256)
    return base62.encode(int.from_bytes(digest, "big") % _VALUES, TAG_LENGTH)
