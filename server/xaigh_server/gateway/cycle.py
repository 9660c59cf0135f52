"""One request and its reply on a connection: uvicorn's `receive`, and a `send` of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from xaigh_server.gateway.protocol import GatewayProtocol

# Where an ASGI scope holds the event loop that serves it.
LOOP_KEY: Final = "xaigh.loop"

_BODYLESS: Final = frozenset({204, 304})


class CutStream(Exception):
    """Raised by an application to end a reply unfinished, so that no client takes it for whole."""


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


class Cycle(RequestResponseCycle):
    """Writes the head together with the first bytes of the body, and decides what comes after.

    `task` runs the application; `protocol` is the connection.
    """

    protocol: GatewayProtocol
    task: asyncio.Task[None] | None = None
    _head: bytes = b""
    _remaining: int | None = None  # of the declared Content-Length; None: no length declared

    def hang_up(self) -> None:
        """The client is gone: what is sent from now on goes nowhere, and the call is cancelled."""
        self.disconnected = True
        self.message_event.set()
        if self.task is not None:
            self.task.cancel()

    async def run_asgi(self, app: Any) -> None:
        try:
            await app(self.scope, self.receive, self.send)
        except asyncio.CancelledError:
            if not self.disconnected:
                self.protocol.close()  # the server stops
        except CutStream:
            self.protocol.close()
        except Exception as error:
            self.logger.error("The application failed.", exc_info=error)
            self.protocol.close()
        else:
            if not self.response_complete and not self.disconnected:
                self.logger.error("The application ended without a whole reply.")
                self.protocol.close()

    async def send(self, message: Any) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if not self.response_started:
            self._start(message)
        elif self.response_complete:
            raise RuntimeError("the reply is complete already")
        else:
            self._write(message.get("body", b""), more=message.get("more_body", False))

    def _start(self, message: Any) -> None:
        if message["type"] != "http.response.start":
            raise RuntimeError(f"a reply cannot start with {message['type']!r}")
        self.response_started = True
        status = message["status"]
        headers = [*self.default_headers, *message.get("headers", ())]
        for name, value in headers:
            if name == b"content-length":
                self._remaining = int(value)
            elif name == b"connection" and value == b"close":
                self.keep_alive = False
        self._frame(status, headers)
        if self.keep_alive and self.more_body and (status == 408 or not self._can_drain()):
            self.keep_alive = False
        if not self.keep_alive and (b"connection", b"close") not in headers:
            headers.append((b"connection", b"close"))
        self.waiting_for_100_continue = False
        self._head = head_block(STATUS_LINE[status], headers)

    def _frame(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """How the client learns where the body ends: by length, by chunks, or by the connection."""
        self.chunked_encoding = False
        if self.scope["method"] == "HEAD" or status in _BODYLESS:
            self._remaining = 0
        elif self._remaining is None:
            if self.scope["http_version"] == "1.0":
                self.keep_alive = False
            else:
                self.chunked_encoding = True
                headers.append((b"transfer-encoding", b"chunked"))

    def _can_drain(self) -> bool:
        """Whether what is left of the request is little, known, and surely on its way."""
        if self.waiting_for_100_continue:
            return False
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value) <= self.protocol.limits.drain_bytes
        return False

    def _write(self, body: bytes, *, more: bool) -> None:
        head, self._head = self._head, b""
        if self.scope["method"] == "HEAD":
            body = b""
        if self.chunked_encoding:
            if body:
                head += b"%x\r\n%b\r\n" % (len(body), body)
            if not more:
                head += b"0\r\n\r\n"
        else:
            self._count(len(body), more=more)
            head += body
        if head:
            self.transport.write(head)
        if not more:
            self._complete()

    def _count(self, size: int, *, more: bool) -> None:
        if self._remaining is None:
            return
        self._remaining -= size
        if self._remaining < 0 or (self._remaining and not more):
            raise RuntimeError("the body does not have the length that was declared")

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            if self.more_body:
                self.protocol.linger()
            else:
                self.protocol.close()
        self.on_response()
