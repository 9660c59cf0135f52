"""HTTP server that receives webhooks locally."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from xaigh.sdk.events import AnyWebhookEvent
from xaigh_client.cli.webhook_receiver import webhook_receiver

SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()


class Received:
    """A running receiver and its reports."""

    def __init__(self) -> None:
        self.events: list[tuple[AnyWebhookEvent, bytes]] = []
        self.refusals: list[str] = []
        self.server = webhook_receiver(
            "127.0.0.1",
            0,
            [SECRET],
            answer=202,
            on_event=lambda event, body: self.events.append((event, body)),
            on_refused=self.refusals.append,
        )

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        port = int(self.server.server_address[1])
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status


@pytest.fixture
def received() -> Iterator[Received]:
    found = Received()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join(10)
    found.server.server_close()


def _signed(body: bytes) -> dict[str, str]:
    now = int(time.time())
    signed = f"evt_1.{now}.".encode() + body
    signature = base64.b64encode(hmac.digest(b"s" * 24, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{signature}",
    }


EVENT = json.dumps(
    {"id": "evt_1", "type": "job.closed", "timestamp": "2026-06-18T12:00:00Z", "data": {}}
).encode()


def test_a_verified_event_gets_the_chosen_answer(received: Received) -> None:
    """The event and its raw body are reported."""
    assert received.post(EVENT, _signed(EVENT)) == 202
    ((event, body),) = received.events
    assert (event.type, body) == ("job.closed", EVENT)


def test_a_forged_event_gets_400(received: Received) -> None:
    """The reason is reported."""
    assert received.post(EVENT + b" ", _signed(EVENT)) == 400
    assert (len(received.events), len(received.refusals)) == (0, 1)


@pytest.mark.parametrize("length", ["x", "1048577", "-1"])
def test_a_request_without_a_usable_length_gets_413(received: Received, length: str) -> None:
    """The body isn't read."""
    assert received.post(b"", {"content-length": length}) == 413
    assert len(received.refusals) == 1
