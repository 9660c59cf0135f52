"""Reply with a known body: its headers, its compression, and the coalescer of socket writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from httprule.accept import wants_gzip
from httprule.compression import MIN_GZIP_BYTES, gzip_bytes
from httprule.headers import encode_value

# Where an ASGI scope holds the connection: its event loop, and its way to send a whole reply.
CONNECTION_KEY: Final = "httprule.connection"

RawHeaders = list[tuple[bytes, bytes]]
Send = Callable[[Any], Awaitable[None]]
SendWhole = Callable[[int, RawHeaders, bytes], bool]

# A browser must not take a reply for another type than it states.
NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
_VARY: Final = (b"vary", b"Accept-Encoding")
_DENSE: Final = ("image/", "video/", "audio/", "application/zip", "application/gzip")


class AbortResponse(Exception):
    """An application raises this to cut a reply, so that no client takes it for a whole one."""


class HttpResponse(NamedTuple):
    """A whole reply. Without a `content_type` it has no body."""

    status: int
    content_type: str
    body: bytes
    headers: RawHeaders


def no_content(headers: RawHeaders) -> HttpResponse:
    """Makes a 204 reply, which has headers alone."""
    return HttpResponse(204, "", b"", headers)


async def send_reply(
    send: Send,
    reply: HttpResponse,
    request_headers: Mapping[str, str],
    *,
    gzip: bool = True,
    send_whole: SendWhole | None = None,
) -> None:
    """Sends a reply, compressed where the client accepts gzip and it helps.

    `send_whole` is tried first where a server has it: it sends a whole reply, or returns False.
    """
    status, content_type, body, headers = reply
    if content_type:
        headers += ((b"content-type", encode_value(content_type)), NOSNIFF)
        if gzip and len(body) >= MIN_GZIP_BYTES and may_gzip(content_type, headers):
            headers.append(_VARY)
            if wants_gzip(request_headers.get("accept-encoding", "")):
                body = await gzip_bytes(body)
                headers.append((b"content-encoding", b"gzip"))
                _weaken_etag(headers)
        headers.append((b"content-length", b"%d" % len(body)))
    if send_whole is not None and send_whole(status, headers, body):
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def may_gzip(content_type: str, headers: RawHeaders) -> bool:
    """Whether compression is allowed, and helps for this type."""
    if content_type.startswith(_DENSE):
        return False
    return not any(n == b"cache-control" and b"no-transform" in v for n, v in headers)


def _weaken_etag(headers: RawHeaders) -> None:
    """Makes a strong tag weak: it names the plain bytes, not the compressed ones."""
    for index, (name, value) in enumerate(headers):
        if name == b"etag" and not value.startswith(b"W/"):
            headers[index] = (name, b"W/" + value)


_MOST_WAITING: Final = 16  # the first of them waits for all that follow
_LARGE: Final = 64 * 1024  # larger replies are sent at once, not held in memory


class WriteCoalescer:
    """The waiting replies of all connections of one event loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def write(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, data: bytes
    ) -> None:
        """Sends at the end of this turn of the loop, or when enough replies wait."""
        self._waiting.append((transport, data))
        if len(self._waiting) >= _MOST_WAITING or len(data) > _LARGE:
            self.flush()
        elif len(self._waiting) == 1:
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Sends all waiting replies. To be called before every direct write or close."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for transport, data in waiting:
            if not transport.is_closing():
                transport.write(data)
