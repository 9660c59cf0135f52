"""A thread that receives webhooks, and the JavaScript verifier of their signatures."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

JS = Path(__file__).parents[1] / "acceptance" / "standardwebhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What came. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass(slots=True)
class ThreadedReceiver:
    """What was posted, and the status that is answered."""

    port: int = 0
    status: int = 204
    posts: list[Post] = field(default_factory=list)
    more: threading.Condition = field(default_factory=threading.Condition)

    def url(self, path: str = "/hook") -> str:
        return f"http://localhost:{self.port}{path}"

    def wait(self, true: Callable[[Post], bool], *, count: int = 1) -> list[Post]:
        """The posts that satisfy a condition, once there are so many."""

        def found() -> list[Post]:
            return [post for post in self.posts if true(post)]

        with self.more:
            assert self.more.wait_for(lambda: len(found()) >= count, timeout=20), self.posts
            return found()

    def wait_type(self, event_type: str, path: str = "/hook", *, count: int = 1) -> list[Post]:
        """The posts of an event type to a path."""
        return self.wait(
            lambda post: post.event["type"] == event_type and post.path == path, count=count
        )


@contextmanager
def receiving() -> Iterator[ThreadedReceiver]:
    """A receiver on a free port of this host."""
    hooks = ThreadedReceiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with hooks.more:
                hooks.posts.append(Post(path=self.path, headers=headers, body=body))
                hooks.more.notify_all()
            self.send_response(hooks.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hooks.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hooks
        finally:
            server.shutdown()
            thread.join()


def verified_by_javascript(posts: list[Post], secret: str) -> list[str]:
    """What the JavaScript implementation says of each post's raw bytes: `ok`, or why not."""
    lines = [
        json.dumps(
            {
                "secret": secret,
                "body": base64.b64encode(post.body).decode(),
                "headers": post.headers,
            }
        )
        for post in posts
    ]
    done = subprocess.run(
        ["node", "verify.mjs"],
        cwd=JS,
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.splitlines()
