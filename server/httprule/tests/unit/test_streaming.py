"""Frames, and the writer that sends them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from httprule.streaming import Framing, StreamFramer, StreamHead, StreamWriter
from httprule_harness.waiting import until

HEAD = {"type": "http.response.start", "status": 200, "headers": []}
OPENING = StreamHead(HEAD, None, b"")


@pytest.mark.parametrize(
    ("framing", "whole", "empty", "failed"),
    [
        (Framing.NDJSON, b"1\n2\n", b"", b'1\n{"error":{}}\n'),
        (Framing.ARRAY, b"[1,2]", b"[]", b'[1,{"error":{}}'),
        (
            Framing.SSE,
            b"data: 1\n\ndata: 2\n\n",
            b"",
            b'data: 1\n\nevent: error\ndata: {"error":{}}\n\n',
        ),
        (Framing.RAW, b"12", b"", b"1"),
    ],
)
def test_frames(framing: Framing, whole: bytes, empty: bytes, failed: bytes) -> None:
    """A whole stream, an empty one and a failed one differ for every client."""
    frames = StreamFramer(framing)
    assert frames.message(b"1") + frames.message(b"2") + frames.end() == whole
    assert StreamFramer(framing).end() == empty
    frames = StreamFramer(framing)
    assert frames.message(b"1") + frames.error(b"{}") == failed
    frames = StreamFramer(framing)
    assert frames.message(b"1") + frames.error(b'{"error":{}}') == failed


def test_an_error_is_one_line() -> None:
    """An error page that was printed over several lines does not break the frame."""
    assert StreamFramer(Framing.NDJSON).error(b'{\n"a":1\n}') == b'{"error":{ "a":1 }}\n'


class Wire:
    """Takes what is sent; `slow` makes it wait for `go`."""

    def __init__(self, *, slow: bool = False) -> None:
        self.sent: list[Any] = []
        self.go = asyncio.Event()
        if not slow:
            self.go.set()

    async def send(self, event: Any) -> None:
        await self.go.wait()
        self.sent.append(event)

    @property
    def body(self) -> bytes:
        return b"".join(event.get("body", b"") for event in self.sent)


def _writer(
    wire: Wire, *, head: float = 10, keep_alive: float = 10, sign: bytes = b""
) -> StreamWriter:
    opening = OPENING._replace(keep_alive=sign)
    return StreamWriter(
        wire.send, lambda _: opening, head_seconds=head, keep_alive_seconds=keep_alive
    )


async def test_frames_that_come_together_leave_together() -> None:
    """What is there at once is one write."""
    wire = Wire()
    writer = _writer(wire)
    for piece in (b"a", b"b", b"c"):
        assert writer.push(piece)
    await writer.finish(b"d")
    assert [event.get("body") for event in wire.sent] == [None, b"abcd", b""]
    assert wire.sent[-1]["more_body"] is False


async def test_a_frame_leaves_alone() -> None:
    """A frame does not wait for the next one."""
    wire = Wire()
    writer = _writer(wire)
    writer.push(b"a")
    await until(lambda: wire.body == b"a")
    writer.cancel()


async def test_a_full_buffer_stops_the_source() -> None:
    """A slow reader makes the source wait, and all comes through in order."""
    wire = Wire(slow=True)
    writer = _writer(wire)
    assert not writer.push(b"a" * 70_000)
    waiting = asyncio.create_task(writer.drain())
    await asyncio.sleep(0)
    assert not waiting.done()
    wire.go.set()
    await waiting
    await writer.finish(b"b")
    assert wire.body == b"a" * 70_000 + b"b"


async def test_the_head_waits_as_told() -> None:
    """The head leaves without a message after its time, unless it must not."""
    wire = Wire()
    asked: list[bool] = []

    def begin(is_quiet: bool) -> StreamHead | None:
        asked.append(is_quiet)
        return None if len(asked) < 3 else OPENING

    writer = StreamWriter(wire.send, begin, head_seconds=0.01, keep_alive_seconds=10)
    await until(lambda: len(asked) == 2)
    assert wire.sent == []
    assert not writer.is_started
    await until(lambda: len(wire.sent) == 2)
    assert asked == [True, True, True]
    assert wire.sent[0] is HEAD
    writer.cancel()


async def test_signs_of_life() -> None:
    """Silence is filled where the form allows it."""
    wire = Wire()
    writer = _writer(wire, head=0.01, keep_alive=0.01, sign=b":\n\n")
    await until(lambda: wire.body.count(b":") >= 2)
    writer.cancel()
    assert wire.body.startswith(b":\n\n:\n\n")


async def test_what_sending_raises_reaches_the_source() -> None:
    """A wire that breaks ends the stream."""

    async def send(event: Any) -> None:
        raise OSError("gone")

    writer = StreamWriter(send, lambda _: OPENING, head_seconds=10, keep_alive_seconds=10)
    writer.push(b"a")
    with pytest.raises(OSError, match="gone"):
        await writer.drain()


async def test_a_cut_stream_has_no_end() -> None:
    """A cut reply is never completed."""
    wire = Wire()
    writer = _writer(wire)
    await writer.finish(b"a", cut=True)
    assert wire.body == b"a"
    assert all(event.get("more_body", True) for event in wire.sent)
