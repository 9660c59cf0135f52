"""HTTP/1.1 protocol of one connection: uvicorn's httptools protocol with limits and cancellation.

What it adds to uvicorn, and why:

* A head has a bound of size (431) and time (408), else a slow client holds a connection for ever.
* A client that hangs up cancels its call. uvicorn only ignores `send` from then on, so a stream
  without a reader would run for ever.
* Bytes that are not HTTP are answered with an error in the form of all others.
* A reply that leaves part of the request unread ends the connection, unless the rest is small;
  otherwise the server would have to read the rest, whatever its size. It closes lingering: it reads
  and drops bytes for a moment, since a reset would destroy the reply before the client reads it.
* A client that stops reading is disconnected: otherwise its reply stays in memory.
* `Upgrade` is declined as RFC 9110 says: as if the header were absent. The parser would lose the
  body of such a request, so the head is fed again without the header.
* HTTP/1.0 gets no chunks; its streams end with the connection.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from inspect import isawaitable
from typing import Any, Final

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from httprule import http_errors as http_errors
from httprule.connections import ConnectionCounts
from httprule.cycle import RequestResponseCycle, asgi_scope, head_block
from httprule.failures import ErrorResponse, HttpError
from httprule.headers import RequestHead
from httprule.limits import ConnectionLimits
from httprule.response import NOSNIFF, WriteCoalescer

RenderError = Callable[[RequestHead, HttpError], Any]

_PIPELINED: Final = 16
_UPGRADING: Final = frozenset({b"upgrade", b"connection", b"http2-settings"})


class GatewayProtocol(HttpToolsProtocol):
    """One connection. `cycle` is the newest request, `running` the one that is answered."""

    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # a class of ours

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
        render_error: RenderError,
        write_coalescer: WriteCoalescer,
        counts: ConnectionCounts,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.limits = limits
        self.render_error = render_error
        self.write_coalescer = write_coalescer
        self.counts = counts
        self._admitted = False
        self.running: RequestResponseCycle | None = None
        self.pipelined: deque[RequestResponseCycle] = deque()
        self.ignores_input = False  # bytes that still arrive are dropped
        self.closing_soon = False
        self._fault: HttpError | None = None
        self._in_head = False
        self._unplaced = 0  # bytes fed since the parser last completed an element
        self._head_bytes = 0
        self._hosts = 0
        self._replay = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._idle_since = 0.0
        self._stalled_at = 0
        self._error_task: asyncio.Task[None] | None = None

    # -- the connection ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._admitted = self.counts.admit(self._address)
        if not self._admitted:
            self._refuse(http_errors.overloaded())
            return
        self._idle_since = self.loop.time()
        self._idle_timer = self.loop.call_later(self.limits.head_seconds, self._idle)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted:
            self._admitted = False
            self.counts.leave(self._address)
        running, self.running = self.running, None
        self.cycle = None
        self.pipelined.clear()
        self.ignores_input = True
        for timer in (self._head_timer, self._stall_timer, self._idle_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        if running is not None and not running.response_complete:
            running.hang_up()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def shutdown(self) -> None:
        """Closes after the running request; takes no other."""
        self.closing_soon = True
        if self.running is None:
            self.write_coalescer.flush()
            self.transport.close()
        else:
            self.running.keep_alive = False
            self.pipelined.clear()

    # -- bytes in ------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.ignores_input:
            return
        self._unplaced += len(data)
        self._feed(data)
        if self.ignores_input:
            return
        if self._unplaced > self.limits.head_bytes:
            self._refuse(self._too_large())
        elif self._in_head and self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.head_seconds, self._head_expired)

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(
                self._fault or http_errors.malformed("The bytes received are not HTTP/1.1.")
            )

    def _decline_upgrade(self, rest: bytes) -> None:
        self.parser = httptools.HttpRequestParser(self)
        if not self._replay:
            return
        self._replay = False
        lines = [self._method, b" ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            if name not in _UPGRADING:
                lines += [name, b": ", value, b"\r\n"]
        self._feed(b"".join([*lines, b"\r\n", rest]))

    # -- parser callbacks ----------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._in_head = True
        self._head_bytes = 0
        self._hosts = 0

    def on_url(self, url: bytes) -> None:
        self.url += url
        self._head_bytes += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer field, which must not pass as a header
        self._head_bytes += len(name) + len(value) + 4
        name = name.lower()
        if name == b"host":
            self._hosts += 1
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._unplaced = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        self._method = self.parser.get_method()
        version = self.parser.get_http_version()
        self._check_head(version)
        if self.parser.should_upgrade() and self._method != b"CONNECT":
            self._replay = True
            return
        self._begin_cycle(asgi_scope(self, self._method, version), version)

    def on_body(self, body: bytes) -> None:
        self._unplaced = 0
        cycle = self.cycle
        if self._replay or cycle is None or cycle.response_complete:
            return
        if cycle.take(body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        self._unplaced = 0
        if self._replay or self.cycle is None:
            return
        self.cycle.more_body = False
        self.cycle.wake()

    def _check_head(self, version: str) -> None:
        """Raises, through the parser, for a head that is refused; `_fault` is the error."""
        if self._head_bytes > self.limits.head_bytes or len(self.headers) > self.limits.head_fields:
            self._fault = self._too_large()
        elif version not in ("1.1", "1.0"):
            self._fault = http_errors.malformed("Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        elif self._hosts != 1 and (version == "1.1" or self._hosts):
            self._fault = http_errors.malformed("A request carries exactly one Host header.")
        if self._fault is not None:
            raise self._fault

    # -- requests ------------------------------------------------------------------------------

    def _begin_cycle(self, scope: Any, version: str) -> None:
        is_new = version == "1.1"
        self.cycle = cycle = RequestResponseCycle(
            self,
            scope,
            keep_alive=is_new and self.parser.should_keep_alive() and not self.closing_soon,
            expects_100=is_new and self.expect_100_continue,
        )
        if self.running is None:
            self._run(cycle)
        else:
            # Only a connection that is read shows a client that hangs up, so a few requests wait
            # before reading pauses.
            self.pipelined.append(cycle)
            if len(self.pipelined) >= _PIPELINED:
                self.flow.pause_reading()

    def _run(self, cycle: RequestResponseCycle) -> None:
        self.running = cycle
        cycle.task = task = self.loop.create_task(cycle.run(self.app))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def reply(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Sends a whole reply to the running request. False where it has to wait for the client."""
        return self.running is None or self.running.reply(status, headers, body)

    def write(self, data: bytes) -> None:
        """Sends at once, after the replies that wait."""
        self.write_coalescer.flush()
        self.transport.write(data)

    def write_soon(self, data: bytes) -> None:
        """Sends with the other replies of this turn of the event loop."""
        self.write_coalescer.write(self.loop, self.transport, data)

    def on_response_complete(self) -> None:
        """Takes the next request. The cycle has closed the connection already where it had to."""
        self.server_state.total_requests += 1
        self.running = None
        if self.ignores_input or self.transport.is_closing():
            return
        self._idle_since = self.loop.time()
        self.flow.resume_reading()
        if self.pipelined:
            self._run(self.pipelined.popleft())

    # -- errors and endings --------------------------------------------------------------------

    def _refuse(self, error: HttpError) -> None:
        """Answers bytes that are no request, then closes. Never in the middle of another reply."""
        self.ignores_input = True
        self.pipelined.clear()
        running = self.running
        if running is None:
            self._send_error(error)
        elif running is self.cycle and running.more_body:
            running.hang_up()  # the fault is in its own body: the call has no whole request
            self.running = None
            if running.response_started:
                self.close()
            else:
                self._send_error(error)
        else:
            running.keep_alive = False

    def _send_error(self, error: HttpError) -> None:
        response = self.render_error(self._partial_head(), error)
        if isawaitable(response):
            self._error_task = self.loop.create_task(self._send_later(response))
            self.tasks.add(self._error_task)
            self._error_task.add_done_callback(self.tasks.discard)
        else:
            self._write_error(response)

    async def _send_later(self, response: Any) -> None:
        self._write_error(await response)

    def _write_error(self, response: ErrorResponse) -> None:
        if self.transport.is_closing():
            return
        headers = [
            *self.server_state.default_headers,
            (b"content-type", response.content_type.encode("latin-1")),
            NOSNIFF,
            *((n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in response.headers),
            (b"content-length", str(len(response.body)).encode()),
            (b"connection", b"close"),
        ]
        self.write(head_block(STATUS_LINE[response.status], headers) + response.body)
        self.close_lingering()

    def _partial_head(self) -> RequestHead:
        """The known part of a request in which the parser has stopped."""
        headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in self.headers or ()}
        return RequestHead(
            http_method="",
            path="",
            peer=self._address,
            headers={"accept": headers["accept"]} if "accept" in headers else {},
        )

    def close_lingering(self) -> None:
        """Closes our half at once, and the connection after the client had time to read."""
        self.ignores_input = True
        self.write_coalescer.flush()
        self.flow.resume_reading()
        if not self.transport.can_write_eof():
            self.close()
            return
        self.transport.write_eof()
        self.loop.call_later(self.limits.linger_seconds, self.close)

    def close(self) -> None:
        """Closes when the reply has left; aborts where the client does not take it."""
        self.ignores_input = True
        self.write_coalescer.flush()
        if not self.transport.is_closing():
            self.transport.close()
            self.pause_writing()

    def _too_large(self) -> HttpError:
        return http_errors.header_too_large(
            f"The request line and headers exceed {self.limits.head_bytes} bytes "
            f"or {self.limits.head_fields} fields."
        )

    # -- timers --------------------------------------------------------------------------------

    def _idle(self) -> None:
        """Closes an idle connection, without a reply.

        One timer serves all requests of a connection: a timer for each would cost more.
        """
        is_new = self.cycle is None
        allowed = self.limits.head_seconds if is_new else self.limits.keep_alive_seconds
        left = self._idle_since + allowed - self.loop.time()
        if self.running is not None or self._in_head:
            left = allowed
        elif left <= 0:
            self.close()
            return
        self._idle_timer = self.loop.call_later(left, self._idle)

    def _head_expired(self) -> None:
        self._head_timer = None
        if self.ignores_input:
            return
        if self.running is not None:
            # Half of a pipelined head, while reading pauses: the client is not at fault.
            self._head_timer = self.loop.call_later(self.limits.head_seconds, self._head_expired)
            return
        self._refuse(
            http_errors.request_timeout(
                f"The request head did not arrive within {self.limits.head_seconds:g} seconds."
            )
        )

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled_at = self.transport.get_write_buffer_size()
        if self._stall_timer is None:
            self._stall_timer = self.loop.call_later(self.limits.stall_seconds, self._stalled)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall_timer is not None and not self.transport.is_closing():
            self._stall_timer.cancel()
            self._stall_timer = None

    def _stalled(self) -> None:
        self._stall_timer = None
        waiting = self.transport.get_write_buffer_size()
        if waiting >= self._stalled_at:
            self.transport.abort()
            return
        self._stalled_at = waiting
        self._stall_timer = self.loop.call_later(self.limits.stall_seconds, self._stalled)
