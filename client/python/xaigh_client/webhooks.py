"""Verifier of received webhooks: signature and age, by Standard Webhooks 1.0.

The signed text is `{webhook-id}.{webhook-timestamp}.{body}`, the signature `v1,` and the base64 of
its HMAC-SHA-256 under the endpoint's secret. It covers the raw bytes: a body that was parsed and
serialized again has another signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xaigh_client.errors import WebhookError
from xaigh_client.webhook_event import WebhookEvent

if TYPE_CHECKING:
    from xaigh.sdk.events import AnyWebhookEvent

_PREFIX = "whsec_"
_VERSION = "v1,"


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> AnyWebhookEvent:
    """Verifies a webhook and returns its event, whose `type` tells what its `data` holds.

    `tolerance` bounds its age, in seconds.
    `headers` are those of the request, in any case of letters. Give several secrets while one is
    being rotated. Raises WebhookError.
    """
    found = {name.lower(): value for name, value in headers.items()}
    message_id = _header(found, "webhook-id")
    sent = _header(found, "webhook-timestamp")
    signatures = _header(found, "webhook-signature")
    _check_time(sent, tolerance, time.time() if now is None else now)
    signed = b".".join((message_id.encode(), sent.encode(), body))
    secrets = [secret] if isinstance(secret, str) else list(secret)
    # Compares every pair: an early end would show by its timing which secret matched.
    matches = [
        hmac.compare_digest(_signature(_key(one), signed), given.encode())
        for one in secrets
        for given in signatures.split()
        if given.startswith(_VERSION)
    ]
    if not any(matches):
        raise WebhookError("no signature of this webhook is right")
    return _event(body, message_id)


def sign_webhook(body: bytes, event_id: str, secret: str, *, now: float) -> dict[str, str]:
    """Returns the three headers that `verify_webhook` looks at: for tests of your receiver.

    `now` is in seconds since the epoch.
    """
    sent = str(int(now))
    signature = _signature(_key(secret), b".".join((event_id.encode(), sent.encode(), body)))
    return {
        "webhook-id": event_id,
        "webhook-timestamp": sent,
        "webhook-signature": signature.decode(),
    }


def callback_secret(status_token: str, purpose: str) -> str:
    """Derives the secret that signs a ticket's callbacks from the ticket's status token.

    `purpose` is `ticket` for the ticket's own events before a grant, and `sandbox` or `production`
    for the endpoint that the grant of that environment made, until its secret is rotated.
    """
    if purpose not in ("ticket", "sandbox", "production"):
        raise ValueError("purpose takes ticket, sandbox or production")
    callback = hmac.digest(status_token.encode(), b"xaigh.callback-secret.v1", "sha256")
    secret = hmac.digest(callback, purpose.encode(), "sha256")
    return _PREFIX + base64.b64encode(secret).decode()


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise WebhookError(f"the header {name} is missing")
    return value


def _check_time(sent: str, tolerance: float, now: float) -> None:
    if not (sent.isascii() and sent.isdigit()) or len(sent) > 15:
        raise WebhookError("the header webhook-timestamp isn't a number of seconds")
    if abs(now - int(sent)) > tolerance:
        raise WebhookError("the webhook is too old, or this machine's clock is off")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise WebhookError("the secret isn't one: it begins with whsec_ and is base64") from None


def _signature(key: bytes, signed: bytes) -> bytes:
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return _VERSION.encode() + base64.b64encode(digest)


def _event(body: bytes, message_id: str) -> AnyWebhookEvent:
    try:
        event = json.loads(body)
        if event["id"] != message_id:
            raise WebhookError("the event's id isn't that of the header webhook-id")
        read: Any = WebhookEvent(  # a type that is newer than this client passes as well
            id=event["id"],
            type=event["type"],
            timestamp=datetime.fromisoformat(event["timestamp"]),
            environment=event.get("environment", ""),
            organization_id=event.get("organizationId", ""),
            data=event.get("data", {}),
        )
        found: AnyWebhookEvent = read
        return found
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WebhookError("the signature is right, but the body is no event") from None
