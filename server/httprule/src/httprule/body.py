"""Reader of a request body: checks its framing and bounds its size and its pauses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

from httprule import http_errors as http_errors
from httprule.cancel_scope import CancelScope, Interrupted, Interruption
from httprule.compression import inflater
from httprule.limits import BodyLimits

Receive = Callable[[], Awaitable[Any]]

NDJSON_TYPES: Final = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
)
_CHARSETS: Final = ("utf-8", "utf8", "us-ascii")


class ClientGone(Exception):
    """The client hung up before it had sent the whole request."""


class BodyReader:
    """The body of one request. It is read once, either whole or in pieces."""

    __slots__ = ("_headers", "_is_usual", "_loop", "_receive", "limits")

    def __init__(
        self,
        receive: Receive,
        headers: Mapping[str, str],
        limits: BodyLimits,
        loop: asyncio.AbstractEventLoop,
        *,
        is_usual: bool = True,
    ) -> None:
        """`is_usual`: requests of this HTTP method have bodies, so a media type announces one."""
        self._is_usual = is_usual
        self._receive = receive
        self._headers = headers
        self._loop = loop
        self.limits = limits

    @property
    def is_announced(self) -> bool:
        """Whether the head says that a body follows."""
        return (
            self._headers.get("content-length", "0") != "0" or "transfer-encoding" in self._headers
        )

    def check_framing(self) -> None:
        """Raises an HTTP error for a body whose framing is wrong. Reads nothing."""
        headers = self._headers
        coding = headers.get("transfer-encoding")
        if coding is not None:
            if coding.strip().lower() != "chunked":
                raise http_errors.transfer_coding_unsupported()
        elif self._is_usual and "content-length" not in headers and "content-type" in headers:
            raise http_errors.length_required()

    async def read_all(self) -> bytes:
        """The inflated body. Raises an HTTP error: 408, 411, 413, 415 or 501."""
        self.check_framing()
        if not self.is_announced:
            return b""
        limit = self.limits.body_bytes
        length = self._headers.get("content-length")
        if length is not None and int(length) > limit:
            raise http_errors.payload_too_large(limit)
        parts: list[bytes] = []
        size = 0
        async for piece in self._pieces(self.limits.idle_seconds):
            size += len(piece)
            if size > limit:
                raise http_errors.payload_too_large(limit)
            parts.append(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The inflated body in bounded pieces, received no faster than the caller takes them."""
        self.check_framing()
        if self.is_announced:
            async for piece in self._pieces(self.limits.stream_idle_seconds):
                yield piece

    async def _pieces(self, idle_seconds: float) -> AsyncIterator[bytes]:
        inflating = inflater(self._headers.get("content-encoding"))
        more = True
        while more:
            event = await self._next(idle_seconds)
            if event["type"] != "http.request":
                raise ClientGone
            more = event.get("more_body", False)
            for piece in inflating.pieces(event.get("body", b"")):
                if piece:
                    yield piece
        inflating.end()

    async def _next(self, idle_seconds: float) -> Any:
        try:
            with CancelScope(self._loop, idle_seconds, Interruption.IDLE):
                return await self._receive()
        except Interrupted:
            raise http_errors.request_timeout(
                f"The request body stood still for {idle_seconds:g} seconds."
            ) from None


def media_type(header: str | None) -> str:
    """The media type without parameters, in lower case; empty where the header is or there is none.

    Raises a 415 error for a charset other than UTF-8, since JSON has no other.
    """
    if not header or header.isspace():
        return ""
    kind, *parameters = header.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        is_charset = name.strip().lower() == "charset"
        if is_charset and value.strip().strip('"').lower() not in _CHARSETS:
            raise http_errors.media_type_unsupported(("application/json; charset=utf-8",))
    return kind.strip().lower() or header  # parameters of no type: not one that we read


def is_json(kind: str) -> bool:
    """Whether a media type is JSON or ends in `+json` (RFC 6839). No type counts as JSON."""
    return not kind or kind == "application/json" or (kind.endswith("+json") and "/" in kind)
