"""Request-response cycle of a connection: ASGI's `receive` and `send`, and whole replies."""

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
    """The bytes of a reply's head. Raises `RuntimeError` where a header holds a line break."""
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
    """One request and its reply. `task` runs the application, `protocol` is the connection.

    The cycle writes the head together with the first bytes of the body. When the reply is complete
    it keeps or closes the connection.
    """

    __slots__ = (
        "_body",
        "_changed",
        "_has_changed",
        "_head",
        "_is_chunked",
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
        self._has_changed = False  # since the last `receive`
        self._changed: asyncio.Event | None = None  # made when a `receive` waits
        self._head = b""
        self._is_chunked = False
        self._remaining: int | None = None  # of the declared Content-Length; None: none declared

    # -- the request ---------------------------------------------------------------------------

    def take(self, body: bytes) -> int:
        """Buffers a piece of the body. Returns how many bytes `receive` has not taken yet."""
        if not self._body:
            self._body = body
        else:
            if isinstance(self._body, bytes):
                self._body = bytearray(self._body)
            self._body += body
        self.wake()
        return len(self._body)

    def wake(self) -> None:
        """Makes a waiting `receive` return."""
        self._has_changed = True
        if self._changed is not None:
            self._changed.set()

    async def receive(self) -> Any:
        """ASGI's `receive`: the next piece of the body, or the disconnect."""
        if self.waiting_for_100_continue and not self.protocol.transport.is_closing():
            self.protocol.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.waiting_for_100_continue = False
        if not self.disconnected and not self.response_complete:
            self.protocol.flow.resume_reading()
            if not self._has_changed:
                await self._wait()
            self._has_changed = False
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self._body = self._body, b""
        return {"type": "http.request", "body": bytes(body), "more_body": self.more_body}

    async def _wait(self) -> None:
        if self._changed is None:
            self._changed = asyncio.Event()
        await self._changed.wait()
        self._changed.clear()

    def hang_up(self) -> None:
        """Cancels the call, since the client is gone. What is sent from now on is dropped."""
        self.disconnected = True
        self.wake()
        if self.task is not None:
            self.task.cancel()

    async def run(self, app: Any) -> None:
        """Runs the application and closes the connection where it fails."""
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
        """Sends a whole reply in one write. Returns False where only `send` can do it.

        The reply leaves with the other replies of this turn of the event loop.
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
        """ASGI's `send`: the next part of the reply."""
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
        """Chooses what ends the body: its length, its last chunk, or the end of the connection."""
        if self.scope["method"] == "HEAD" or status in _BODYLESS:
            self._remaining = 0
        elif self._remaining is None:
            if self.scope["http_version"] == "1.0":
                self.keep_alive = False
            else:
                self._is_chunked = True
                headers.append((b"transfer-encoding", b"chunked"))

    def _can_drain(self) -> bool:
        """Whether the rest of the request is small, of known size, and already on its way."""
        if self.waiting_for_100_continue:
            return False
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value) <= self.protocol.limits.drain_bytes
        return False

    def _framed(self, body: bytes, *, more: bool) -> bytes:
        """The wire form of a part of the body; the first part has the head before it."""
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
