"""The ASGI application: routes requests to a backend, and its messages to replies.

The way of a request: match the path (404, 405, preflight) · read the few headers that matter ·
negotiate (406) · set the deadline (504) · call the backend, which reads the body when it is ready
to (408, 411, 413, 415, 400) · print the reply, with its version and compressed where that helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Final, NamedTuple

from google.protobuf import any_pb2
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2

from xaigh_server.gateway import cors, etag, refusals
from xaigh_server.gateway.accept import JSON, PROBLEM, parse_accept, wants_gzip
from xaigh_server.gateway.backend import Backend, ErrorPage, HttpRefusal, RequestHead
from xaigh_server.gateway.binding import Binding, BindingOptions
from xaigh_server.gateway.body import BodyLimits, BodyReader, ClientGone
from xaigh_server.gateway.codec import Codec, CodecOptions
from xaigh_server.gateway.compression import MIN_GZIP_BYTES, GzipStream, gzip_bytes
from xaigh_server.gateway.cors import CorsRule
from xaigh_server.gateway.cycle import CutStream
from xaigh_server.gateway.deadline import seconds_left
from xaigh_server.gateway.exchange import Endpoint, Exchange, choose_framing
from xaigh_server.gateway.failures import failure_of
from xaigh_server.gateway.fields import HTTP_BODY
from xaigh_server.gateway.headers import HeaderRules, encode_value
from xaigh_server.gateway.peers import Peers
from xaigh_server.gateway.percent import Unescape
from xaigh_server.gateway.routes import Match, MethodNotAllowed, NotFound, Router
from xaigh_server.gateway.rules import rules_of
from xaigh_server.gateway.scope import Interrupted, Scopes
from xaigh_server.gateway.streaming import BEATS, Frames, Framing, Opening, StreamWriter

RawHeaders = list[tuple[bytes, bytes]]
CorsPolicy = Mapping[str, CorsRule]

_READS: Final = ("GET", "HEAD")
_VARY_ENCODING: Final = (b"vary", b"Accept-Encoding")
_UNZIPPED: Final = ("image/", "video/", "audio/", "application/zip", "application/gzip")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    """How a gateway behaves. Times in seconds.

    `max_seconds` bounds every unary call, `max_stream_seconds` every other one (None: no bound).
    `cors` opens methods to browsers, by `/pkg.Service/Method`. `mounts` are plain ASGI
    applications by exact path, or by prefix where the path ends in "/". `trusted_proxies` are the
    CIDR blocks whose `X-Forwarded-For` is believed. `auto_routes` gives methods without annotation
    `POST /pkg.Service/Method`.
    """

    max_seconds: float | None = 60.0
    max_stream_seconds: float | None = None
    stream_head_seconds: float = 1.0
    stream_beat_seconds: float = 15.0
    headers: HeaderRules = field(default_factory=HeaderRules)
    body: BodyLimits = field(default_factory=BodyLimits)
    codec: CodecOptions = field(default_factory=CodecOptions)
    binding: BindingOptions = field(default_factory=BindingOptions)
    cors: CorsPolicy = field(default_factory=dict)
    mounts: Mapping[str, Any] = field(default_factory=dict)
    trusted_proxies: tuple[str, ...] = ()
    unescape: Unescape = Unescape.ALL_EXCEPT_RESERVED
    auto_routes: bool = False
    gzip: bool = True


class _Reply(NamedTuple):
    """A whole reply but for its compression."""

    status: int
    content_type: str
    body: bytes
    headers: RawHeaders


class Gateway:
    """Serves the annotated methods of some services over HTTP. An ASGI 3 application.

    `files` are further descriptors whose messages may stand in error details or in an `Any`.
    Raises at start-up, by name, for every rule that cannot work.
    """

    def __init__(
        self,
        services: Iterable[ServiceDescriptor],
        backend: Backend,
        *,
        options: GatewayOptions | None = None,
        files: Iterable[FileDescriptor] = (),
    ) -> None:
        self.options = options or GatewayOptions()
        self._backend = backend
        services = tuple(services)
        rules = rules_of(services, auto=self.options.auto_routes)
        self.codec = Codec(
            [each for rule in rules for each in (rule.request, rule.response)],
            files=[any_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR, *files],
            options=self.options.codec,
        )
        methods = {f"/{s.full_name}/{m.name}": m for s in services for m in s.methods}
        self.endpoints = tuple(self._endpoint(rule, methods[rule.name]) for rule in rules)
        self._router = Router.build(self.endpoints, unescape=self.options.unescape)
        self._headers = self.options.headers
        self._peers = Peers(self.options.trusted_proxies)
        self._mounts = self.options.mounts
        self._prefixes = tuple(path for path in self._mounts if path.endswith("/"))
        self._scopes = Scopes()

    def _endpoint(self, rule: Any, method: MethodDescriptor) -> Endpoint:
        whole = None if rule.response_body else rule.response
        return Endpoint(
            rule=rule,
            method=method,
            binding=Binding.compile(rule, self.codec, self.options.binding),
            reply_has_etag=whole is not None and not rule.server_streaming and etag.has_etag(whole),
            request_etag=etag.etag_path(rule.request, rule.body),
            cors=self.options.cors.get(rule.name),
        )

    def interrupt(self) -> None:
        """End the calls that are still running with UNAVAILABLE; for the end of a shutdown."""
        self._scopes.interrupt_all()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"this application serves HTTP, not {scope['type']!r}")
        path = scope["raw_path"].decode("latin-1")
        mounted = self._mounts.get(path)
        if mounted is not None:
            await self._mount(mounted, scope, receive, send)
            return
        known, metadata = self._headers.scan(scope["headers"])
        client = scope["client"]
        head = RequestHead(
            http_method=scope["method"],
            path=path,
            peer=self._peers.peer(client[0] if client else "", known.get("x-forwarded-for")),
            query=scope["query_string"].decode("latin-1"),
            headers=known,
        )
        try:
            found = self._router.match(head.http_method, path)
        except Exception as error:
            await self._send(send, head, await self._refused(head, error))
            return
        if found.__class__ is not Match:
            await self._unmatched(found, head, scope, receive, send)
            return
        assert isinstance(found, Match)
        await self._call(found, head, metadata, receive, send)

    # -- calls ---------------------------------------------------------------------------------

    async def _call(
        self, found: Match[Endpoint], head: RequestHead, metadata: Any, receive: Any, send: Any
    ) -> None:
        endpoint, values = found
        exchange: Exchange | None = None
        try:
            streams = endpoint.rule.server_streaming
            whole = endpoint.rule.server_streaming or endpoint.rule.client_streaming
            seconds = seconds_left(
                head.headers,
                self.options.max_stream_seconds if whole else self.options.max_seconds,
            )
            limits = self.options.body
            exchange = Exchange(
                endpoint,
                values,
                head,
                metadata,
                seconds,
                BodyReader(receive, head.headers, limits),
                limits,
            )
            if streams:
                await self._stream(endpoint, exchange, send)
                return
            reply = await self._unary(endpoint, exchange)
        except (ClientGone, CutStream):
            raise
        except Exception as error:
            reply = await self._refused(head, error, endpoint, exchange)
        await self._send(send, head, reply)

    async def _unary(self, endpoint: Endpoint, exchange: Exchange) -> _Reply:
        if "accept" in exchange.head.headers:
            _admit_unary(endpoint, exchange.head)
        with self._scopes.open(exchange.deadline):
            message = await self._backend.unary(exchange)
        return self._printed(endpoint, exchange, message)

    def _printed(self, endpoint: Endpoint, exchange: Exchange, message: Message) -> _Reply:
        headers = self._headers.reply(exchange.reply_headers)
        if endpoint.cors is not None:
            headers += cors.actual(endpoint.cors, exchange.head.headers.get("origin"))
        content_type, body = endpoint.binding.response(message)
        if endpoint.reply_has_etag and exchange.head.http_method in _READS:
            tag = etag.of_message(message)
            if tag is not None:
                headers.append((b"etag", f'"{tag}"'.encode()))
                known = exchange.head.headers.get("if-none-match")
                if known is not None and etag.is_unchanged(known, tag):
                    return _Reply(304, "", b"", headers)
        return _Reply(200, content_type, body, headers)

    # -- streams -------------------------------------------------------------------------------

    async def _stream(self, endpoint: Endpoint, exchange: Exchange, send: Any) -> None:
        raw = endpoint.rule.response.full_name == HTTP_BODY
        exchange.framing = Framing.RAW if raw else choose_framing(exchange.accept)
        call = _StreamCall(self, endpoint, exchange, send)
        try:
            with self._scopes.open(exchange.deadline):
                await call.run(self._backend)
        except (Interrupted, Exception) as error:
            if not call.is_started or isinstance(error, ClientGone | CutStream):
                raise
            page = await self._page(exchange.head, error, plain=True)
            await call.fail(page.body)
        finally:
            call.close()

    # -- failures ------------------------------------------------------------------------------

    async def _page(self, head: RequestHead, error: Exception, *, plain: bool = False) -> ErrorPage:
        if plain and "accept" in head.headers:
            head = RequestHead(
                http_method=head.http_method,
                path=head.path,
                peer=head.peer,
                query=head.query,
                headers={**head.headers, "accept": JSON},
                context=head.context,
            )
        page = self._backend.refused(head, failure_of(error))
        return await page if isawaitable(page) else page

    async def _refused(
        self,
        head: RequestHead,
        error: Exception,
        endpoint: Endpoint | None = None,
        exchange: Exchange | None = None,
    ) -> _Reply:
        page = await self._page(head, error)
        own = {name.lower() for name, _ in page.headers}
        headers = []
        if exchange is not None:
            kept = [pair for pair in exchange.reply_headers if pair[0].lower() not in own]
            headers = self._headers.reply(kept)
        headers += [(n.lower().encode("latin-1"), encode_value(v)) for n, v in page.headers]
        if endpoint is not None and endpoint.cors is not None:
            headers += cors.actual(endpoint.cors, head.headers.get("origin"))
        return _Reply(page.status, page.content_type, page.body, headers)

    # -- what is not a call --------------------------------------------------------------------

    async def _unmatched(
        self, found: Any, head: RequestHead, scope: Any, receive: Any, send: Any
    ) -> None:
        mounted = self._mounted_prefix(head.path) if isinstance(found, NotFound) else None
        if mounted is not None:
            await self._mount(mounted, scope, receive, send)
            return
        if head.http_method == "OPTIONS" and (
            isinstance(found, MethodNotAllowed) or head.path == "*"
        ):
            reply = self._options_reply(found, head)
        else:
            error: HttpRefusal = (
                refusals.method_not_allowed(found.allow)
                if isinstance(found, MethodNotAllowed)
                else refusals.route_unknown()
            )
            reply = await self._refused(head, error)
        await self._send(send, head, reply)

    def _mounted_prefix(self, path: str) -> Any:
        prefix = max((p for p in self._prefixes if path.startswith(p)), key=len, default=None)
        return None if prefix is None else self._mounts[prefix]

    async def _mount(self, mounted: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] in _READS:
            await mounted(scope, receive, send)
            return
        head = RequestHead(
            http_method=scope["method"], path=scope["raw_path"].decode("latin-1"), peer=""
        )
        if scope["method"] == "OPTIONS":
            reply = _Reply(204, "", b"", [(b"allow", b"GET, HEAD, OPTIONS")])
        else:
            reply = await self._refused(head, refusals.method_not_allowed(_READS))
        await self._send(send, head, reply)

    def _options_reply(self, found: Any, head: RequestHead) -> _Reply:
        allow = found.allow if isinstance(found, MethodNotAllowed) else ()
        listed = ", ".join(sorted({*allow, "OPTIONS"})).encode("latin-1")
        origin = head.headers.get("origin")
        wanted = head.headers.get("access-control-request-method")
        if origin is None or wanted is None:
            return _Reply(204, "", b"", [(b"allow", listed)])
        target = self._router.match(wanted, head.path)
        rule = target.route.cors if isinstance(target, Match) else None
        return _Reply(204, "", b"", [(b"allow", listed), *cors.preflight(rule, origin, wanted)])

    # -- sending -------------------------------------------------------------------------------

    async def _send(self, send: Any, head: RequestHead, reply: _Reply) -> None:
        status, content_type, body, headers = reply
        if content_type:
            headers.append((b"content-type", encode_value(content_type)))
            if len(body) >= MIN_GZIP_BYTES and self._may_gzip(content_type, headers):
                headers.append(_VARY_ENCODING)
                if wants_gzip(head.headers.get("accept-encoding", "")):
                    body = await gzip_bytes(body)
                    headers.append((b"content-encoding", b"gzip"))
                    _weaken_etag(headers)
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _may_gzip(self, content_type: str, headers: RawHeaders) -> bool:
        if not self.options.gzip or content_type.startswith(_UNZIPPED):
            return False
        return not any(n == b"cache-control" and b"no-transform" in v for n, v in headers)

    def opening(self, endpoint: Endpoint, exchange: Exchange, content_type: str) -> Opening:
        """How a stream's reply begins."""
        framing = exchange.framing
        headers = self._headers.reply(exchange.reply_headers)
        if endpoint.cors is not None:
            headers += cors.actual(endpoint.cors, exchange.head.headers.get("origin"))
        headers.append((b"content-type", encode_value(content_type)))
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        headers.append((b"x-accel-buffering", b"no"))
        gzip: GzipStream | None = None
        if framing in (Framing.NDJSON, Framing.ARRAY) and self._may_gzip(content_type, headers):
            headers.append((b"vary", b"Accept, Accept-Encoding"))
            if wants_gzip(exchange.head.headers.get("accept-encoding", "")):
                gzip = GzipStream()
                headers.append((b"content-encoding", b"gzip"))
        head = {"type": "http.response.start", "status": 200, "headers": headers}
        return Opening(head, gzip, BEATS.get(framing, b""))


class _StreamCall:
    """One server stream on its way out."""

    def __init__(self, gateway: Gateway, endpoint: Endpoint, exchange: Exchange, send: Any) -> None:
        self._gateway = gateway
        self._endpoint = endpoint
        self._exchange = exchange
        self._send = send
        self._frames: Frames | None = None
        self._content_type = ""
        options = gateway.options
        self._writer = StreamWriter(
            send,
            self._begin,
            head_seconds=options.stream_head_seconds,
            beat_seconds=options.stream_beat_seconds,
        )

    @property
    def is_started(self) -> bool:
        """Whether the reply has begun, or must begin because it has messages."""
        return self._writer.is_started or self._frames is not None

    def close(self) -> None:
        self._writer.cancel()

    async def run(self, backend: Backend) -> None:
        """Send every message of the call, then the end."""
        exchange, writer = self._exchange, self._writer
        is_head_only = exchange.head.http_method == "HEAD"
        print_message = self._endpoint.binding.response
        source = backend.stream(exchange)
        async with aclosing(source) as messages:  # type: ignore[type-var]  # an async generator
            async for message in messages:
                content_type, body = print_message(message)
                if self._frames is None:
                    if exchange.framing is Framing.SINGLE:
                        await self._single(content_type, body)
                        return
                    self._content_type = content_type
                    self._frames = Frames(exchange.framing)
                if not writer.push(self._frames.message(body)):
                    await writer.room()
                if is_head_only:
                    break
        frames = self._frames or Frames(exchange.framing)
        await writer.finish(frames.end())

    async def fail(self, body: bytes) -> None:
        """End a stream that has begun with an error. Raises `CutStream` where the form wants it."""
        frames = self._frames or Frames(self._exchange.framing)
        await self._writer.finish(frames.error(body), cut=frames.is_cut_on_error)
        if frames.is_cut_on_error:
            raise CutStream

    async def _single(self, content_type: str, body: bytes) -> None:
        self._writer.cancel()
        headers = self._gateway._headers.reply(self._exchange.reply_headers)
        reply = _Reply(200, content_type, body, headers)
        await self._gateway._send(self._send, self._exchange.head, reply)

    def _begin(self, is_quiet: bool) -> Opening | None:
        framing = self._exchange.framing
        if is_quiet and framing in (Framing.SINGLE, Framing.RAW):
            return None
        content_type = framing.value if framing is not Framing.RAW else self._content_type
        return self._gateway.opening(self._endpoint, self._exchange, content_type)


def _admit_unary(endpoint: Endpoint, head: RequestHead) -> None:
    """Raises a 406 refusal where the client accepts nothing that this method sends."""
    accept = head.headers["accept"]
    if accept in ("*/*", JSON) or endpoint.rule.response.full_name == HTTP_BODY:
        return
    if parse_accept(accept).best((JSON, PROBLEM)) is None:
        raise refusals.not_acceptable((JSON,))


def _weaken_etag(headers: RawHeaders) -> None:
    """A strong tag names bytes; these are other bytes of the same version."""
    for index, (name, value) in enumerate(headers):
        if name == b"etag" and not value.startswith(b"W/"):
            headers[index] = (name, b"W/" + value)
