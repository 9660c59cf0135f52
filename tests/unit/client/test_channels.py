"""Options and credentials of channels."""

from __future__ import annotations

import pytest

from xaigh_client import channels
from xaigh_client.address import parse
from xaigh_client.retry import RetryPolicy
from xaigh_client.settings import Settings, Tls


def _settings(address: str) -> Settings:
    return Settings(
        address=parse(address),
        api_key="",
        timeout=30.0,
        retry=RetryPolicy(),
        tls=Tls(),
        user_agent="xaigh-python/1",
    )


def test_grpcs_own_retries_are_off() -> None:
    """They would repeat a write under no idempotency key."""
    assert ("grpc.enable_retries", 0) in channels.options(_settings("localhost:1"))


def test_the_user_agent_is_sent() -> None:
    """In front of gRPC's own."""
    found = dict(channels.options(_settings("localhost:1")))
    assert found["grpc.primary_user_agent"] == "xaigh-python/1"


@pytest.mark.parametrize(("address", "proxied"), [("localhost:1", False), ("a.example", True)])
def test_a_loopback_address_uses_no_proxy(address: str, proxied: bool) -> None:
    """Whatever the environment's proxy is."""
    assert ("grpc.enable_http_proxy" not in dict(channels.options(_settings(address)))) is proxied


def test_only_an_address_with_tls_has_credentials() -> None:
    """None stands for clear text."""
    assert channels.credentials(_settings("localhost:1")) is None
    assert channels.credentials(_settings("a.example")) is not None
