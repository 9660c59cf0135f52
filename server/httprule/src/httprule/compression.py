"""gzip compression and decompression. Each step inflates a bounded piece, against gzip bombs."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from httprule import http_errors as http_errors

MIN_GZIP_BYTES: Final = 1024  # below, gzip saves no packet
_OFF_LOOP_BYTES: Final = 128 * 1024
_GZIP: Final = 31  # zlib's wbits for a gzip header and trailer
_LEVEL: Final = 5
_PIECE: Final = 64 * 1024


async def gzip_bytes(data: bytes) -> bytes:
    """Compresses a body. A large one in a thread, where zlib releases the interpreter lock."""
    if len(data) < _OFF_LOOP_BYTES:
        return _gzip(data)
    return await asyncio.to_thread(_gzip, data)


def _gzip(data: bytes) -> bytes:
    return zlib.compress(data, _LEVEL, wbits=_GZIP)


class GzipStream:
    """Compresses a stream. The client can inflate each pushed piece as soon as it arrives."""

    def __init__(self) -> None:
        self._deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def push(self, data: bytes) -> bytes:
        return self._deflater.compress(data) + self._deflater.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._deflater.flush(zlib.Z_FINISH)


class Inflater(Protocol):
    """Decodes the bytes of a body by its Content-Encoding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """The decoded bytes in pieces of bounded size. Raises `HttpError`."""

    def end(self) -> None:
        """Raises `HttpError` where the data ended too early."""


class Identity:
    """The coding `identity`: bytes that were sent plain."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        return None


class Gunzip:
    """The coding `gzip`, with any number of members."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP)
        self._is_begun = False
        self._is_full = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data or self._is_full:
            if self._inflater.eof:
                self._inflater = zlib.decompressobj(_GZIP)
            self._is_begun = True
            piece = self._inflate(data)
            if piece:
                yield piece
            # A full piece can leave output behind although all input is taken.
            self._is_full = len(piece) == _PIECE and not self._inflater.eof
            data = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _inflate(self, data: bytes) -> bytes:
        try:
            return self._inflater.decompress(data, _PIECE)
        except zlib.error:
            raise _broken() from None

    def end(self) -> None:
        if self._is_begun and not self._inflater.eof:
            raise _broken()


def inflater(content_encoding: str | None) -> Inflater:
    """The decoder of a body. Raises a 415 error for an unknown coding."""
    coding = (content_encoding or "identity").strip().lower()
    if coding == "identity":
        return Identity()
    if coding in ("gzip", "x-gzip"):
        return Gunzip()
    raise http_errors.coding_unsupported()


def _broken() -> Exception:
    return http_errors.malformed("The body is not the gzip data it says it is.", "MALFORMED_GZIP")
