"""gzip in both directions, in pieces of any size."""

from __future__ import annotations

import gzip
import os
import zlib

import pytest

from httprule.compression import Gunzip, GzipStream, Identity, gzip_bytes, inflater
from httprule.failures import HttpError


def _inflate(data: bytes, step: int) -> bytes:
    gunzip = Gunzip()
    out = b"".join(
        piece
        for start in range(0, len(data), step)
        for piece in gunzip.pieces(data[start : start + step])
    )
    gunzip.end()
    return out


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    "body", [b"", b"a", b"ab" * 100_000, os.urandom(200_000), b" " * (64 * 1024), b" " * 131_071]
)
def test_any_pieces(body: bytes, step: int) -> None:
    """However the data is cut, it unfolds to the same."""
    step = max(step, len(body) // 5000)
    assert _inflate(gzip.compress(body, mtime=0), step) == body


def test_members() -> None:
    """Several members are one body, also when a piece ends between them."""
    data = gzip.compress(b"a", mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(b"b", mtime=0)
    assert [_inflate(data, step) for step in (1, 21, 1000)] == [b"ab"] * 3


def test_pieces_are_bounded() -> None:
    """A bomb unfolds a piece at a time, as far as it is read."""
    gunzip = Gunzip()
    bomb = gzip.compress(b" " * 50_000_000, mtime=0)
    sizes = [len(piece) for _, piece in zip(range(3), gunzip.pieces(bomb), strict=False)]
    assert sizes == [65_536] * 3


@pytest.mark.parametrize(
    "data",
    [
        b"plain",
        gzip.compress(b"a", mtime=0)[:-1],
        gzip.compress(b"a", mtime=0)[:-8],
        zlib.compress(b"a"),
    ],
)
def test_broken(data: bytes) -> None:
    """What is no gzip, or not all of it, is refused."""
    with pytest.raises(HttpError) as refused:
        _inflate(data, 1000)
    assert refused.value.reason == "MALFORMED_GZIP"


def test_codings() -> None:
    """gzip by both its names, identity, and nothing else."""
    assert isinstance(inflater(None), Identity)
    assert isinstance(inflater(" Identity"), Identity)
    assert isinstance(inflater("X-GZIP"), Gunzip)
    for unknown in ("br", "gzip, gzip", "deflate"):
        with pytest.raises(HttpError):
            inflater(unknown)


def test_stream_is_readable_as_far_as_it_came() -> None:
    """Every push can be read on the other side at once."""
    out, back = GzipStream(), zlib.decompressobj(31)
    assert back.decompress(out.push(b"one")) == b"one"
    assert back.decompress(out.push(b"two")) == b"two"
    back.decompress(out.finish())
    assert back.eof


async def test_large_bodies() -> None:
    """A large body is compressed beside the event loop, to the same bytes."""
    body = os.urandom(200_000)
    assert gzip.decompress(await gzip_bytes(body)) == body
