"""Format of keys. tests/contract compares it with the server's."""

from __future__ import annotations

import pytest

from xaigh_client import keyformat

BODY = "4fT0aQ9xZb" + "s" * 32
KEYS = {
    f"test_sk_{BODY}05fHOm": ("test_sk_", "secret key", "sandbox"),
    f"live_pk_{BODY}2ss7DL": ("live_pk_", "publishable key", "production"),
    f"xop_{BODY}4P0SPz": ("xop_", "operator credential", ""),
}


@pytest.mark.parametrize(("key", "facts"), KEYS.items(), ids=["sk", "pk", "operator"])
def test_a_key_tells_its_kind_and_environment(key: str, facts: tuple[str, str, str]) -> None:
    """And its public id."""
    found = keyformat.check(key)
    assert found is not None
    assert (found.prefix, found.kind, found.environment) == facts
    assert found.key_id == "4fT0aQ9xZb"


@pytest.mark.parametrize("key", KEYS)
def test_a_relabelled_or_mistyped_key_is_none(key: str) -> None:
    """The checksum covers the prefix."""
    swapped = key.replace("s" * 32, "t" + "s" * 31)
    relabelled = key.replace("test_", "live_").replace("pk", "sk").replace("xop_", "test_sk_")
    for wrong in (swapped, relabelled, key[:-1], key + "0", f" {key}", ""):
        assert keyformat.check(wrong) is None


def test_keys_are_found_in_text() -> None:
    """Strings of the form with a wrong checksum are left out."""
    first, second, third = KEYS
    text = f"a={first};b='{second}' c test_sk_{'a' * 48}\n{third}"
    assert list(keyformat.find(text)) == [first, second, third]
