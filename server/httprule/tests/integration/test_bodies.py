"""Request bodies: media types, lengths, limits and compression."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable

import pytest

from httprule.exchange import Exchange
from httprule.limits import BodyLimits, ConnectionLimits
from httprule.options import GatewayOptions
from httprule_harness.notes import Site, failure
from httprule_harness.raw import RawReply, chunked, request
from httprule_harness.servers import Connect, Sites
from httprule_harness.waiting import until

Ask = Callable[..., Awaitable[RawReply]]
JSON = "Content-Type: application/json"
SMALL = GatewayOptions(body=BodyLimits(body_bytes=1000, message_bytes=1000))


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=UTF-8",
        "Application/JSON;charset=utf-8",
        "application/merge-patch+json",
    ],
)
async def test_json_by_any_of_its_names(site: Site, ask: Ask, kind: str) -> None:
    """JSON is accepted with parameters, in any case, and as a structured suffix."""
    reply = await ask(site, "POST", "/v1/notes", f"Content-Type: {kind}", body=b'{"text":"a"}')
    assert reply.json == {"text": "a"}


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Type: text/plain"],
        ["Content-Type: application/x-www-form-urlencoded"],
        ["Content-Type: application/json; charset=latin-1"],
        ["Content-Type: application/proto", "Content-Type: application/json"],
    ],
)
async def test_other_media_types(site: Site, ask: Ask, lines: list[str]) -> None:
    """Anything else is 415, which names what would do."""
    reply = await ask(site, "POST", "/v1/notes", *lines, body=b"{}")
    assert reply.status == 415
    assert (reply.header("accept") or "").startswith("application/json")


async def test_no_content_type_passes_for_json(site: Site, ask: Ask) -> None:
    """A body without a type is read as what it must be."""
    assert (await ask(site, "POST", "/v1/notes", body=b'{"text":"a"}')).json == {"text": "a"}


async def test_no_body_is_the_empty_message(site: Site, ask: Ask) -> None:
    """A POST without a body and without any word of one is the empty message."""
    assert (await ask(site, "POST", "/v1/notes")).json == {}
    assert (await ask(site, "POST", "/v1/notes", JSON, body=b"")).json == {}


async def test_body_without_length(site: Site, ask: Ask) -> None:
    """A type without a length announces a body that cannot be told from the next request: 411."""
    assert (await ask(site, "POST", "/v1/notes", JSON)).status == 411


@pytest.mark.parametrize("http_method", ["GET", "HEAD", "DELETE"])
async def test_a_type_without_a_body(site: Site, ask: Ask, http_method: str) -> None:
    """Many clients send one with every request; where a body is unusual it announces none."""
    plain = await ask(site, http_method, "/v1/notes/a")
    assert plain.status != 411
    assert (await ask(site, http_method, "/v1/notes/a", JSON)).status == plain.status


async def test_body_where_none_belongs(site: Site, ask: Ask) -> None:
    """A method without a body refuses one by name, save the empty object."""
    assert (await ask(site, "POST", "/v1/notes/a:pin", JSON, body=b"{}")).status == 200
    reply = await ask(site, "POST", "/v1/notes/a:pin", JSON, body=b'{"text":"a"}')
    assert reply.status == 400
    assert reply.json["error"]["details"][0]["fieldViolations"][0]["reason"] == "UNEXPECTED_BODY"


async def test_malformed_json(site: Site, ask: Ask) -> None:
    """What is not JSON is 400 with the violation in the details."""
    reply = await ask(site, "POST", "/v1/notes", JSON, body=b"{")
    assert reply.status == 400
    assert reply.json["error"]["details"][0]["@type"].endswith("google.rpc.BadRequest")


async def test_too_large_by_its_length(sites: Sites, connect: Connect) -> None:
    """A body that says it is too long is refused before a byte of it is read."""
    site = await sites(SMALL)
    connection = await connect(site)
    await connection.send(request("POST", "/v1/notes", JSON, "Content-Length: 1001"))
    reply = await connection.reply()
    assert reply.status == 413
    assert reply.header("content-type") == "application/json"


async def test_too_large_while_it_comes(sites: Sites, connect: Connect) -> None:
    """A chunked body is refused when it passes the limit, not when it ends."""
    site = await sites(SMALL)
    connection = await connect(site)
    await connection.send(request("POST", "/v1/notes", JSON, "Transfer-Encoding: chunked"))
    await connection.send(b"800\r\n" + b" " * 0x800)
    reply = await connection.reply()
    assert (reply.status, reply.header("connection")) == (413, "close")
    assert await connection.closed() == b""


async def test_exactly_the_limit(sites: Sites, ask: Ask) -> None:
    """The limit itself is allowed."""
    site = await sites(SMALL)
    assert (await ask(site, "POST", "/v1/notes", JSON, body=b"{}" + b" " * 998)).status == 200


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
async def test_gzip(site: Site, ask: Ask, coding: str) -> None:
    """A compressed body is read like a plain one, in one member or in several."""
    for body in (
        gzip.compress(b'{"text":"a"}', mtime=0),
        gzip.compress(b'{"text"', mtime=0) + gzip.compress(b':"a"}', mtime=0),
    ):
        reply = await ask(site, "POST", "/v1/notes", JSON, f"Content-Encoding: {coding}", body=body)
        assert reply.json == {"text": "a"}


async def test_gzip_bomb(site: Site, ask: Ask) -> None:
    """A small body that unfolds past the limit is 413, at the cost of the limit alone."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(deflater.compress(b" " * 1_000_000) for _ in range(100)) + deflater.flush()
    assert len(bomb) < 200_000
    reply = await ask(site, "POST", "/v1/notes", JSON, "Content-Encoding: gzip", body=bomb)
    assert reply.status == 413


@pytest.mark.parametrize(
    "body",
    [b"not gzip", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"tail"],
)
async def test_broken_gzip(site: Site, ask: Ask, body: bytes) -> None:
    """Data that is not what it says, or not all of it, is 400."""
    reply = await ask(site, "POST", "/v1/notes", JSON, "Content-Encoding: gzip", body=body)
    assert reply.status == 400
    assert site.backend.ended == ["HttpError"]


async def test_unknown_content_encoding(site: Site, ask: Ask) -> None:
    """A coding that is not known is 415, and the reply names the known ones."""
    reply = await ask(site, "POST", "/v1/notes", JSON, "Content-Encoding: br", body=b"{}")
    assert (reply.status, reply.header("accept-encoding")) == (415, "gzip, identity")


async def test_unknown_transfer_encoding(site: Site, connect: Connect) -> None:
    """A transfer coding besides chunked is 501."""
    connection = await connect(site)
    head = request("POST", "/v1/notes", JSON, "Transfer-Encoding: gzip, chunked")
    await connection.send(head + chunked(b"{}"))
    assert (await connection.reply()).status == 501


async def test_body_that_stands_still(sites: Sites, connect: Connect) -> None:
    """A body that stops coming is 408."""
    site = await sites(GatewayOptions(body=BodyLimits(idle_seconds=0.1)))
    connection = await connect(site)
    await connection.send(request("POST", "/v1/notes", JSON, "Content-Length: 100") + b"{")
    reply = await connection.reply()
    assert (reply.status, reply.header("connection")) == (408, "close")


async def test_expect_continue(site: Site, connect: Connect) -> None:
    """A client that asks first is told to go on when its body is wanted."""
    connection = await connect(site)
    body = b'{"text":"a"}'
    ask = request("POST", "/v1/notes", JSON, "Expect: 100-continue", "Content-Length: 12")
    await connection.send(ask)
    assert (await connection.head())[0] == 100
    await connection.send(body)
    assert (await connection.reply()).json == {"text": "a"}


async def test_expect_continue_refused(site: Site, connect: Connect) -> None:
    """A caller who is refused is not asked for its body; the connection closes, since the body
    may come or not."""

    async def refuse(exchange: Exchange) -> object:
        raise failure(16)

    site.backend.handlers["PostNote"] = refuse
    connection = await connect(site)
    ask = request("POST", "/v1/notes", JSON, "Expect: 100-continue", "Content-Length: 12")
    await connection.send(ask)
    reply = await connection.reply()
    assert (reply.status, reply.header("connection")) == (401, "close")


async def _refused_unread(site: Site, connect: Connect, length: int) -> RawReply:
    async def refuse(exchange: Exchange) -> object:
        raise failure(16)

    site.backend.handlers["PostNote"] = refuse
    connection = await connect(site)
    await connection.send(request("POST", "/v1/notes", JSON, f"Content-Length: {length}"))
    await until(lambda: site.backend.ended != [])
    sending = asyncio.create_task(connection.send(b" " * length))
    reply = await connection.reply()
    if reply.header("connection") is None:
        await sending
        await connection.send(request("GET", "/v1/notes/a"))
        assert (await connection.reply()).json["noteId"] == "a"
    else:
        assert await connection.closed() == b""
        sending.cancel()
    return reply


async def test_little_unread_is_dropped(site: Site, connect: Connect) -> None:
    """A refusal that leaves little unread keeps the connection: the rest is dropped."""
    reply = await _refused_unread(site, connect, 20_000)
    assert (reply.status, reply.header("connection")) == (401, None)


async def test_much_unread_ends_the_connection(site: Site, connect: Connect) -> None:
    """A refusal that leaves much unread arrives whole, and ends the connection."""
    reply = await _refused_unread(site, connect, 5_000_000)
    assert (reply.status, reply.header("connection")) == (401, "close")


async def test_lingering_has_an_end(sites: Sites, connect: Connect) -> None:
    """Who goes on sending after a refusal is cut off after a moment."""
    site = await sites(SMALL, ConnectionLimits(linger_seconds=0.1))
    connection = await connect(site)
    head = request("POST", "/v1/notes", JSON, "Content-Length: 100000000")
    await connection.send(head)
    assert (await connection.reply()).status == 413

    async def go_on() -> None:
        while True:
            await connection.send(b" " * 10_000)
            await asyncio.sleep(0.005)

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(go_on(), 5)


async def test_http_body(site: Site, ask: Ask) -> None:
    """`google.api.HttpBody` takes and gives any bytes with their own type."""
    data = bytes(range(256)) * 10
    reply = await ask(site, "PUT", "/v1/files/x.bin", "Content-Type: image/png", body=data)
    assert reply.json == {"count": str(len(data)), "board": "x.bin"}
    reply = await ask(site, "GET", "/v1/files/x.html")
    assert reply.body == b"<h1>Hello</h1>"
    assert reply.header("content-type") == "text/html; charset=utf-8"
    assert reply.header("content-length") == "14"
    reply = await ask(site, "GET", "/v1/files/x/part", "Accept: image/png")
    assert (reply.status, reply.header("content-type"), reply.body) == (200, "text/plain", b"one ")


async def test_the_backend_comes_before_the_body(site: Site, connect: Connect) -> None:
    """A call begins when its head is there, so that a caller can be refused unread."""
    connection = await connect(site)
    await connection.send(request("POST", "/v1/notes", JSON, "Content-Length: 2"))
    await until(lambda: len(site.backend.seen) == 1)
    await connection.send(b"{}")
    assert (await connection.reply()).status == 200
