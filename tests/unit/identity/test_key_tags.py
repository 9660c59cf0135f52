"""The server knows a credential of its own by its tag."""

import hashlib
import hmac
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.base62 import ALPHABET
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.key_tags import KeyTags
from xaigh_server.identity.peppers import Pepper, PepperRing

OLD, NEW = (Pepper(secret=bytes([n]) * 32) for n in (1, 2))
TAGS = KeyTags(PepperRing([OLD]))
BYTES = Random(3).randbytes


def test_the_tag_is_the_end_of_the_secret() -> None:
    """Made by HMAC-SHA-256 under a key of its own, in base62, the most significant digit first."""
    key = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, TAGS.make)
    (derived,) = PepperRing([OLD]).derive("key-tag")
    number = int(hmac.new(derived, key.text[:42].encode(), hashlib.sha256).hexdigest(), 16)
    digits = [ALPHABET[number // 62**place % 62] for place in reversed(range(8))]
    assert key.text[42:50] == "".join(digits)


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("key_type", KeyType)
def test_what_is_minted_holds(environment: Environment, key_type: KeyType) -> None:
    """Keys of each kind, and operators' credentials."""
    assert TAGS.holds(keys.mint(environment, key_type, BYTES, TAGS.make))
    assert TAGS.holds(keys.mint_operator(BYTES, TAGS.make))


@given(at=st.integers(8, 49), character=st.sampled_from(ALPHABET))
def test_any_other_character_is_noticed(at: int, character: str) -> None:
    """In the id, the random part or the tag, also under a checksum that fits."""
    good = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, TAGS.make).text
    changed = good[:at] + character + good[at + 1 : 50]
    assert TAGS.holds(_with_checksum(changed)) is (good[:50] == changed)


def test_a_relabelled_prefix_is_noticed() -> None:
    """A sandbox key doesn't become a production key by a new checksum."""
    good = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, TAGS.make).text
    assert not TAGS.holds(_with_checksum("live" + good[4:50]))


def test_tags_outlive_a_rotation_of_the_pepper() -> None:
    """As long as the old pepper is active; new credentials get the new one's."""
    both = KeyTags(PepperRing([NEW, OLD]))
    old = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, TAGS.make)
    new = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, both.make)
    assert both.holds(old) and both.holds(new)
    only_new = KeyTags(PepperRing([NEW]))
    assert only_new.holds(new) and not only_new.holds(old)
    assert not TAGS.holds(new)


def _with_checksum(text: str) -> keys.PresentedKey:
    return keys.parse(text + keys._checksum(text[:8], text[8:]))
