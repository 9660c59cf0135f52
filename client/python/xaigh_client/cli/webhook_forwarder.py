"""Forwarder of events: posts what a watch hears to a receiver on this machine, signed.

The receiver verifies it like any webhook. It is posted once: a receiver that was down gets it again
with a watch from an earlier cursor.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC

from google.protobuf import json_format

from xaigh.webhooks.v1.event_pb2 import Event
from xaigh_client.cli.redirects import NoRedirects
from xaigh_client.webhooks import sign_webhook

_SECONDS = 15.0  # as long as the server waits for a receiver

Answer = tuple[int, str]
"""The status of the receiver's reply, 0 without one; and why there was none."""


def body_of(event: Event) -> bytes:
    """Returns the body that the server posts for an event."""
    moment = event.timestamp.ToDatetime(tzinfo=UTC).isoformat(timespec="microseconds")
    members = {
        "id": event.id,
        "type": event.type,
        "timestamp": moment.replace("+00:00", "Z"),
        "environment": event.environment,
        "organizationId": event.organization_id,
        "data": json_format.MessageToDict(event.data),
    }
    return json.dumps(members, separators=(",", ":")).encode()


def forwarder(url: str, secret: str) -> Callable[[Event], Answer]:
    """Returns a function that posts an event to the URL, signed with the secret.

    Proxies of the environment aren't used, and redirects aren't followed.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)

    def forward(event: Event) -> Answer:
        body = body_of(event)
        headers = sign_webhook(body, event.id, secret, now=time.time())
        request = urllib.request.Request(
            url, data=body, headers={"content-type": "application/json", **headers}, method="POST"
        )
        try:
            with opener.open(request, timeout=_SECONDS) as reply:
                return reply.status, ""
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code, ""
        except (OSError, http.client.HTTPException) as failed:
            return 0, str(getattr(failed, "reason", failed)) or type(failed).__name__

    return forward
