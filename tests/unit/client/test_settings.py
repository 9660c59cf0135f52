"""What a client is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xaigh_client.errors import ConfigurationError
from xaigh_client.settings import Settings, hint, resolve

LIVE = "live_sk_" + "a" * 48


def _resolve(environ: dict[str, str] | None = None, **given: Any) -> Settings:
    defaults: dict[str, Any] = {
        "api_key": None,
        "address": None,
        "timeout": 30.0,
        "retry": None,
        "tls": None,
        "user_agent": "test",
    }
    return resolve(**{**defaults, **given}, environ=environ or {})


def test_arguments_come_before_the_environment() -> None:
    """What is written in the code wins."""
    environ = {"XAIGH_API_KEY": "test_sk_env", "XAIGH_ADDR": "env:1"}
    settings = _resolve(environ, api_key="test_sk_arg", address="arg:2")
    assert (settings.api_key, settings.address.target) == ("test_sk_arg", "arg:2")


def test_the_environment_fills_what_is_left_out() -> None:
    """A program needs no line of set-up."""
    settings = _resolve({"XAIGH_API_KEY": " test_sk_env\n", "XAIGH_ADDR": "env:1"})
    assert (settings.api_key, settings.address.target) == ("test_sk_env", "env:1")


@pytest.mark.parametrize("key", [LIVE, "live_pk_" + "a" * 48, "xop_" + "a" * 48])
def test_a_precious_key_never_goes_in_clear_text(key: str) -> None:
    """Live keys and operators' credentials need TLS anywhere but on loopback."""
    with pytest.raises(ConfigurationError, match="clear text") as caught:
        _resolve(api_key=key, address="http://gateway.internal:8081")
    assert key not in str(caught.value)
    assert _resolve(api_key=key, address="localhost:8081").api_key == key
    assert _resolve(api_key=key, address="gateway.internal:8081").address.tls


def test_a_test_key_may() -> None:
    """In development somebody decides for it, by writing http."""
    key = "test_sk_" + "a" * 48
    assert not _resolve(api_key=key, address="http://gateway.internal:8081").address.tls


@pytest.mark.parametrize("key", ["a b", "clé", "a\tb", "a\x00b"])
def test_a_key_of_odd_characters_is_refused(key: str) -> None:
    """A key that was copied wrongly is told before it is sent, and not repeated in the message."""
    with pytest.raises(ConfigurationError) as caught:
        _resolve(api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_is_more_than_nothing(timeout: float) -> None:
    """0 isn't "for ever"."""
    with pytest.raises(ConfigurationError):
        _resolve(timeout=timeout)


def test_the_repr_hides_the_key() -> None:
    """Settings end in logs."""
    assert LIVE not in repr(_resolve(api_key=LIVE))


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (LIVE, "live_sk_…"),
        ("xop_" + "a" * 48, "xop_…"),
        ("", "none"),
        ("something-else", "…"),
        ("live_secret_part_x", "…"),
    ],
)
def test_a_hint_shows_no_secret(key: str, shown: str) -> None:
    """Only a known prefix is shown."""
    assert hint(key) == shown


def test_trusted_certificates_come_from_a_file(tmp_path: Path) -> None:
    """XAIGH_CA_FILE replaces the built-in roots; a file that can't be read is told."""
    file = tmp_path / "ca.pem"
    file.write_bytes(b"pem")
    assert _resolve({"XAIGH_CA_FILE": str(file)}).tls.ca == b"pem"
    with pytest.raises(ConfigurationError, match="XAIGH_CA_FILE"):
        _resolve({"XAIGH_CA_FILE": str(tmp_path / "none.pem")})
