"""Text form of API keys: `{test|live}_{pk|sk}_{id}{secret}{checksum}`.

    live_sk_ 4fT0aQ9xZb  Yx…32 characters…  0q3MzW
    prefix   id, public  secret             CRC-32 over tag, prefix, id and secret, base62

56 characters in all, so every part is found by its offset and never by splitting on `_`. The
checksum detects a mistyped or relabelled key without a lookup. It isn't secret: anybody can compute
one. Of the secret, 24 characters are random (143 bits) and 8 are a tag, which only the server can
make and check (`key_tags.py`); for everybody else they are part of the secret.
"""

from __future__ import annotations

import hmac
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from xaigh_server.identity import base62
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import CredentialsMalformed, KeyUnknown, OperatorUnknown

ID_LENGTH = 10
SECRET_LENGTH = 32
TAG_LENGTH = 8
CHECKSUM_LENGTH = 6
BODY_LENGTH = ID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH

# Part of every checksum, so that a key of another product never passes for one of ours.
_PRODUCT_TAG = b"xaigh.key.v1:"

_BODY = re.compile(r"[0-9A-Za-z]{48}", re.ASCII)


MakeTag = Callable[[str], str]
"""Returns the tag of a credential's text up to the tag, `TAG_LENGTH` characters."""


class KeyType(StrEnum):
    """Secret keys are for servers; publishable ones may be seen by anyone."""

    SECRET = "sk"
    PUBLISHABLE = "pk"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Presented:
    """A credential of the right form. Whether it exists is not said. Its text shows in no repr."""

    id: str
    text: str = field(repr=False)

    @property
    def last4(self) -> str:
        """The last four characters, stored so that people can recognize their keys."""
        return self.text[-4:]

    @property
    def tagged(self) -> str:
        """What the tag is computed over: prefix, id and the random part of the secret."""
        return self.text[: -TAG_LENGTH - CHECKSUM_LENGTH]

    @property
    def tag(self) -> str:
        """The last characters of the secret."""
        return self.text[-TAG_LENGTH - CHECKSUM_LENGTH : -CHECKSUM_LENGTH]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedKey(_Presented):
    """A key of the right form."""

    environment: Environment
    key_type: KeyType


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedOperator(_Presented):
    """An operator credential of the right form: `xop_{id}{secret}{checksum}`."""


_PREFIXES: dict[str, tuple[Environment, KeyType]] = {
    f"{environment.prefix}_{key_type}_": (environment, key_type)
    for environment in Environment
    for key_type in KeyType
}
_PREFIX_LENGTH = 8
_KEY_LENGTH = _PREFIX_LENGTH + BODY_LENGTH
_OPERATOR_PREFIX = "xop_"
_OPERATOR_LENGTH = len(_OPERATOR_PREFIX) + BODY_LENGTH


def prefix_of(environment: Environment, key_type: KeyType) -> str:
    """What a key of these begins with: `live_sk_`."""
    return f"{environment.prefix}_{key_type}_"


def mint(
    environment: Environment, key_type: KeyType, random: RandomBytes, make_tag: MakeTag
) -> PresentedKey:
    """A new key. Its text exists nowhere else: show it once, keep its digest."""
    key_id, text = _mint(prefix_of(environment, key_type), random, make_tag)
    return PresentedKey(environment=environment, key_type=key_type, id=key_id, text=text)


def mint_operator(random: RandomBytes, make_tag: MakeTag) -> PresentedOperator:
    """A new operator credential, under the same rules as a key."""
    operator_id, text = _mint(_OPERATOR_PREFIX, random, make_tag)
    return PresentedOperator(id=operator_id, text=text)


def parse(text: str) -> PresentedKey:
    """Reads a key offline. Raises CredentialsMalformed, and KeyUnknown for a wrong checksum.

    Nobody has a key with a wrong checksum, so it is as unknown as one that no row has.
    """
    if len(text) != _KEY_LENGTH:
        raise CredentialsMalformed
    kind = _PREFIXES.get(text[:_PREFIX_LENGTH])
    if kind is None:
        raise CredentialsMalformed
    key_id = _checked_id(text, _PREFIX_LENGTH)
    if key_id is None:
        raise KeyUnknown
    return PresentedKey(environment=kind[0], key_type=kind[1], id=key_id, text=text)


def parse_operator(text: str) -> PresentedOperator:
    """Reads an operator credential offline. Raises CredentialsMalformed and OperatorUnknown."""
    if len(text) != _OPERATOR_LENGTH or not text.startswith(_OPERATOR_PREFIX):
        raise CredentialsMalformed
    operator_id = _checked_id(text, len(_OPERATOR_PREFIX))
    if operator_id is None:
        raise OperatorUnknown
    return PresentedOperator(id=operator_id, text=text)


def _mint(prefix: str, random: RandomBytes, make_tag: MakeTag) -> tuple[str, str]:
    body = base62.random_string(ID_LENGTH + SECRET_LENGTH - TAG_LENGTH, random)
    body += make_tag(prefix + body)
    return body[:ID_LENGTH], prefix + body + _checksum(prefix, body)


def _checked_id(text: str, at: int) -> str | None:
    """The id of a credential whose prefix ends at `at`; None where the checksum is wrong."""
    prefix, body = text[:at], text[at:]
    if _BODY.fullmatch(body) is None:
        raise CredentialsMalformed
    signed, checksum = body[:-CHECKSUM_LENGTH], body[-CHECKSUM_LENGTH:]
    if not hmac.compare_digest(checksum.encode(), _checksum(prefix, signed).encode()):
        return None
    return body[:ID_LENGTH]


def _checksum(prefix: str, body: str) -> str:
    crc = zlib.crc32(_PRODUCT_TAG + prefix.encode("ascii") + body.encode("ascii"))
    return base62.encode(crc, CHECKSUM_LENGTH)
