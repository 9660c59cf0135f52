"""HTTP server that receives webhooks on this machine, verifies them and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from xaigh.sdk.events import AnyWebhookEvent
from xaigh_client.errors import WebhookError
from xaigh_client.webhooks import verify_webhook

_MAX_BODY = 1024 * 1024
_TIMEOUT = 20.0  # seconds to receive a request

OnEvent = Callable[[AnyWebhookEvent, bytes], None]
OnRefused = Callable[[str], None]


def webhook_receiver(
    host: str,
    port: int,
    secrets: Sequence[str],
    *,
    answer: int,
    on_event: OnEvent,
    on_refused: OnRefused,
) -> ThreadingHTTPServer:
    """Binds a server. It answers `answer` to webhooks that verify, and 400 to others.

    It calls `on_event` with each verified event and its body, `on_refused` with each reason.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = _TIMEOUT
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdigit() or int(length) > _MAX_BODY:
                on_refused("a request without a length, or one that is too long")
                self._end(413)
                return
            body = self.rfile.read(int(length))
            try:
                event = verify_webhook(body, dict(self.headers.items()), secrets)
            except WebhookError as error:
                on_refused(str(error))
                self._end(400)
                return
            on_event(event, body)
            self._end(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing: `on_event` and `on_refused` report every request."""

        def _end(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True

    return ThreadingHTTPServer((host, port), Handler)
