"""Streams over HTTP/1.1: the framing of messages, their end, their memory."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from httprule.exchange import Exchange
from httprule.limits import BodyLimits
from httprule.options import GatewayOptions
from httprule.streaming import Framing
from httprule_harness.notes import Site, failure, http_body, note
from httprule_harness.raw import RawReply, chunked, request
from httprule_harness.servers import Connect, Sites
from httprule_harness.waiting import until

Ask = Callable[..., Awaitable[RawReply]]
NDJSON = "Content-Type: application/x-ndjson"
JSON = "Content-Type: application/json"
WATCH = "/v1/notes:watch"


@pytest.mark.parametrize(
    ("accept", "kind", "body"),
    [
        (None, "application/x-ndjson", b'{"noteId":"0"}\n{"noteId":"1"}\n'),
        ("*/*", "application/x-ndjson", b'{"noteId":"0"}\n{"noteId":"1"}\n'),
        ("application/x-ndjson", "application/x-ndjson", b'{"noteId":"0"}\n{"noteId":"1"}\n'),
        ("application/json", "application/json", b'[{"noteId":"0"},{"noteId":"1"}]'),
        (
            "text/event-stream",
            "text/event-stream",
            b'data: {"noteId":"0"}\n\ndata: {"noteId":"1"}\n\n',
        ),
        (
            "application/x-ndjson;q=0.5, application/json",
            "application/json",
            b'[{"noteId":"0"},{"noteId":"1"}]',
        ),
    ],
)
async def test_framing(site: Site, ask: Ask, accept: str | None, kind: str, body: bytes) -> None:
    """The client's Accept decides between NDJSON (the default), an array and events."""
    lines = [f"Accept: {accept}"] if accept else []
    reply = await ask(site, "GET", f"{WATCH}?count=2", *lines)
    assert (reply.header("content-type"), reply.body) == (kind, body)
    assert reply.framing == "chunked"
    assert reply.header("cache-control") == "no-store"


async def test_not_acceptable(site: Site, ask: Ask) -> None:
    """A client that takes none of the three is told so before the call begins."""
    assert (await ask(site, "GET", WATCH, "Accept: text/html")).status == 406
    assert site.backend.seen == []


@pytest.mark.parametrize(
    ("accept", "body"),
    [("application/x-ndjson", b""), ("application/json", b"[]"), ("text/event-stream", b"")],
)
async def test_empty_stream(site: Site, ask: Ask, accept: str, body: bytes) -> None:
    """A stream without messages is whole: nothing, or the empty array."""
    reply = await ask(site, "GET", WATCH, f"Accept: {accept}")
    assert (reply.status, reply.body) == (200, body)


async def test_head_of_a_stream(site: Site, connect: Connect) -> None:
    """HEAD of a stream has its headers, no body, and runs no further than the first message."""
    pulled: list[int] = []

    async def endless(exchange: Exchange) -> AsyncIterator[Any]:
        while True:
            pulled.append(1)
            yield note()

    site.backend.handlers["WatchNotes"] = endless
    connection = await connect(site)
    await connection.send(request("HEAD", WATCH) + request("GET", "/v1/notes/a"))
    assert (await connection.reply("HEAD")).header("content-type") == "application/x-ndjson"
    assert (await connection.reply()).json["noteId"] == "a"
    assert len(pulled) == 1


async def _fail_at_once(exchange: Exchange) -> AsyncIterator[Any]:
    raise failure(7, "Not you.")
    yield note()


async def _fail_later(exchange: Exchange) -> AsyncIterator[Any]:
    yield note(note_id="0")
    raise failure(7, "Not you.")


async def test_error_before_the_first_message(site: Site, ask: Ask) -> None:
    """An error that comes first has a status of its own, in the usual shape."""
    site.backend.handlers["WatchNotes"] = _fail_at_once
    reply = await ask(site, "GET", WATCH, "Accept: text/event-stream")
    assert (reply.status, reply.json["error"]["status"]) == (403, "PERMISSION_DENIED")


async def test_error_in_the_midst_of_ndjson(site: Site, ask: Ask) -> None:
    """The last line of a failed NDJSON stream is the error."""
    site.backend.handlers["WatchNotes"] = _fail_later
    reply = await ask(site, "GET", WATCH)
    first, last = reply.body.splitlines()
    assert first == b'{"noteId":"0"}'
    assert json.loads(last)["error"]["status"] == "PERMISSION_DENIED"


async def test_error_in_the_midst_of_events(site: Site, ask: Ask) -> None:
    """The last event of a failed stream is of type error."""
    site.backend.handlers["WatchNotes"] = _fail_later
    reply = await ask(site, "GET", WATCH, "Accept: text/event-stream")
    event = reply.body.split(b"\n\n")[1]
    assert event.startswith(b'event: error\ndata: {"error":{"code":403')


async def test_error_in_the_midst_of_an_array(site: Site, connect: Connect) -> None:
    """A failed array names the error, is never closed, and the connection breaks off."""
    site.backend.handlers["WatchNotes"] = _fail_later
    connection = await connect(site)
    await connection.send(request("GET", WATCH, "Accept: application/json"))
    await connection.head()
    rest = await connection.closed()
    assert b',{"error":{"code":403' in rest
    assert not rest.endswith(b"0\r\n\r\n")
    assert b"]}}\r\n" in rest
    assert not rest.rstrip().endswith(b"}]")


async def test_errors_in_the_midst_have_one_form(site: Site, ask: Ask) -> None:
    """Also a client that wants problems gets the error of a stream as `{"error": …}`."""
    site.backend.handlers["WatchNotes"] = _fail_later
    accept = "Accept: application/x-ndjson, application/problem+json"
    reply = await ask(site, "GET", WATCH, accept)
    assert json.loads(reply.body.splitlines()[-1])["error"]["code"] == 403


async def test_messages_leave_at_once(site: Site, connect: Connect) -> None:
    """A message is on its way before the next one exists."""
    more = asyncio.Event()

    async def slow(exchange: Exchange) -> AsyncIterator[Any]:
        yield note(note_id="0")
        await more.wait()
        yield note(note_id="1")

    site.backend.handlers["WatchNotes"] = slow
    connection = await connect(site)
    await connection.send(request("GET", WATCH))
    await connection.head()
    assert await connection.chunk() == b'{"noteId":"0"}\n'
    more.set()
    assert await connection.chunk() == b'{"noteId":"1"}\n'
    assert await connection.chunk() == b""


async def test_quiet_stream_opens(sites: Sites, connect: Connect) -> None:
    """The head of a stream does not wait for the first message for ever; events give signs of
    life."""
    site = await sites(GatewayOptions(stream_head_seconds=0.05, stream_keep_alive_seconds=0.05))

    async def quiet(exchange: Exchange) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield note()

    site.backend.handlers["WatchNotes"] = quiet
    for accept, sign in (("text/event-stream", b":\n\n"), ("application/json", b"\n")):
        connection = await connect(site)
        await connection.send(request("GET", WATCH, f"Accept: {accept}"))
        assert (await connection.head())[0] == 200
        assert await connection.chunk() == sign
        assert await connection.chunk() == sign


async def test_hang_up_ends_a_stream(site: Site, connect: Connect) -> None:
    """When the client goes, the source of the stream ends."""

    async def endless(exchange: Exchange) -> AsyncIterator[Any]:
        while True:
            yield note(text="x" * 100)
            await asyncio.sleep(0)

    site.backend.handlers["WatchNotes"] = endless
    connection = await connect(site)
    await connection.send(request("GET", WATCH))
    await connection.head()
    await connection.close()
    await until(lambda: site.backend.ended != [])


async def test_deadline_of_a_stream(site: Site, ask: Ask) -> None:
    """A stream past its deadline ends with that error, after the messages it gave."""

    async def slow(exchange: Exchange) -> AsyncIterator[Any]:
        yield note(note_id="0")
        await asyncio.Event().wait()

    site.backend.handlers["WatchNotes"] = slow
    reply = await ask(site, "GET", WATCH, "grpc-timeout: 50m")
    assert json.loads(reply.body.splitlines()[-1])["error"]["status"] == "DEADLINE_EXCEEDED"
    assert site.backend.ended == ["CancelledError"]


async def test_stop_ends_streams_in_order(site: Site, connect: Connect) -> None:
    """A server that stops tells its streams so."""

    async def slow(exchange: Exchange) -> AsyncIterator[Any]:
        yield note(note_id="0")
        await asyncio.Event().wait()

    site.backend.handlers["WatchNotes"] = slow
    connection = await connect(site)
    await connection.send(request("GET", WATCH))
    await connection.head()
    assert await connection.chunk() == b'{"noteId":"0"}\n'
    await site.server.stop(0.05)
    assert json.loads(await connection.chunk())["error"]["status"] == "UNAVAILABLE"
    assert await connection.chunk() == b""


async def test_reply_of_a_single_message(site: Site, ask: Ask) -> None:
    """A backend may answer a stream with one message, as a unary method does."""

    async def summarize(exchange: Exchange) -> AsyncIterator[Any]:
        if not exchange.accept.names("application/x-ndjson"):
            exchange.framing = Framing.SINGLE
        count = 0
        async for _ in exchange.requests():
            count += 1
        yield note(size=count)

    site.backend.handlers["TalkNotes"] = summarize
    reply = await ask(site, "POST", "/v1/notes:talk", NDJSON, body=b"{}\n{}")
    assert (reply.body, reply.framing) == (b'{"size":"2"}', "length")
    assert reply.header("content-type") == "application/json"
    reply = await ask(
        site, "POST", "/v1/notes:talk", NDJSON, "Accept: application/x-ndjson", body=b"{}"
    )
    assert (reply.body, reply.framing) == (b'{"size":"1"}\n', "chunked")


async def test_gzip_stream(site: Site, ask: Ask) -> None:
    """A stream is compressed for a client that wants it, events are not."""
    reply = await ask(site, "GET", f"{WATCH}?count=500", "Accept-Encoding: gzip")
    assert reply.header("content-encoding") == "gzip"
    assert len(gzip.decompress(reply.body).splitlines()) == 500
    lines = ["Accept-Encoding: gzip", "Accept: text/event-stream"]
    reply = await ask(site, "GET", f"{WATCH}?count=5", *lines)
    assert reply.header("content-encoding") is None


async def test_gzip_stream_is_readable_at_once(site: Site, connect: Connect) -> None:
    """What is compressed can be read as far as it came."""

    async def slow(exchange: Exchange) -> AsyncIterator[Any]:
        yield note(note_id="0")
        await asyncio.Event().wait()

    site.backend.handlers["WatchNotes"] = slow
    connection = await connect(site)
    await connection.send(request("GET", WATCH, "Accept-Encoding: gzip"))
    await connection.head()
    assert zlib.decompressobj(31).decompress(await connection.chunk()) == b'{"noteId":"0"}\n'


async def test_raw_stream(site: Site, connect: Connect) -> None:
    """A stream of `google.api.HttpBody` is its bytes, with the type of the first; cut by errors."""
    connection = await connect(site)
    await connection.send(request("GET", "/v1/files/a:read"))
    reply = await connection.reply()
    assert (reply.header("content-type"), reply.body) == ("text/plain", b"one two three")

    async def broken(exchange: Exchange) -> AsyncIterator[Any]:
        yield http_body(b"one", "text/plain")
        raise failure(13)

    site.backend.handlers["ReadFile"] = broken
    await connection.send(request("GET", "/v1/files/a:read"))
    await connection.head()
    assert await connection.closed() == b"3\r\none\r\n"


@pytest.mark.parametrize("accept", ["*/*", "application/x-ndjson", "image/png"])
async def test_raw_stream_of_a_response_field(site: Site, ask: Ask, accept: str) -> None:
    """A stream whose `response_body` is a `google.api.HttpBody` is raw bytes for every client."""
    reply = await ask(site, "GET", "/v1/files/a:export", f"Accept: {accept}")
    assert (reply.header("content-type"), reply.body) == ("text/plain", b"one two three")


@pytest.mark.parametrize(
    ("kind", "body", "count"),
    [
        (NDJSON, b'{"text":"a"}\n{}\n\r\n{"text":"b"}', 3),
        ("Content-Type: application/jsonl", b"{}\n", 1),
        (NDJSON, b"", 0),
        (JSON, b' [ {"text":"a]"} , {} ]\n', 2),
        (JSON, b"[]", 0),
        (JSON, b'{"text":"}"}\n{}{ }', 3),
        ("Content-Type: application/octet-stream-is-not", b"{}", None),
    ],
)
async def test_request_stream(
    site: Site, ask: Ask, kind: str, body: bytes, count: int | None
) -> None:
    """A request stream is NDJSON, one JSON array, or documents one after the other; the path goes
    into the first message."""
    reply = await ask(site, "POST", "/v1/boards/b1/feed", kind, body=body)
    if count is None:
        assert reply.status == 415
    else:
        assert int(reply.json.get("count", 0)) == count
        assert reply.json.get("board", "") == ("b1" if count else "")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (NDJSON, b"{}\n{"),
        (NDJSON, b'{"x":1}\n'),
        (JSON, b"[{}"),
        (JSON, b"[{},]"),
        (JSON, b"[{}] {}"),
        (JSON, b'[{}] "x"'),
        (JSON, b"{},{}"),
        (JSON, b"]"),
    ],
)
async def test_request_stream_malformed(site: Site, ask: Ask, kind: str, body: bytes) -> None:
    """A message that is none, or an array that is not closed, is 400."""
    assert (await ask(site, "POST", "/v1/boards/b1/feed", kind, body=body)).status == 400


async def test_message_too_large(sites: Sites, connect: Connect) -> None:
    """One message has a limit, the stream has none."""
    site = await sites(GatewayOptions(body=BodyLimits(message_bytes=100)))
    for kind in (NDJSON, JSON):
        connection = await connect(site)
        head = request("POST", "/v1/boards/b1/feed", kind, "Transfer-Encoding: chunked")
        small = b'{"text":"a"}\n' * 50
        await connection.send(head + chunked(small))
        assert (await connection.reply()).json["count"] == "50"
        await connection.send(head + chunked(small, b'{"text":"' + b"x" * 200 + b'"}\n'))
        assert (await connection.reply()).status == 413


async def test_talk(site: Site, connect: Connect) -> None:
    """Both ways at once: a reply begins before the request has ended."""
    connection = await connect(site)
    head = request("POST", "/v1/notes:talk", NDJSON, "Transfer-Encoding: chunked")
    await connection.send(head + b"f\r\n" + b'{"noteId":"0"}\n' + b"\r\n")
    await connection.head()
    assert await connection.chunk() == b'{"noteId":"0"}\n'
    await connection.send(b"f\r\n" + b'{"noteId":"1"}\n' + b"\r\n")
    assert await connection.chunk() == b'{"noteId":"1"}\n'
    await connection.send(b"0\r\n\r\n")
    assert await connection.chunk() == b""


async def test_slow_backend_stops_a_fast_sender(site: Site, connect: Connect) -> None:
    """Messages are read no faster than they are taken."""
    taken = asyncio.Semaphore(0)

    async def slow(exchange: Exchange) -> Any:
        async for _ in exchange.requests():
            await taken.acquire()
        return note()

    site.backend.handlers["FeedNotes"] = slow
    connection = await connect(site)
    await connection.send(
        request("POST", "/v1/boards/b1/feed", NDJSON, "Transfer-Encoding: chunked")
    )
    piece = b'{"text":"%b"}\n' % (b"x" * 986)
    sent = 0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            while True:
                connection.writer.write(b"%x\r\n%b\r\n" % (len(piece) * 64, piece * 64))
                sent += len(piece) * 64
                await connection.writer.drain()
    assert sent < 32_000_000
    taken.release()


async def _flat(work: Callable[[int], Awaitable[None]], few: int, many: int) -> None:
    """Fails when the peak of many messages is more than that of few and a little."""
    await work(few)
    tracemalloc.start()
    try:
        await work(few)
        tracemalloc.reset_peak()
        base = tracemalloc.get_traced_memory()[0]
        await work(many)
        peak = tracemalloc.get_traced_memory()[1] - base
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000, f"{peak} bytes at the peak"


async def test_reply_stream_takes_no_memory(site: Site, connect: Connect) -> None:
    """A long stream out needs no more memory than a short one."""

    async def work(count: int) -> None:
        connection = await connect(site)
        await connection.send(request("GET", f"{WATCH}?count={count}"))
        await connection.head()
        size = 0
        while chunk := await connection.chunk():
            size += chunk.count(b"\n")
        assert size == count

    await _flat(work, 100, 20_000)


async def test_request_stream_takes_no_memory(site: Site, connect: Connect) -> None:
    """A long stream in needs no more memory than a short one."""

    async def work(count: int) -> None:
        connection = await connect(site)
        head = request("POST", "/v1/boards/b1/feed", NDJSON, "Transfer-Encoding: chunked")
        await connection.send(head)
        for _ in range(count // 100):
            lines = b'{"text":"some text of a note"}\n' * 100
            await connection.send(b"%x\r\n%b\r\n" % (len(lines), lines))
        await connection.send(b"0\r\n\r\n")
        assert (await connection.reply()).json["count"] == str(count)

    await _flat(work, 100, 20_000)


async def test_compressed_request_stream(site: Site, connect: Connect) -> None:
    """A request stream may be compressed, and is unpacked piece by piece."""
    connection = await connect(site)
    lines = [NDJSON, "Content-Encoding: gzip"]
    body = gzip.compress(b'{"text":"a"}\n' * 50_000)
    await connection.send(request("POST", "/v1/boards/b1/feed", *lines, body=body))
    assert (await connection.reply()).json["count"] == "50000"
