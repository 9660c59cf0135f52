"""The client's offline check of keys, against the server's own idea of them."""

from __future__ import annotations

import random

import pytest
from tests.harness.credentials import TAGS

from xaigh_client import keyformat
from xaigh_server.identity import detector
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import Unauthenticated
from xaigh_server.identity.key_format import KeyType

_random = random.Random(7)
MINTED = [
    keys.mint(environment, kind, _random.randbytes, TAGS.make)
    for environment in Environment
    for kind in KeyType
    for _ in range(25)
]
OPERATORS = [keys.mint_operator(_random.randbytes, TAGS.make) for _ in range(25)]


@pytest.mark.parametrize("key", MINTED, ids=lambda key: key.text[:8])
def test_a_key_of_the_server_is_read(key: keys.PresentedKey) -> None:
    """Both sides agree on every part."""
    facts = keyformat.check(key.text)
    assert facts is not None
    assert (facts.key_id, facts.environment) == (key.id, key.environment.value)
    assert facts.prefix == keys.prefix_of(key.environment, key.key_type)


def test_an_operators_credential_is_read() -> None:
    """It has no environment."""
    for operator in OPERATORS:
        facts = keyformat.check(operator.text)
        assert facts is not None
        assert (facts.key_id, facts.kind, facts.environment) == (
            operator.id,
            "operator credential",
            "",
        )


def test_both_sides_refuse_the_same() -> None:
    """Any one changed character is found by both, as are relabelled prefixes."""
    text = MINTED[0].text
    wrong = [text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :] for at in range(56)]
    wrong += [
        text + "0",
        text[:-1],
        "live" + text[4:],
        text.replace("_pk_", "_sk_"),
        "",
        " " + text,
    ]
    for one in wrong:
        if one == text:
            continue
        assert keyformat.check(one) is None
        with pytest.raises(Unauthenticated):
            keys.parse(one)


def test_the_detector_is_the_same() -> None:
    """One regex is published."""
    assert keyformat.DETECTOR == detector.DETECTOR


def test_keys_are_found_in_text() -> None:
    """What looks like a key but has a wrong checksum is left out."""
    real, fake = MINTED[3].text, "live_sk_" + "a" * 48
    assert list(keyformat.find(f"KEY={real}; other={fake}")) == [real]
