"""Secrets: sealed, bound to their owner, and derived where nobody could be shown one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

import pytest

from xaigh_server.identity import webhook_secrets
from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable

SECRET = b"s" * 32


def box(*keys: bytes) -> SecretBox:
    return SecretBox(keys or (b"k" * 32,), secrets.token_bytes)


def test_what_was_sealed_opens_for_its_owner():
    """The secret itself isn't in the sealed bytes, and no two of them are alike."""
    sealed = box().seal(SECRET, "we_1")
    assert box().open(sealed, "we_1") == SECRET
    assert SECRET not in sealed
    assert box().seal(SECRET, "we_1") != sealed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]),
        lambda sealed: b"\x02" + sealed[1:],
        lambda sealed: sealed[:1] + b"xxxx" + sealed[5:],
        lambda sealed: sealed[:8],
        lambda sealed: b"",
    ],
)
def test_changed_bytes_dont_open(spoil):
    """Each change is noticed, and the error doesn't hold the secret."""
    with pytest.raises(SecretUnreadable, match="we_1"):
        box().open(spoil(box().seal(SECRET, "we_1")), "we_1")


def test_a_secret_moved_to_another_owner_doesnt_open():
    """Whoever can write to the database can't give one tenant another's secret."""
    with pytest.raises(SecretUnreadable):
        box().open(box().seal(SECRET, "we_1"), "we_2")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens():
    """So the key is rotated without touching a row; without the old key, old ones are lost."""
    old, new = b"o" * 32, b"n" * 32
    before = box(old).seal(SECRET, "we_1")
    assert box(new, old).open(before, "we_1") == SECRET
    after = box(new, old).seal(SECRET, "we_1")
    assert box(new).open(after, "we_1") == SECRET
    with pytest.raises(SecretUnreadable, match="no key at hand"):
        box(new).open(before, "we_1")


def test_a_secret_is_sealed_anew_under_the_current_key():
    """Once, for the same owner; what doesn't open is told of whatever sealed it."""
    old, new = b"o" * 32, b"n" * 32
    before = box(old).seal(SECRET, "we_1")
    after = box(new, old).renew(before, "we_1")
    assert after is not None
    assert box(new).open(after, "we_1") == SECRET
    assert box(new, old).renew(after, "we_1") is None
    for spoilt, keys in ((before, (new,)), (after[:-1], (new, old)), (before[:-1], (new, old))):
        with pytest.raises(SecretUnreadable):
            box(*keys).renew(spoilt, "we_1")


@pytest.mark.parametrize("keys", [(), (b"short",), (b"k" * 32, b"k" * 31)])
def test_keys_have_32_bytes(keys):
    """A wrong key stops the start."""
    with pytest.raises(ValueError, match="32 bytes"):
        SecretBox(keys, secrets.token_bytes)


def test_a_secret_is_shown_as_libraries_take_it():
    """The prefix and plain base64, of 24 to 64 bytes as Standard Webhooks asks."""
    text = webhook_secrets.to_text(webhook_secrets.new_secret(secrets.token_bytes))
    assert text.startswith("whsec_")
    assert 24 <= len(base64.b64decode(text[6:], validate=True)) <= 64


def test_the_holder_of_a_status_token_derives_the_secret_of_its_callbacks():
    """HMAC-SHA-256 twice, as the documentation of the field says; purposes differ."""
    token = "xst_" + "a" * 38
    outer = hmac.new(token.encode(), b"xaigh.callback-secret.v1", hashlib.sha256).digest()
    inner = hmac.new(outer, b"sandbox", hashlib.sha256).digest()
    callback = webhook_secrets.callback_secret(token)
    assert webhook_secrets.derive(callback, "sandbox") == inner
    assert webhook_secrets.derive(callback, "production") != inner
