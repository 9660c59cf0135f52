"""Signatures by Standard Webhooks 1.0."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.identity.webhook_secrets import SecretBox, SecretUnreadable
from xaigh_server.webhooks.model import Endpoint, SealedSecrets
from xaigh_server.webhooks.signing import Signer

NOW = datetime(2026, 3, 1, 12, 0, 0, 900_000, tzinfo=UTC)
BOX = SecretBox([b"k" * 32], secrets.token_bytes)


def endpoint(secret: bytes = b"s" * 32) -> Endpoint:
    return Endpoint(
        id="we_1",
        organization_id="org_1",
        url="https://hooks.example.com/",
        description="",
        event_types=(),
        scopes=frozenset(),
        grant_id="",
        origin="",
        secrets=SealedSecrets(current=BOX.seal(secret, "we_1")),
        created_at=NOW,
        updated_at=NOW,
    )


def signature(secret: bytes, body: str) -> str:
    signed = f"evt_1.{int(NOW.timestamp())}.{body}".encode()
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


@pytest.mark.parametrize("body", ["{}", '{"name":"Zoë","emoji":"🙂"}', ""])
def test_the_headers_are_those_of_the_specification(body):
    """HMAC-SHA-256 over id, whole seconds and body, with points in between."""
    assert Signer(BOX).headers(endpoint(), "evt_1", body, NOW) == {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": signature(b"s" * 32, body),
    }


def test_an_old_secret_signs_too_during_its_overlap():
    """Two signatures, separated by a space, the new one's first."""
    rotated = replace(
        endpoint(b"n" * 32),
        secrets=SealedSecrets(
            current=BOX.seal(b"n" * 32, "we_1"),
            previous=BOX.seal(b"s" * 32, "we_1"),
            previous_expires_at=NOW + timedelta(seconds=1),
        ),
    )
    headers = Signer(BOX).headers(rotated, "evt_1", "{}", NOW)
    assert headers["webhook-signature"] == (
        f"{signature(b'n' * 32, '{}')} {signature(b's' * 32, '{}')}"
    )


def test_a_secret_that_doesnt_open_signs_nothing():
    """Nothing goes out unsigned."""
    with pytest.raises(SecretUnreadable):
        Signer(SecretBox([b"x" * 32], secrets.token_bytes)).headers(endpoint(), "evt_1", "{}", NOW)
