"""Frames of a streamed reply, in the form that the client asked for, and their writer.

    NDJSON   message LF …                                 error: {"error": …} LF, then the end
    ARRAY    "[" message { "," message } "]"              error: ,{"error": …} and a cut connection
    SSE      "data: " message LF LF …                     error: "event: error" with the same object
    RAW      the data of each google.api.HttpBody         error: a cut connection
    SINGLE   one message, as for a unary method           error: a status, since nothing was sent

An error before the first message has a status of its own. The forms above are for later errors, so
that no client takes half a stream for a whole one.

The writer buffers frames while the source has more of them and sends them when it pauses: each
message leaves as soon as it is known, and many leave in one write. A slow reader stops the source,
so a stream of any length takes the memory of one buffer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

from httprule.accept import JSON, NDJSON, SSE
from httprule.compression import GzipStream

Send = Callable[[Any], Awaitable[None]]


class StreamHead(NamedTuple):
    """The start of a reply: its ASGI event, its compressor, and its keep-alive bytes."""

    head: Any
    gzip: GzipStream | None
    keep_alive: bytes


Begin = Callable[[bool], StreamHead | None]

_FULL: Final = 64 * 1024


class Framing(Enum):
    """The form of a stream: how its messages are separated."""

    NDJSON = NDJSON
    ARRAY = JSON
    SSE = SSE
    RAW = "raw"
    SINGLE = "single"


Frame = Callable[[bytes], bytes]

# Frames that are the same for the first message and for later ones.
_FRAMES: Final[Mapping[Framing, Frame]] = {
    Framing.NDJSON: lambda body: body + b"\n",
    Framing.SSE: lambda body: b"data: " + body + b"\n\n",
    Framing.RAW: lambda body: body,
    Framing.SINGLE: lambda body: body,
}

# Bytes without meaning, allowed between two messages. NDJSON has none.
KEEP_ALIVES: Final = {Framing.SSE: b":\n\n", Framing.ARRAY: b"\n"}


class StreamFramer:
    """Frames the messages of one stream.

    `message` frames one message: JSON without line feeds, or raw bytes.
    """

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self._is_empty = True
        self.message: Frame = _FRAMES.get(framing, self._element)

    def _element(self, body: bytes) -> bytes:
        if self._is_empty:
            self._is_empty = False
            return b"[" + body
        return b"," + body

    def error(self, body: bytes) -> bytes:
        """Frames the error of a stream that failed. `body` is a JSON object."""
        if not body.startswith(b'{"error":'):
            body = b'{"error":%b}' % body
        body = body.replace(b"\n", b" ")
        if self.framing is Framing.SSE:
            return b"event: error\ndata: %b\n\n" % body
        return b"" if self.framing is Framing.RAW else self.message(body)

    def end(self) -> bytes:
        """The bytes after the last message of a whole stream."""
        if self.framing is not Framing.ARRAY:
            return b""
        return b"[]" if self._is_empty else b"]"

    @property
    def is_cut_on_error(self) -> bool:
        """Whether only a closed connection shows a client that the stream is incomplete."""
        return self.framing in (Framing.ARRAY, Framing.RAW)


class StreamWriter:
    """Buffers frames and sends them from a task of its own.

    `begin` makes the start of the reply when it is due: with the first frame, or after
    `head_seconds` without one, so that the client of a quiet stream knows that it is open. It may
    return None while there is no frame; then the head waits for one.
    """

    def __init__(
        self, send: Send, begin: Begin, *, head_seconds: float, keep_alive_seconds: float
    ) -> None:
        self._send = send
        self._begin = begin
        self._head_seconds = head_seconds
        self._keep_alive_seconds = keep_alive_seconds
        self._gzip: GzipStream | None = None
        self._keep_alive = b""
        self._buffer: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self.is_started = False
        self._task = asyncio.create_task(self._run())

    def push(self, frame: bytes) -> bool:
        """Buffers a frame. Returns False where the buffer is full: then await `drain`."""
        if not self._buffer:
            self._wake.set()
        self._buffer.append(frame)
        self._size += len(frame)
        return self._size < _FULL

    async def drain(self) -> None:
        """Waits until the buffer is sent. Raises the exception of the sending task."""
        while self._buffer or self._size:
            if self._task.done():
                self._task.result()
                return
            self._drained.clear()
            await self._drained.wait()

    async def finish(self, last: bytes, *, cut: bool = False) -> None:
        """Sends the last frame and ends the reply, unless it is `cut`."""
        self.push(last)
        await self.drain()
        self.cancel()
        if not cut:
            rest = self._gzip.finish() if self._gzip else b""
            await self._send({"type": "http.response.body", "body": rest, "more_body": False})

    def cancel(self) -> None:
        """Stops sending."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._start()
            while True:
                await self._pause()
                await self._flush()
        finally:
            self._drained.set()

    async def _start(self) -> None:
        opening: StreamHead | None = None
        while opening is None:
            is_quiet = not await self._woken(self._head_seconds)
            opening = self._begin(is_quiet)
        self.is_started = True
        self._gzip, self._keep_alive = opening.gzip, opening.keep_alive
        await self._send(opening.head)
        if not self._buffer:
            await self._send({"type": "http.response.body", "body": b"", "more_body": True})

    async def _pause(self) -> None:
        """Waits until there are bytes to send: a frame, or a keep-alive."""
        if not self._keep_alive:
            await self._wake.wait()
        elif not await self._woken(self._keep_alive_seconds):
            self.push(self._keep_alive)

    async def _woken(self, seconds: float) -> bool:
        if self._wake.is_set():
            return True
        try:
            async with asyncio.timeout(seconds):
                return await self._wake.wait()
        except TimeoutError:
            return False

    async def _flush(self) -> None:
        frames, size = self._buffer, self._size
        self._buffer = []
        self._wake.clear()
        body = frames[0] if len(frames) == 1 else b"".join(frames)
        if self._gzip is not None:
            body = self._gzip.push(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        self._size -= size
        self._drained.set()
