"""One request and its reply on a connection: ASGI's `receive` and `send`, and a reply in one go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Final, Protocol
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from httprule.limits import ConnectionLimits
from httprule.response import CONNECTION_KEY, AbortResponse

_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_BODYLESS: Final = frozenset({204, 304})
_CLOSE: Final = (b"connection", b"close")
_LOGGER: Final = logging.getLogger("uvicorn.error")


class Connection(Protocol):
    """The connection of a request, as far as the request reads and calls it."""

    url: bytes
    headers: list[tuple[bytes, bytes]]
    scheme: Any
    server: tuple[str, int | None] | None
    client: tuple[str, int] | None
    app_state: dict[str, Any]
    server_state: ServerState
    limits: ConnectionLimits
    flow: FlowControl
    transport: asyncio.Transport

    def write(self, data: bytes) -> None:
        """Send at once."""

    def write_soon(self, data: bytes) -> None:
        """Send with the other replies of this turn of the event loop."""

    def close(self) -> None:
        """Close when the reply has left."""

    def close_lingering(self) -> None:
        """Close after the client has had time to read the reply."""

    def on_response_complete(self) -> None:
        """The reply is written."""


def asgi_scope(connection: Connection, method: bytes, version: str) -> dict[str, Any]:
    """The ASGI scope of the request whose head a connection has just parsed."""
    raw_path, _, query = connection.url.partition(b"?")
    if not raw_path.startswith(b"/") or b"#" in connection.url:
        url = httptools.parse_url(connection.url)
        raw_path, query = url.path or b"/", url.query or b""  # "http://host" has no path
    path = raw_path.decode("ascii")
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": version,
        "server": connection.server,
        "client": connection.client,
        "scheme": connection.scheme,
        "method": method.decode("ascii"),
        "root_path": "",
        "path": unquote(path) if "%" in path else path,
        "raw_path": raw_path,
        "query_string": query,
        "headers": connection.headers,
        "state": connection.app_state.copy(),
        CONNECTION_KEY: connection,
    }


def head_block(status_line: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head of a reply. Raises `RuntimeError` where a header would smuggle in a line."""
    parts = [status_line]
    lines = 2
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
        lines += 1
    parts.append(b"\r\n")
    block = b"".join(parts)
    if block.count(b"\n") != lines or block.count(b"\r") != lines:
        raise RuntimeError("a header of the reply holds a line break")
    return block


class RequestResponseCycle:
    """Writes the head together with the first bytes of the body, and decides what comes after.

    `task` runs the application; `protocol` is the connection.
    """

    __slots__ = (
        "_body",
        "_has_news",
        "_head",
        "_is_chunked",
        "_news",
        "_remaining",
        "disconnected",
        "keep_alive",
        "more_body",
        "protocol",
        "response_complete",
        "response_started",
        "scope",
        "task",
        "waiting_for_100_continue",
    )

    def __init__(
        self, protocol: Connection, scope: Any, *, keep_alive: bool, expects_100: bool
    ) -> None:
        self.protocol = protocol
        self.scope = scope
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = expects_100
        self.task: asyncio.Task[None] | None = None
        self.disconnected = False
        self.more_body = True
        self.response_started = False
        self.response_complete = False
        self._body: bytes | bytearray = b""
        self._has_news = False  # something has come since `receive` looked
        self._news: asyncio.Event | None = None  # only a `receive` that waits needs one
        self._head = b""
        self._is_chunked = False
        self._remaining: int | None = None  # of the declared Content-Length; None: none declared

    # -- the request ---------------------------------------------------------------------------

    def take(self, body: bytes) -> int:
        """Keep a piece of the body. Gives how many bytes `receive` has not taken yet."""
        if not self._body:
            self._body = body
        else:
            if isinstance(self._body, bytes):
                self._body = bytearray(self._body)
            self._body += body
        self.wake()
        return len(self._body)

    def wake(self) -> None:
        """Let `receive` look again."""
        self._has_news = True
        if self._news is not None:
            self._news.set()

    async def receive(self) -> Any:
        """ASGI's: the next piece of the body, or that there is nobody to reply to."""
        if self.waiting_for_100_continue and not self.protocol.transport.is_closing():
            self.protocol.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.protocol.flow.resume_reading()
            if not self._has_news:
                await self._wait()
            self._has_news = False
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self._body = self._body, b""
        return {"type": "http.request", "body": bytes(body), "more_body": self.more_body}

    async def _wait(self) -> None:
        if self._news is None:
            self._news = asyncio.Event()
        await self._news.wait()
        self._news.clear()

    def hang_up(self) -> None:
        """The client is gone: what is sent from now on goes nowhere, and the call is cancelled."""
        self.disconnected = True
        self.wake()
        if self.task is not None:
            self.task.cancel()

    async def run(self, app: Any) -> None:
        """Answer the request."""
        try:
            await app(self.scope, self.receive, self.send)
        except asyncio.CancelledError:
            if not self.disconnected:
                self.protocol.close()  # the server stops
        except AbortResponse:
            self.protocol.close()
        except Exception as error:
            _LOGGER.error("The application failed.", exc_info=error)
            self.protocol.close()
        else:
            if not self.response_complete and not self.disconnected:
                _LOGGER.error("The application ended without a whole reply.")
                self.protocol.close()

    # -- the reply -----------------------------------------------------------------------------

    def reply(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """A whole reply, in one write. False where it has to wait: then it is `send`'s to do.

        It leaves with the other replies of this turn of the event loop.
        """
        if self.disconnected:
            return True
        if self.protocol.flow.write_paused or self.response_started:
            return False
        self._start(status, headers)
        self.protocol.write_soon(self._framed(body, more=False))
        self._complete()
        return True

    async def send(self, message: Any) -> None:
        """ASGI's: the next part of the reply."""
        flow = self.protocol.flow
        if flow.write_paused and not self.disconnected:
            await flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            if message["type"] != "http.response.start":
                raise RuntimeError(f"a reply cannot start with {message['type']!r}")
            self._start(message["status"], message.get("headers", ()))
        elif self.response_complete:
            raise RuntimeError("the reply is complete already")
        else:
            more = message.get("more_body", False)
            data = self._framed(message.get("body", b""), more=more)
            if data:
                self.protocol.write(data)
            if not more:
                self._complete()

    def _start(self, status: int, given: Iterable[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        headers = [*self.protocol.server_state.default_headers, *given]
        for name, value in headers:
            if name == b"content-length":
                self._remaining = int(value)
            elif name == b"connection" and value == b"close":
                self.keep_alive = False
        self._frame(status, headers)
        if self.keep_alive and self.more_body and (status == 408 or not self._can_drain()):
            self.keep_alive = False
        if not self.keep_alive and _CLOSE not in headers:
            headers.append(_CLOSE)
        self.waiting_for_100_continue = False
        self._head = head_block(STATUS_LINE[status], headers)

    def _frame(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """How the client learns where the body ends: by length, by chunks, or by the connection."""
        if self.scope["method"] == "HEAD" or status in _BODYLESS:
            self._remaining = 0
        elif self._remaining is None:
            if self.scope["http_version"] == "1.0":
                self.keep_alive = False
            else:
                self._is_chunked = True
                headers.append((b"transfer-encoding", b"chunked"))

    def _can_drain(self) -> bool:
        """Whether what is left of the request is little, known, and surely on its way."""
        if self.waiting_for_100_continue:
            return False
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value) <= self.protocol.limits.drain_bytes
        return False

    def _framed(self, body: bytes, *, more: bool) -> bytes:
        """A part of the body as it goes over the wire, the first one with the head."""
        head, self._head = self._head, b""
        if self.scope["method"] == "HEAD":
            body = b""
        if self._is_chunked:
            if body:
                head += b"%x\r\n%b\r\n" % (len(body), body)
            if not more:
                head += b"0\r\n\r\n"
        else:
            self._count(len(body), more=more)
            head += body
        return head

    def _count(self, size: int, *, more: bool) -> None:
        if self._remaining is None:
            return
        self._remaining -= size
        if self._remaining < 0 or (self._remaining and not more):
            raise RuntimeError("the body does not have the length that was declared")

    def _complete(self) -> None:
        self.response_complete = True
        self.wake()
        if not self.keep_alive:
            if self.more_body:
                self.protocol.close_lingering()
            else:
                self.protocol.close()
        self.protocol.on_response_complete()
