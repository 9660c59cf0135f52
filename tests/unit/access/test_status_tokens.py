"""Status tokens."""

import secrets

import pytest

from xaigh_server.access import status_tokens as tokens


def test_what_is_minted_is_read() -> None:
    """A token survives the trip, and its text doesn't show."""
    token = tokens.mint(secrets.token_bytes)
    assert tokens.parse(token.text) == token
    assert token.text not in repr(token)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "0", lambda t: "xyz" + t[3:]])
def test_anything_else_is_none(change) -> None:
    """A cut, lengthened or relabelled token is no token."""
    assert tokens.parse(change(tokens.mint(secrets.token_bytes).text)) is None


def test_a_changed_token_is_none() -> None:
    """The checksum covers the secret."""
    text = tokens.mint(lambda n: bytes(n)).text
    assert tokens.parse(text[:4] + "1" + text[5:]) is None
