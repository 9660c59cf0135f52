"""Unary calls: what the backend sees of a request, and the client of its reply."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from google.rpc import error_details_pb2

from httprule.cors import CorsRule
from httprule.exchange import Exchange
from httprule.failures import RpcFailure
from httprule.headers import HeaderRules
from httprule.limits import BodyLimits
from httprule.options import GatewayOptions
from httprule.server import HttpServer, Listen
from httprule.static import StaticPage
from httprule.status import pack
from httprule_harness.notes import Site, failure, note, self_signed
from httprule_harness.raw import Connection, RawReply, request
from httprule_harness.servers import Connect, Sites
from httprule_harness.waiting import until

Ask = Callable[..., Awaitable[RawReply]]
JSON = "Content-Type: application/json"


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_reply(site: Site, ask: Ask) -> None:
    """A reply is compact JSON with its length and a date."""
    reply = await ask(site, "GET", "/v1/notes/a%20b")
    assert reply.body == b'{"noteId":"a b","text":"hello","etag":"v7"}'
    assert reply.header("content-type") == "application/json"
    assert reply.framing == "length"
    assert reply.header("date") is not None
    assert reply.header("server") is None


async def test_head(site: Site, connect: Connect) -> None:
    """HEAD says what GET would, without the body, and the connection stays in step."""
    connection = await connect(site)
    await connection.send(request("HEAD", "/v1/notes/a") + request("GET", "/v1/notes/a"))
    head = await connection.reply("HEAD")
    get = await connection.reply()
    assert head.header("content-length") == get.header("content-length") == str(len(get.body))
    assert head.header("etag") == get.header("etag")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/v1/nothing", 404, None),
        ("GET", "/v1/notes/a/", 404, None),
        ("PUT", "/v1/notes", 405, "POST"),
        ("POST", "/v1/notes/a", 405, "DELETE, GET, HEAD, PATCH"),
        ("GET", "/v1/notes/%zz", 400, None),
        ("BREW", "/v1/notes", 400, None),
    ],
)
async def test_unmatched(
    site: Site, ask: Ask, method: str, path: str, status: int, allow: str | None
) -> None:
    """What no route answers is 404, or 405 with the methods that the path has."""
    reply = await ask(site, method, path)
    assert (reply.status, reply.header("allow")) == (status, allow)
    assert reply.json["error"]["code"] == status


async def test_options(site: Site, ask: Ask) -> None:
    """OPTIONS names the methods of a path, and answers for the server as a whole."""
    reply = await ask(site, "OPTIONS", "/v1/notes/a")
    assert (reply.status, reply.header("allow")) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH")
    assert (await ask(site, "OPTIONS", "*")).status == 204
    assert (await ask(site, "OPTIONS", "/v1/nothing")).status == 404


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("application/*;q=0.1", 200),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("application/problem+json", 200),
        ("text/html", 406),
        ("text/event-stream", 406),
        ("application/json;q=0", 406),
    ],
)
async def test_accept(site: Site, ask: Ask, accept: str, status: int) -> None:
    """A client that takes no JSON is told before anything is done for it."""
    reply = await ask(site, "GET", "/v1/notes/a", f"Accept: {accept}")
    assert reply.status == status
    assert len(site.backend.seen) == (status == 200)


async def test_metadata(site: Site, ask: Ask) -> None:
    """The backend sees the listed headers, in order, repeated ones twice; no other one."""
    await ask(
        site,
        "GET",
        "/v1/notes/a?x=1".replace("?x=1", ""),
        "Authorization: Bearer one",
        "X-Secret: no",
        "Cookie: no",
        "X-Request-Id: r1",
        "AUTHORIZATION: Bearer two",
    )
    exchange = site.backend.seen[0]
    assert exchange.metadata == (
        ("authorization", "Bearer one"),
        ("x-request-id", "r1"),
        ("authorization", "Bearer two"),
    )
    assert (exchange.http_method, exchange.path) == ("GET", "/v1/notes/a")
    assert exchange.method.full_name == "notes.v1.Notes.GetNote"
    assert exchange.peer == "127.0.0.1"


async def test_metadata_by_prefix(sites: Sites, ask: Ask) -> None:
    """With a prefix set, headers that bear it pass without it."""
    site = await sites(GatewayOptions(headers=HeaderRules(metadata_prefix="grpc-metadata-")))
    await ask(site, "GET", "/v1/notes/a", "Grpc-Metadata-Foo: 1", "Grpc-Metadata-B-Bin: AQI=")
    assert site.backend.seen[0].metadata == (("foo", "1"), ("b-bin", b"\x01\x02"))


async def test_trusted_proxy(sites: Sites, ask: Ask) -> None:
    """Behind a trusted proxy the peer is the client that the proxy names; else the socket's."""
    line = "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.5"
    site = await sites(GatewayOptions(trusted_proxies=("127.0.0.0/8",)))
    await ask(site, "GET", "/v1/notes/a", line)
    assert site.backend.seen[0].peer == "203.0.113.9"
    site = await sites()
    await ask(site, "GET", "/v1/notes/a", line)
    assert site.backend.seen[0].peer == "127.0.0.1"


async def test_reply_headers(site: Site, ask: Ask) -> None:
    """The backend's headers leave when they are on the list, with an error too, and add no line."""

    async def handler(exchange: Exchange) -> Any:
        exchange.reply_headers += [
            ("X-Request-Id", "req_1"),
            ("RateLimit", '"a";r=1\r\nSet-Cookie: x=1'),
            ("X-Internal", "no"),
        ]
        if exchange.path.endswith("bad"):
            raise RpcFailure(pack(8, "Slow down."), (("Retry-After", "3"), ("x-request-id", "2")))
        return note()

    site.backend.handlers["GetNote"] = handler
    good = await ask(site, "GET", "/v1/notes/good")
    assert good.header("x-request-id") == "req_1"
    assert good.header("ratelimit") == '"a";r=1  Set-Cookie: x=1'
    assert good.header("x-internal") is None
    assert good.header("set-cookie") is None
    bad = await ask(site, "GET", "/v1/notes/bad")
    assert (bad.status, bad.header("retry-after"), bad.header("x-request-id")) == (429, "3", "2")
    assert bad.header("ratelimit") is not None


async def test_errors_keep_their_details(site: Site, ask: Ask) -> None:
    """Details are JSON with their type; one of an unknown type keeps its bytes."""
    info = error_details_pb2.ErrorInfo(reason="NO_SUCH_NOTE", domain="notes.example")
    status = pack(5, "No such note.", info)
    status.details.add(type_url="type.googleapis.com/unknown.Type", value=b"\x01\x02")

    async def handler(exchange: Exchange) -> Any:
        raise RpcFailure(status)

    site.backend.handlers["GetNote"] = handler
    reply = await ask(site, "GET", "/v1/notes/a")
    assert reply.status == 404
    error = reply.json["error"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "NO_SUCH_NOTE",
            "domain": "notes.example",
        },
        {"@type": "type.googleapis.com/unknown.Type", "value": "AQI="},
    ]


async def test_problem_json(site: Site, ask: Ask) -> None:
    """A client that names problems gets RFC 9457."""
    reply = await ask(site, "GET", "/v1/nothing", "Accept: application/problem+json")
    assert reply.header("content-type") == "application/problem+json"
    assert (reply.json["status"], reply.json["title"]) == (404, "Not Found")


async def test_unforeseen_errors_stay_inside(
    site: Site, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody typed is 500 without its text, and is logged."""

    async def handler(exchange: Exchange) -> Any:
        raise ValueError("password=hunter2")

    site.backend.handlers["GetNote"] = handler
    reply = await ask(site, "GET", "/v1/notes/a")
    assert (reply.status, reply.json["error"]["status"]) == (500, "UNKNOWN")
    assert b"hunter2" not in reply.body
    assert "hunter2" in caplog.text


async def _forever(exchange: Exchange) -> Any:
    await asyncio.Event().wait()


@pytest.mark.parametrize("line", ["grpc-timeout: 50m", "X-Request-Timeout: 0.05"])
async def test_deadline_of_the_client(site: Site, ask: Ask, line: str) -> None:
    """A call past its deadline is 504, and its handler is cancelled."""
    site.backend.handlers["GetNote"] = _forever
    reply = await ask(site, "GET", "/v1/notes/a", line)
    assert (reply.status, reply.json["error"]["status"]) == (504, "DEADLINE_EXCEEDED")
    assert site.backend.ended == ["CancelledError"]
    assert site.backend.seen[0].deadline == pytest.approx(0.05)


async def test_deadline_of_the_server(sites: Sites, ask: Ask) -> None:
    """The server's maximum holds, also for a client that asks for more."""
    site = await sites(GatewayOptions(max_seconds=0.05))
    site.backend.handlers["GetNote"] = _forever
    replies = await asyncio.gather(
        *(ask(site, "GET", "/v1/notes/a", *lines) for lines in ([], ["grpc-timeout: 1H"], []))
    )
    assert [reply.status for reply in replies] == [504, 504, 504]
    await asyncio.sleep(0.06)
    assert (await ask(site, "GET", "/v1/notes/a")).status == 504


async def test_deadline_of_zero(site: Site, ask: Ask) -> None:
    """A call without time is not begun."""
    assert (await ask(site, "GET", "/v1/notes/a", "grpc-timeout: 0n")).status == 504
    assert site.backend.seen == []


@pytest.mark.parametrize("line", ["grpc-timeout: 5", "grpc-timeout: 1h", "X-Request-Timeout: x"])
async def test_unreadable_deadline(site: Site, ask: Ask, line: str) -> None:
    """A deadline that cannot be read is refused, not ignored."""
    assert (await ask(site, "GET", "/v1/notes/a", line)).status == 400


async def test_a_colon_as_data_or_as_a_verb(sites: Sites, ask: Ask) -> None:
    """An unknown verb is data, or with `colon_always_verb` a path that does not exist."""
    assert (await ask(await sites(), "GET", "/v1/notes/a:b")).json["noteId"] == "a:b"
    strict = await sites(GatewayOptions(colon_always_verb=True))
    assert (await ask(strict, "GET", "/v1/notes/a:b")).status == 404


async def test_empty_deadline(site: Site, ask: Ask) -> None:
    """An empty `grpc-timeout` counts as absent."""
    assert (await ask(site, "GET", "/v1/notes/a", "grpc-timeout:")).status == 200


@pytest.mark.parametrize(
    ("tags", "status"),
    [('"v7"', 304), ('W/"v7"', 304), ("*", 304), ('"v1", "v7"', 304), ('"v1"', 200)],
)
async def test_if_none_match(site: Site, ask: Ask, tags: str, status: int) -> None:
    """A client that has the current version gets 304 with its tag and no body."""
    reply = await ask(site, "GET", "/v1/notes/a", f"If-None-Match: {tags}")
    assert (reply.status, reply.header("etag")) == (status, '"v7"')
    assert bool(reply.body) == (status == 200)


async def test_if_match(site: Site, ask: Ask) -> None:
    """`If-Match` arrives in the etag of the request, or of its body field."""
    reply = await ask(site, "DELETE", "/v1/notes/a", 'If-Match: "v7"')
    assert reply.json["etag"] == "v7"
    reply = await ask(site, "PATCH", "/v1/notes/a", JSON, 'If-Match: W/"v7"', body=b"{}")
    assert reply.json["etag"] == "v7"
    reply = await ask(site, "DELETE", "/v1/notes/a", "If-Match: *")
    assert reply.json == {"noteId": "a"}


@pytest.mark.parametrize(
    ("method", "path", "tags", "body"),
    [
        ("DELETE", "/v1/notes/a", '"v1", "v2"', None),
        ("DELETE", "/v1/notes/a", "v1", None),
        ("PATCH", "/v1/notes/a", '"v1"', b'{"etag":"v2"}'),
        ("POST", "/v1/notes/a:pin", '"v1"', None),
    ],
)
async def test_if_match_that_cannot_hold(
    site: Site, ask: Ask, method: str, path: str, tags: str, body: bytes | None
) -> None:
    """A precondition that nobody could check is refused."""
    lines = [JSON] if body else []
    reply = await ask(site, method, path, f"If-Match: {tags}", *lines, body=body)
    assert reply.status == 400


async def test_gzip(site: Site, ask: Ask) -> None:
    """A large reply is compressed for a client that wants it; its tag is weak then."""

    async def handler(exchange: Exchange) -> Any:
        return note(text="x" * 10_000, etag="v7")

    site.backend.handlers["GetNote"] = handler
    reply = await ask(site, "GET", "/v1/notes/a", "Accept-Encoding: br, gzip;q=0.5")
    assert reply.header("content-encoding") == "gzip"
    assert reply.header("vary") == "Accept-Encoding"
    assert reply.header("etag") == 'W/"v7"'
    assert len(gzip.decompress(reply.body)) > 10_000
    plain = await ask(site, "GET", "/v1/notes/a", "Accept-Encoding: gzip;q=0, *")
    assert plain.header("content-encoding") is None
    assert plain.header("vary") == "Accept-Encoding"


async def test_small_replies_are_not_compressed(site: Site, ask: Ask) -> None:
    """What fits into a packet is left as it is."""
    reply = await ask(site, "GET", "/v1/notes/a", "Accept-Encoding: gzip")
    assert reply.header("content-encoding") is None


CORS = GatewayOptions(
    cors={
        "/notes.v1.Notes/GetNote": CorsRule(headers=("Authorization", "X-Request-Id")),
        "/notes.v1.Notes/PostNote": CorsRule(origins=frozenset({"https://app.example"})),
    }
)


def _preflight(method: str) -> list[str]:
    return ["Origin: https://app.example", f"Access-Control-Request-Method: {method}"]


async def test_preflight(sites: Sites, ask: Ask) -> None:
    """A preflight for a method that is open to browsers says what they may do."""
    site = await sites(CORS)
    reply = await ask(site, "OPTIONS", "/v1/notes/a", *_preflight("GET"))
    assert reply.status == 204
    assert reply.header("access-control-allow-origin") == "https://app.example"
    assert reply.header("access-control-allow-methods") == "GET"
    assert reply.header("access-control-allow-headers") == "Authorization, X-Request-Id"
    assert "Origin" in (reply.header("vary") or "")
    assert reply.header("access-control-allow-credentials") is None


@pytest.mark.parametrize(
    ("path", "method", "origin"),
    [
        ("/v1/notes/a", "DELETE", "https://app.example"),
        ("/v1/notes", "POST", "https://evil.example"),
        ("/v1/notes/a", "BREW", "https://app.example"),
    ],
)
async def test_preflight_refused(
    sites: Sites, ask: Ask, path: str, method: str, origin: str
) -> None:
    """For any other method or origin it says nothing, so that the browser refuses."""
    site = await sites(CORS)
    lines = [f"Origin: {origin}", f"Access-Control-Request-Method: {method}"]
    reply = await ask(site, "OPTIONS", path, *lines)
    assert reply.status == 204
    assert reply.header("access-control-allow-origin") is None
    assert reply.header("access-control-allow-headers") is None


async def test_cross_origin_call(sites: Sites, ask: Ask) -> None:
    """Replies and errors of an open method can be read by the page; others cannot."""
    site = await sites(CORS)
    origin = "Origin: https://app.example"
    reply = await ask(site, "GET", "/v1/notes/a", origin)
    assert reply.header("access-control-allow-origin") == "https://app.example"
    assert "X-Request-Id" in (reply.header("access-control-expose-headers") or "")

    async def handler(exchange: Exchange) -> Any:
        raise failure(7)

    site.backend.handlers["GetNote"] = handler
    reply = await ask(site, "GET", "/v1/notes/a", origin)
    assert (reply.status, reply.header("access-control-allow-origin")) == (
        403,
        "https://app.example",
    )
    reply = await ask(site, "DELETE", "/v1/notes/a", origin)
    assert reply.header("access-control-allow-origin") is None
    reply = await ask(site, "GET", "/v1/notes/a")
    assert reply.header("vary") == "Origin"


async def test_mounts(sites: Sites, ask: Ask) -> None:
    """Plain applications answer at their paths and below their prefixes, for GET and HEAD."""
    site = await sites(GatewayOptions(mounts={"/healthz": _hello, "/docs/": _hello}))
    assert (await ask(site, "GET", "/healthz")).body == b"ok"
    assert (await ask(site, "HEAD", "/healthz")).status == 200
    assert (await ask(site, "GET", "/docs/app.js")).body == b"ok"
    assert (await ask(site, "GET", "/healthz/x")).status == 404
    refused = await ask(site, "POST", "/healthz")
    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")
    assert (await ask(site, "OPTIONS", "/healthz")).header("allow") == "GET, HEAD, OPTIONS"


async def test_stop_lets_calls_end(sites: Sites, connect: Connect) -> None:
    """A stop waits for the calls that run, and closes the connections that idle."""
    site = await sites()
    go_on = asyncio.Event()

    async def handler(exchange: Exchange) -> Any:
        await go_on.wait()
        return note(note_id="done")

    site.backend.handlers["GetNote"] = handler
    idle, busy = await connect(site), await connect(site)
    await busy.send(request("GET", "/v1/notes/a"))
    await until(lambda: len(site.backend.seen) == 1)
    stopping = asyncio.create_task(site.server.stop(5))
    assert await idle.closed() == b""
    with pytest.raises(ConnectionError):
        await connect(site)
    go_on.set()
    reply = await busy.reply()
    assert (reply.json["noteId"], reply.header("connection")) == ("done", "close")
    await stopping


async def test_stop_interrupts_what_does_not_end(sites: Sites, connect: Connect) -> None:
    """When the grace is over, calls that still run answer 503."""
    site = await sites()
    site.backend.handlers["GetNote"] = _forever
    connection = await connect(site)
    await connection.send(request("GET", "/v1/notes/a"))
    await until(lambda: len(site.backend.seen) == 1)
    await site.server.stop(0.05)
    reply = await connection.reply()
    assert (reply.status, reply.header("retry-after")) == (503, "1")


async def test_static_page(sites: Sites, ask: Ask) -> None:
    """A page that is known from the start is compressed once and has a version."""
    page = StaticPage(b"<p>hello</p>" * 500, "text/html; charset=utf-8")
    site = await sites(GatewayOptions(mounts={"/docs": page}))
    plain = await ask(site, "GET", "/docs")
    packed = await ask(site, "GET", "/docs", "Accept-Encoding: gzip")
    assert gzip.decompress(packed.body) == plain.body == b"<p>hello</p>" * 500
    tag = plain.header("etag") or ""
    assert packed.header("etag") == f"W/{tag}"
    assert packed.header("vary") == plain.header("vary") == "Accept-Encoding"
    for known in (tag, f"W/{tag}", "*"):
        again = await ask(site, "GET", "/docs", f"If-None-Match: {known}")
        assert (again.status, again.body) == (304, b"")
    assert (await ask(site, "GET", "/docs", 'If-None-Match: "other"')).status == 200
    head = await ask(site, "HEAD", "/docs")
    assert head.header("content-length") == str(len(plain.body))


async def test_unreadable_if_none_match(site: Site, ask: Ask) -> None:
    """A tag without quotes asks for nothing: the whole reply comes."""
    assert (await ask(site, "GET", "/v1/notes/a", "If-None-Match: v7")).status == 200


async def test_metadata_that_is_no_base64(sites: Sites, ask: Ask) -> None:
    """A binary header that is none is refused before anything is done."""
    site = await sites(GatewayOptions(headers=HeaderRules(metadata_prefix="m-")))
    assert (await ask(site, "GET", "/v1/notes/a", "M-X-Bin: !")).status == 400


async def test_limits_of_one_method(sites: Sites, ask: Ask) -> None:
    """A method may have a limit of its own."""
    limits = {"/notes.v1.Notes/PostNote": BodyLimits(body_bytes=10)}
    site = await sites(GatewayOptions(body_of=limits))
    assert (await ask(site, "POST", "/v1/notes", JSON, body=b'{"text":"long"}')).status == 413
    reply = await ask(site, "PATCH", "/v1/notes/a", JSON, body=b'{"text":"long"}')
    assert reply.status == 200


async def test_other_servers(site: Site) -> None:
    """The application asks of a server no more than ASGI does."""
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/v1/notes/a b", "query_string": b""}
    await site.gateway({**scope, "headers": []}, receive, send)
    assert [event.get("status") for event in sent] == [200, None]
    assert b'"a b"' in sent[1]["body"]
    sent.clear()
    head = [(b"content-length", b"5"), (b"content-type", b"application/json")]
    scope |= {"method": "POST", "path": "/v1/notes"}
    await site.gateway({**scope, "headers": head}, receive, send)
    assert sent == []
    with pytest.raises(RuntimeError, match="websocket"):
        await site.gateway({"type": "websocket"}, receive, send)


async def test_tls(tmp_path: Path) -> None:
    """With a certificate and its key the same is served over TLS."""
    site = Site(tls=self_signed(tmp_path))
    await site.server.start()
    try:
        client = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        reader, writer = await asyncio.open_connection(
            *site.address, ssl=client, server_hostname="localhost"
        )
        connection = Connection(reader, writer)
        for _ in range(2):
            await connection.send(request("GET", "/v1/notes/a"))
            assert (await connection.reply()).json["noteId"] == "a"
        await connection.send(b"nonsense\r\n\r\n")
        assert (await connection.reply()).status == 400
        assert await connection.closed() == b""
        await connection.close()
    finally:
        await site.server.stop(0)


async def test_address_in_use(site: Site) -> None:
    """A second server on the same port does not start."""
    second = HttpServer(
        site.gateway,
        render_error=site.backend.render_error,
        listen=Listen(port=site.address[1]),
    )
    with pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        await second.start()
    await second.stop(0)
