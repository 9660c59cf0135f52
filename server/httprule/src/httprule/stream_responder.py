"""Responder of one server stream: sends the messages of a backend as the frames of a reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import Message

from httprule.accept import wants_gzip
from httprule.binding import BINARY_TYPE
from httprule.compression import GzipStream
from httprule.exchange import Exchange, GatewayRoute
from httprule.headers import encode_value
from httprule.options import GatewayOptions
from httprule.response import NOSNIFF, AbortResponse, RawHeaders, Send, may_gzip
from httprule.streaming import KEEP_ALIVES, Frame, Framing, StreamFramer, StreamHead, StreamWriter


class StreamResponder:
    """Sends one stream. `headers` makes the headers of the reply when its head is due."""

    def __init__(
        self,
        route: GatewayRoute,
        exchange: Exchange,
        send: Send,
        options: GatewayOptions,
        headers: Any,
    ) -> None:
        self._route = route
        self._exchange = exchange
        self._options = options
        self._headers = headers
        self._is_head = exchange.head.http_method == "HEAD"
        self._frames: StreamFramer | None = None
        self._content_type = BINARY_TYPE
        self._writer = StreamWriter(
            send,
            self._begin,
            head_seconds=options.stream_head_seconds,
            keep_alive_seconds=options.stream_keep_alive_seconds,
        )

    @property
    def is_started(self) -> bool:
        """Whether the head of the reply was sent, or must be, because there are messages."""
        return self._writer.is_started or self._frames is not None

    def close(self) -> None:
        """Stops sending."""
        self._writer.cancel()

    async def run(self, source: AsyncIterator[Message]) -> Message | None:
        """Sends every message, then the end of the reply.

        With the framing SINGLE it sends nothing and returns the one message. Raises the exceptions
        of the source; it closes the source in any case.
        """
        push, text_of = self._writer.push, self._exchange.print
        try:
            async for message in source:
                if self._frames is None:
                    if self._exchange.framing is Framing.SINGLE:
                        return message
                    frame = self._open(message)
                if not push(frame(text_of(message))):
                    await self._writer.drain()
                if self._is_head:
                    break
        finally:
            await _close(source)
        if self._exchange.framing is Framing.SINGLE:
            raise RuntimeError("a stream that was to give one message gave none")
        frames = self._frames or StreamFramer(self._exchange.framing)
        await self._writer.finish(frames.end())
        return None

    async def fail(self, body: bytes) -> None:
        """Ends a stream that has begun with an error, a JSON object.

        Raises `AbortResponse` where only a closed connection shows the client that the stream is
        incomplete.
        """
        frames = self._frames or StreamFramer(self._exchange.framing)
        await self._writer.finish(frames.error(body), cut=frames.is_cut_on_error)
        if frames.is_cut_on_error:
            raise AbortResponse

    def _open(self, first: Message) -> Frame:
        """Chooses the framing of this stream when its first message is there."""
        self._content_type = self._route.binding.content_type(first)
        self._frames = StreamFramer(self._exchange.framing)
        return self._frames.message

    def _begin(self, is_quiet: bool) -> StreamHead | None:
        framing = self._exchange.framing
        if is_quiet and framing in (Framing.SINGLE, Framing.RAW):
            return None  # the head depends on the first message
        content_type = self._content_type if framing is Framing.RAW else framing.value
        headers: RawHeaders = self._headers(self._route, self._exchange)
        headers += ((b"content-type", encode_value(content_type)), NOSNIFF)
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        headers.append((b"x-accel-buffering", b"no"))
        gzip = self._gzip(framing, content_type, headers)
        head = {"type": "http.response.start", "status": 200, "headers": headers}
        return StreamHead(head, gzip, KEEP_ALIVES.get(framing, b""))

    def _gzip(self, framing: Framing, content_type: str, headers: RawHeaders) -> GzipStream | None:
        """The compressor of a stream, None for one sent plain: proxies buffer compressed events."""
        is_plain = framing in (Framing.SSE, Framing.RAW) or not self._options.gzip
        if is_plain or not may_gzip(content_type, headers):
            return None
        headers.append((b"vary", b"Accept, Accept-Encoding"))
        if not wants_gzip(self._exchange.head.headers.get("accept-encoding", "")):
            return None
        headers.append((b"content-encoding", b"gzip"))
        return GzipStream()


async def _close(source: AsyncIterator[Message]) -> None:
    """Closes an async generator, so that its `finally` blocks run now, not when it is collected."""
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
