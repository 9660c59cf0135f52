"""A receiver of webhooks on one's own machine: verifies, tells, answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from xaigh_client.errors import WebhookError
from xaigh_client.webhooks import WebhookEvent, verify_webhook

_LARGEST = 1024 * 1024
_SLOWEST = 20.0  # seconds for a request to come

Heard = Callable[[WebhookEvent, bytes], None]
Refused = Callable[[str], None]


def listener(
    host: str,
    port: int,
    secrets: Sequence[str],
    *,
    answer: int,
    heard: Heard,
    refused: Refused,
) -> ThreadingHTTPServer:
    """Listens on an address. `answer` is the status for what verifies; the rest gets 400."""

    class Handler(BaseHTTPRequestHandler):
        timeout = _SLOWEST
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdigit() or int(length) > _LARGEST:
                refused("a request without a length, or one that is too long")
                self._end(413)
                return
            body = self.rfile.read(int(length))
            try:
                event = verify_webhook(body, dict(self.headers.items()), secrets)
            except WebhookError as error:
                refused(str(error))
                self._end(400)
                return
            heard(event, body)
            self._end(answer)

        def log_message(self, format: str, *args: object) -> None:
            """What matters is told by `heard` and `refused`."""

        def _end(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True

    return ThreadingHTTPServer((host, port), Handler)
