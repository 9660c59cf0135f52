"""The client's side of forwarded applications: a receiver on this host that may misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from tests.harness.threaded_receiver import Post
from tests.harness.waiting import until

Behaviour = int | Literal["hang up", "hold"]
"""A status to answer; to close the connection without one; or to answer nothing until let go."""


@dataclass(slots=True)
class ApplicationTarget:
    """What was posted, and how it behaves."""

    port: int = 0
    behaviour: Behaviour = 201
    posts: list[Post] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/applications"

    def bodies(self) -> list[dict[str, Any]]:
        """What came, in order."""
        return [json.loads(post.body) for post in list(self.posts)]

    def ids(self) -> list[str]:
        """The applications that came, in order."""
        return [body["applicationId"] for body in self.bodies()]

    def wait_for(self, application_id: str) -> None:
        """Returns once an application has come, whole."""
        until(lambda: application_id in self.ids(), "the application comes")


@contextmanager
def application_target() -> Iterator[ApplicationTarget]:
    """A target on a free port of this host."""
    target = ApplicationTarget()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            target.posts.append(Post(path=self.path, headers=headers, body=body))
            behaviour = target.behaviour
            if behaviour == "hold":
                target.let_go.wait(60)
            if not isinstance(behaviour, int):
                self.close_connection = True
                return
            reply = json.dumps({"remoteId": f"ats-{len(target.posts)}"}).encode()
            self.send_response(behaviour)
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        target.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield target
        finally:
            target.let_go.set()
            server.shutdown()
            thread.join()
