"""A callback that answers challenges, on a thread of its own: for real servers and the CLI."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class ChallengedCallback:
    """Keeps the challenges that came. While `honest` is False it answers 200 without the value."""

    port: int = 0
    honest: bool = True
    challenges: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def url(self, path: str = "/xaigh") -> str:
        return f"http://localhost:{self.port}{path}"


@contextmanager
def challenged() -> Iterator[ChallengedCallback]:
    """A callback on a free port of this host."""
    made, server = _start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@cache
def shared_callback() -> ChallengedCallback:
    """One callback for all tests of a process; it ends with the process."""
    return _start()[0]


def _start() -> tuple[ChallengedCallback, ThreadingHTTPServer]:
    made = ChallengedCallback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            event = json.loads(body)
            answer = b""
            if event["type"] == "callback.challenge":
                headers = {name.lower(): value for name, value in self.headers.items()}
                made.challenges.append((headers, body))
                challenge = event["data"]["challenge"] if made.honest else "something else"
                answer = json.dumps({"challenge": challenge}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return made, server
