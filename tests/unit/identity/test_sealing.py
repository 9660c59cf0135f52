"""Sealed hand-over."""

import pyrage
import pytest

from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.sealing import AgeSealer

SEALER = AgeSealer()


def test_only_the_recipient_opens_it() -> None:
    """The text is an armored age file; another identity opens nothing."""
    identity, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = SEALER.seal(str(identity.to_public()), b"live_sk_secret")
    assert sealed.startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    assert "live_sk_secret" not in sealed
    assert pyrage.decrypt(sealed.encode(), [identity]) == b"live_sk_secret"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.encode(), [other])


def test_recipients_are_checked_with_their_checksum() -> None:
    """A mistyped recipient is found when it is given, not when the key is lost."""
    good = str(pyrage.x25519.Identity.generate().to_public())
    assert SEALER.check(good)
    swapped = good[:-1] + ("q" if good[-1] != "q" else "p")
    secret = str(pyrage.x25519.Identity.generate())
    for bad in (swapped, good.upper(), good + "q", secret, "age1yubikey1q", "", "ssh-ed25519 AAAA"):
        assert not SEALER.check(bad)
        with pytest.raises(FieldInvalid):
            SEALER.seal(bad, b"x")
