"""Receiving webhooks, with the Standard Webhooks library as the oracle."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from standardwebhooks import Webhook

from xaigh.sdk import events
from xaigh.webhooks.v1 import event_pb2
from xaigh_client import WebhookError, callback_secret, verify_webhook
from xaigh_server.identity import webhook_secrets

NOW = 1_781_771_200
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
EVENT = {
    "id": "evt_1",
    "type": "job.created",
    "timestamp": "2026-06-18T08:00:00.250Z",
    "environment": "sandbox",
    "organizationId": "org_1",
    "data": {"jobId": "job_1"},
}
BODY = json.dumps(EVENT).encode()


def _headers(body: bytes = BODY, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    sent = datetime.fromtimestamp(at, UTC)
    return {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": Webhook(secret).sign("evt_1", sent, body.decode()),
    }


def test_a_signed_event_is_read() -> None:
    """What the standard's own library signs is accepted, and read."""
    event = verify_webhook(BODY, _headers(), SECRET, now=NOW)
    assert (event.id, event.type, event.environment) == ("evt_1", "job.created", "sandbox")
    assert (event.organization_id, event.data) == ("org_1", {"jobId": "job_1"})
    assert event.timestamp == datetime(2026, 6, 18, 8, 0, 0, 250_000, tzinfo=UTC)


def test_either_secret_of_a_rotation_is_right() -> None:
    """During the overlap a receiver knows both, or the sender signs with both."""
    assert verify_webhook(BODY, _headers(secret=OTHER), [SECRET, OTHER], now=NOW).id == "evt_1"
    both = _headers()
    both["Webhook-Signature"] = f"v1,AAAA {_headers(secret=OTHER)['Webhook-Signature']}"
    assert verify_webhook(BODY, both, OTHER, now=NOW).id == "evt_1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Webhook-Signature": "v1,AAAA"}, "no signature"),
        ({"Webhook-Signature": "v1a,AAAA"}, "no signature"),
        ({"Webhook-Signature": "é"}, "no signature"),
        ({"Webhook-Id": "evt_2"}, "no signature"),
        ({"Webhook-Timestamp": str(NOW + 1)}, "no signature"),
        ({"Webhook-Timestamp": "soon"}, "number of seconds"),
        ({"Webhook-Timestamp": "9" * 400}, "number of seconds"),
        ({"Webhook-Timestamp": str(NOW - 301)}, "too old"),
        ({"Webhook-Timestamp": str(NOW + 301)}, "too old"),
        ({"Webhook-Signature": ""}, "webhook-signature is missing"),
    ],
)
def test_a_changed_header_is_found(change: dict[str, str], said: str) -> None:
    """Id, time and signature are all covered."""
    with pytest.raises(WebhookError, match=said):
        verify_webhook(BODY, {**_headers(), **change}, SECRET, now=NOW)


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"job_1", b"job_2"), b""])
def test_a_changed_body_is_found(body: bytes) -> None:
    """The signature is over the raw bytes."""
    with pytest.raises(WebhookError, match="no signature"):
        verify_webhook(body, _headers(), SECRET, now=NOW)


def test_another_endpoints_secret_is_refused() -> None:
    """A secret opens its own endpoint alone."""
    with pytest.raises(WebhookError, match="no signature"):
        verify_webhook(BODY, _headers(), OTHER, now=NOW)


def test_a_secret_that_is_none_is_told_apart() -> None:
    """A mistake in the receiver's settings isn't taken for a forgery."""
    with pytest.raises(WebhookError, match="whsec_"):
        verify_webhook(BODY, _headers(), "not base64!", now=NOW)


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"id": "evt_1"}', b"null"])
def test_a_signed_text_that_is_no_event_is_refused(body: bytes) -> None:
    """A right signature over something else is still no event."""
    with pytest.raises(WebhookError, match="no event"):
        verify_webhook(body, _headers(body), SECRET, now=NOW)


@pytest.mark.parametrize("purpose", ["ticket", "sandbox", "production"])
def test_a_callbacks_secret_follows_from_the_status_token(purpose: str) -> None:
    """Both sides derive the same one."""
    token = "xst_" + "t" * 38
    derived = webhook_secrets.derive(webhook_secrets.callback_secret(token), purpose)
    assert callback_secret(token, purpose) == webhook_secrets.to_text(derived)


def test_other_purposes_have_no_secret() -> None:
    """A misspelt environment would only lead to signatures that never match."""
    with pytest.raises(ValueError, match="ticket, sandbox or production"):
        callback_secret("xst_", "SANDBOX")


def test_the_type_of_an_event_tells_what_its_data_holds() -> None:
    """Type checkers know it from the catalogue of the protos; at runtime it is plain JSON."""
    specs = {
        spec.name: spec
        for value in event_pb2.EventType.DESCRIPTOR.values
        if (spec := value.GetOptions().Extensions[event_pb2.event_spec]).name
    }
    for alias in get_args(events.AnyWebhookEvent):
        name, data = get_args(alias)
        (type_name,) = get_args(name)
        if type_name == "callback.challenge":
            continue
        spec = specs.pop(type_name)
        message = event_pb2.DESCRIPTOR.message_types_by_name[spec.data]
        assert data.__name__ == spec.data
        assert set(data.__annotations__) == {field.json_name for field in message.fields}
    assert not specs
