"""Peppers and digests."""

import hashlib
import hmac

import pytest

from xaigh_server.identity.peppers import Digest, Pepper, PepperRing

OLD, NEW, OTHER = (Pepper(secret=bytes([n]) * 32) for n in (1, 2, 3))


def test_a_digest_is_hmac_sha256_of_the_whole_text() -> None:
    """What is stored can be checked with any library."""
    made = PepperRing([OLD]).digest("live_sk_abc")
    assert made.value == hmac.new(OLD.secret, b"live_sk_abc", hashlib.sha256).digest()
    assert made.pepper_id == OLD.id


def test_rotating_a_pepper_keeps_old_digests_good() -> None:
    """The first pepper makes, both check; once the old one is gone its digests match nothing."""
    kept = PepperRing([OLD]).digest("key")
    ring = PepperRing([NEW, OLD])
    assert ring.matches("key", kept)
    assert ring.digest("key").pepper_id == NEW.id
    assert not PepperRing([NEW]).matches("key", kept)


def test_another_text_or_pepper_does_not_match() -> None:
    """A digest under one pepper's id made by another matches nothing."""
    ring = PepperRing([OLD])
    kept = ring.digest("key")
    assert not ring.matches("kez", kept)
    forged = Digest(pepper_id=OLD.id, value=PepperRing([OTHER]).digest("key").value)
    assert not ring.matches("key", forged)


def test_peppers_and_what_they_derive_do_not_show() -> None:
    """The id is public and derived; the secret isn't in a repr."""
    assert OLD.secret.hex() not in repr(OLD)
    assert repr(OLD.secret) not in repr(OLD)
    assert OLD.id == Pepper(secret=OLD.secret).id != NEW.id


def test_derived_keys_differ_by_purpose_and_pepper() -> None:
    """One per pepper, the current one's first."""
    ring = PepperRing([NEW, OLD])
    first, second = ring.derive("pages")
    assert len({first, second, *ring.derive("other")}) == 4
    assert PepperRing([NEW]).derive("pages") == (first,)


@pytest.mark.parametrize("peppers", [[], [OLD, NEW, OTHER]])
def test_one_or_two_peppers_are_active(peppers: list[Pepper]) -> None:
    """A forgotten third one stops the start."""
    with pytest.raises(ValueError, match="peppers can be active"):
        PepperRing(peppers)


def test_a_short_pepper_is_refused() -> None:
    """A pepper that was cut in the settings isn't used."""
    with pytest.raises(ValueError, match="32 bytes"):
        Pepper(secret=b"short")
