"""Static page: bytes that are known at the start, compressed once, with their hash as the ETag."""

from __future__ import annotations

import gzip
from hashlib import sha256
from typing import Any, Final

from httprule import etag
from httprule.accept import wants_gzip
from httprule.compression import MIN_GZIP_BYTES

_VARY: Final = (b"vary", b"Accept-Encoding")


class StaticPage:
    """One page, as an ASGI application for `GatewayOptions.mounts`.

    By default `cache_control` makes clients ask each time, and get a 304. `headers` are sent
    unchanged.
    """

    def __init__(
        self,
        body: bytes,
        content_type: str,
        *,
        cache_control: str = "no-cache",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._tag = sha256(body).hexdigest()[:32]
        self._plain = body
        packed = gzip.compress(body, 9, mtime=0) if len(body) >= MIN_GZIP_BYTES else body
        self._packed = packed if len(packed) < len(body) else None
        self._headers = [
            (b"content-type", content_type.encode("latin-1")),
            (b"cache-control", cache_control.encode("latin-1")),
            (b"x-content-type-options", b"nosniff"),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers),
        ]
        if self._packed is not None:
            self._headers.append(_VARY)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        known = {name: value.decode("latin-1") for name, value in scope["headers"]}
        body, headers, strength = self._plain, [*self._headers], ""
        if self._packed is not None and wants_gzip(known.get(b"accept-encoding", "")):
            body, strength = self._packed, "W/"
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"etag", f'{strength}"{self._tag}"'.encode()))
        if etag.is_unchanged(known.get(b"if-none-match", ""), self._tag):
            await _send(send, 304, headers, b"")
        else:
            headers.append((b"content-length", str(len(body)).encode()))
            await _send(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _send(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
