"""Connections of clients that are slow, malformed, hostile or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from httprule.exchange import Exchange
from httprule.limits import ConnectionLimits
from httprule_harness.notes import Site, note
from httprule_harness.raw import RawReply, chunked, request
from httprule_harness.servers import Connect, Sites
from httprule_harness.waiting import until

Ask = Callable[..., Awaitable[RawReply]]
GET = request("GET", "/v1/notes/a")


async def test_keep_alive(site: Site, connect: Connect) -> None:
    """A connection serves one request after the other."""
    connection = await connect(site)
    for _ in range(3):
        await connection.send(GET)
        reply = await connection.reply()
        assert reply.status == 200
        assert reply.header("connection") is None


async def test_pipelined_requests_are_answered_in_order(site: Site, connect: Connect) -> None:
    """Requests sent at once get their replies one by one, the slowest first if it came first."""

    async def slow_first(exchange: Exchange) -> object:
        if exchange.path.endswith("/0"):
            await asyncio.sleep(0.02)
        return note(note_id=exchange.path)

    site.backend.handlers["GetNote"] = slow_first
    connection = await connect(site)
    await connection.send(b"".join(request("GET", f"/v1/notes/{n}") for n in range(20)))
    found = [(await connection.reply()).json["noteId"] for _ in range(20)]
    assert found == [f"/v1/notes/{n}" for n in range(20)]


async def test_pipelined_bodies(site: Site, connect: Connect) -> None:
    """Bodies of pipelined requests go to their own requests, large ones too."""
    connection = await connect(site)
    texts = ["a" * 200_000, "b", "c" * 100_000]
    bodies = [b'{"text":"%b"}' % text.encode() for text in texts]
    json = "Content-Type: application/json"
    data = b"".join(request("POST", "/v1/notes", json, body=body) for body in bodies)
    sending = asyncio.create_task(connection.send(data))
    assert [(await connection.reply()).json["text"] for _ in texts] == texts
    await sending


async def test_connection_close_is_honoured(site: Site, connect: Connect) -> None:
    """After `Connection: close` comes the reply and then the end."""
    connection = await connect(site)
    await connection.send(request("GET", "/v1/notes/a", "Connection: close"))
    reply = await connection.reply()
    assert reply.header("connection") == "close"
    assert await connection.closed() == b""


async def test_http_1_0_gets_a_length_and_the_end(site: Site, connect: Connect) -> None:
    """HTTP/1.0 without Host is served, and the connection closes."""
    connection = await connect(site)
    await connection.send(b"GET /v1/notes/a HTTP/1.0\r\n\r\n")
    reply = await connection.reply()
    assert (reply.status, reply.framing) == (200, "length")
    assert await connection.closed() == b""


async def test_http_1_0_streams_end_with_the_connection(site: Site, connect: Connect) -> None:
    """A client of HTTP/1.0 knows no chunks, so it gets none."""
    connection = await connect(site)
    await connection.send(b"GET /v1/notes:watch?count=2 HTTP/1.0\r\n\r\n")
    reply = await connection.reply()
    assert reply.framing == "close"
    assert reply.header("transfer-encoding") is None
    assert reply.body == b'{"noteId":"0"}\n{"noteId":"1"}\n'


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/notes/a HTTP/1.1\r\n\r\n",
        b"GET /v1/notes/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /v1/notes/a HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /v1/notes/\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nabc",
        b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v1/notes/a HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n",
        b"GET /v1/notes/a HTTP/1.1\r\nHost : a\r\n\r\n",
    ],
)
async def test_what_is_not_http(site: Site, connect: Connect, head: bytes) -> None:
    """Bytes that are no request get the 400 of all other errors, and the connection closes."""
    connection = await connect(site)
    await connection.send(head)
    reply = await connection.reply()
    assert reply.status == 400
    assert reply.header("content-type") == "application/json"
    assert reply.header("connection") == "close"
    assert reply.json["error"]["status"] == "INVALID_ARGUMENT"
    assert await connection.closed() == b""
    assert not site.backend.seen or site.backend.ended == ["CancelledError"]


async def test_garbage_after_a_good_request(site: Site, connect: Connect) -> None:
    """A request is answered although the bytes behind it are nonsense; then it is over."""
    connection = await connect(site)
    await connection.send(GET + b"nonsense\r\n\r\n")
    assert (await connection.reply()).status == 200
    assert await connection.closed() == b""


@pytest.mark.parametrize(
    "head",
    [
        b"GET /v1/notes/a HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n",
        b"GET /v1/notes/a HTTP/1.1\r\nHost: a\r\nX-Endless: " + b"x" * 40_000,
        b"GET /v1/notes/" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /v1/notes/a HTTP/1.1\r\nHost: a\r\n"
        + b"".join(b"X-%d: a\r\n" % n for n in range(200))
        + b"\r\n",
    ],
)
async def test_head_too_large(site: Site, connect: Connect, head: bytes) -> None:
    """A head past its limits is 431, also one that never ends."""
    connection = await connect(site)
    await connection.send(head)
    reply = await connection.reply()
    assert reply.status == 431
    assert reply.header("connection") == "close"
    assert await connection.closed() == b""
    assert site.backend.seen == []


async def test_head_too_slow(sites: Sites, connect: Connect) -> None:
    """A head that comes a byte at a time is 408, however busy the client looks."""
    site = await sites(limits=ConnectionLimits(head_seconds=0.15))
    connection = await connect(site)

    async def drip() -> None:
        for byte in GET:
            await connection.send(bytes([byte]))
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    reply = await connection.reply()
    dripping.cancel()
    assert reply.status == 408
    assert reply.header("connection") == "close"
    assert reply.header("content-type") == "application/json"


async def test_second_head_too_slow(sites: Sites, connect: Connect) -> None:
    """The limit holds for every head of a connection."""
    site = await sites(limits=ConnectionLimits(head_seconds=0.15))
    connection = await connect(site)
    await connection.send(GET)
    assert (await connection.reply()).status == 200
    await connection.send(GET[:-2])
    assert (await connection.reply()).status == 408


async def test_silent_connection_closes(sites: Sites, connect: Connect) -> None:
    """Who connects and says nothing is disconnected without a word."""
    site = await sites(limits=ConnectionLimits(head_seconds=0.1))
    connection = await connect(site)
    assert await connection.closed() == b""


async def test_idle_connection_closes(sites: Sites, connect: Connect) -> None:
    """A kept connection that is not used any more closes without a word."""
    site = await sites(limits=ConnectionLimits(keep_alive_seconds=0.1, head_seconds=0.05))
    connection = await connect(site)
    await connection.send(GET)
    assert (await connection.reply()).status == 200
    assert await connection.closed() == b""


async def test_hang_up_cancels_the_call(site: Site, connect: Connect) -> None:
    """When the client goes, its call ends, with the request read or not."""
    started = asyncio.Event()

    async def wait(exchange: Exchange) -> object:
        started.set()
        await asyncio.Event().wait()
        return note()

    site.backend.handlers["GetNote"] = wait
    connection = await connect(site)
    await connection.send(GET)
    await started.wait()
    await connection.close()
    await until(lambda: site.backend.ended == ["CancelledError"])


async def test_half_close_counts_as_a_hang_up(site: Site, connect: Connect) -> None:
    """A client that closes its half is taken for gone: TCP does not tell the two apart."""
    started = asyncio.Event()

    async def wait(exchange: Exchange) -> object:
        started.set()
        await asyncio.Event().wait()
        return note()

    site.backend.handlers["GetNote"] = wait
    connection = await connect(site)
    await connection.send(GET)
    await started.wait()
    connection.writer.write_eof()
    await until(lambda: site.backend.ended == ["CancelledError"])
    assert await connection.closed() == b""


async def test_hang_up_in_the_body_cancels_the_call(site: Site, connect: Connect) -> None:
    """A client that goes before its body is whole leaves no call waiting for the rest."""
    connection = await connect(site)
    head = request("POST", "/v1/notes", "Content-Type: application/json", "Content-Length: 100")
    await connection.send(head + b'{"text":')
    await until(lambda: len(site.backend.seen) == 1)
    await connection.close()
    await until(lambda: site.backend.ended == ["CancelledError"])


async def test_hang_up_with_pipelined_requests(site: Site, connect: Connect) -> None:
    """Of several requests the running one is cancelled, and the waiting ones never start."""
    started = asyncio.Event()

    async def wait(exchange: Exchange) -> object:
        started.set()
        await asyncio.Event().wait()
        return note()

    site.backend.handlers["GetNote"] = wait
    connection = await connect(site)
    await connection.send(GET * 3)
    await started.wait()
    await connection.close()
    await until(lambda: site.backend.ended == ["CancelledError"])
    await asyncio.sleep(0)
    assert len(site.backend.seen) == 1


async def test_body_broken_in_its_framing(site: Site, connect: Connect) -> None:
    """A chunk that is none ends a call which was waiting for it, with 400."""
    connection = await connect(site)
    head = request(
        "POST", "/v1/notes", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    await connection.send(head)
    await until(lambda: len(site.backend.seen) == 1)
    await connection.send(b"zz\r\n")
    assert (await connection.reply()).status == 400
    assert await connection.closed() == b""
    await until(lambda: site.backend.ended == ["CancelledError"])


async def test_trailers_are_not_headers(site: Site, connect: Connect) -> None:
    """A trailer field never passes for a header, and does not harm the request."""
    connection = await connect(site)
    head = request(
        "POST", "/v1/notes", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    body = chunked(b'{"text":"a"}')[:-2] + b"Authorization: Bearer stolen\r\n\r\n"
    await connection.send(head + body)
    assert (await connection.reply()).json == {"text": "a"}
    assert site.backend.seen[0].metadata == ()
    await connection.send(GET)
    assert (await connection.reply()).status == 200


async def test_endless_trailers_are_cut(site: Site, connect: Connect) -> None:
    """Trailers have the limit of a head: nothing collects them without end."""
    connection = await connect(site)
    head = request(
        "POST", "/v1/notes", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    await connection.send(head + b"2\r\n{}\r\n0\r\nX: " + b"x" * 300_000)
    assert (await connection.reply()).status == 431


@pytest.mark.parametrize("body", [b"", b'{"text":"a"}'])
async def test_upgrade_is_declined(site: Site, connect: Connect, body: bytes) -> None:
    """A client that offers HTTP/2 is served in HTTP/1.1, with its body, and may go on."""
    connection = await connect(site)
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    sent = request("POST", "/v1/notes", *offer, "Content-Type: application/json", body=body)
    await connection.send(sent)
    reply = await connection.reply()
    assert (reply.status, reply.body) == (200, body or b"{}")
    await connection.send(sent[:40])
    await connection.send(sent[40:])
    assert (await connection.reply()).body == (body or b"{}")
    await connection.send(GET)
    assert (await connection.reply()).status == 200


async def test_websockets_are_declined(site: Site, ask: Ask) -> None:
    """An upgrade to a WebSocket is ignored like any other."""
    reply = await ask(
        site,
        "GET",
        "/v1/notes/a",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    assert reply.status == 200


async def test_too_many_connections(sites: Sites, connect: Connect) -> None:
    """A connection past the limit is told so, and the others go on."""
    site = await sites(limits=ConnectionLimits(connections=1))
    first = await connect(site)
    await first.send(GET)
    assert (await first.reply()).status == 200
    second = await connect(site)
    reply = await second.reply()
    assert (reply.status, reply.header("retry-after")) == (503, "1")
    await first.send(GET)
    assert (await first.reply()).status == 200


async def test_one_address_has_a_share_of_the_connections(sites: Sites, connect: Connect) -> None:
    """Idle connections of it are told so past their share, and a closed one makes room."""
    site = await sites(limits=ConnectionLimits(connections_per_address=2))
    first, second = await connect(site), await connect(site)
    await first.send(GET)
    assert (await first.reply()).status == 200
    refused = await (await connect(site)).reply()
    assert (refused.status, refused.header("retry-after")) == (503, "1")
    await second.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    await second.closed()
    third = await connect(site)
    await third.send(GET)
    assert (await third.reply()).status == 200


async def test_stalled_reader_is_disconnected(sites: Sites, connect: Connect) -> None:
    """Who asks for much and reads nothing loses the connection, and the call ends."""
    site = await sites(limits=ConnectionLimits(stall_seconds=0.2))

    async def endless(exchange: Exchange) -> object:
        while True:
            yield note(text="x" * 10_000)

    site.backend.handlers["WatchNotes"] = endless
    connection = await connect(site)
    connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport too
    await connection.send(request("GET", "/v1/notes:watch"))
    await until(lambda: bool(site.backend.ended))
    assert site.backend.ended[0] in ("CancelledError", "GeneratorExit")


async def test_absolute_form(site: Site, ask: Ask) -> None:
    """The request target of a proxy is understood."""
    assert (await ask(site, "GET", "http://example.com/v1/notes/a")).status == 200
    assert (await ask(site, "GET", "http://example.com")).status == 404


@pytest.mark.parametrize("step", [1, 2, 7, 64, 1000])
async def test_any_packets(site: Site, connect: Connect, step: int) -> None:
    """However requests are cut into packets, their replies are the same."""
    json = "Content-Type: application/json"
    body = b'{"text":"' + b"x" * 50 + b'"}'
    data = b"".join(
        [
            GET,
            request("POST", "/v1/notes", json, body=body),
            request("POST", "/v1/notes", json, "Transfer-Encoding: chunked"),
            chunked(body[:10], body[10:11], body[11:]),
            request("HEAD", "/v1/notes/a"),
            request("POST", "/v1/notes", json, "Connection: Upgrade", "Upgrade: h2c", body=body),
        ]
    )
    connection = await connect(site)
    for start in range(0, len(data), step):
        await connection.send(data[start : start + step])
        await asyncio.sleep(0)
    methods = ["GET", "POST", "POST", "HEAD", "POST"]
    replies = [await connection.reply(method) for method in methods]
    assert [reply.status for reply in replies] == [200] * 5
    assert [reply.body for reply in replies[1:3]] == [body, body]
    assert replies[4].body == body
