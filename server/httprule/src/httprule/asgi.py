"""The ASGI application: routes requests to a backend and sends its messages as replies.

A request passes these steps: read the listed headers; match the path (404, 405, preflight); set the
deadline (504); negotiate the media type (406); call the backend, which reads the body when it wants
it (408, 411, 413, 415, 400); print the reply, with its ETag and compressed where that helps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final
from urllib.parse import quote

from google.protobuf import any_pb2
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2

from httprule import cors, etag
from httprule import http_errors as http_errors
from httprule.accept import JSON, PROBLEM, parse_accept
from httprule.backend import Backend
from httprule.binding import Binding
from httprule.body import BodyReader, ClientGone
from httprule.cancel_scope import InFlightCalls
from httprule.codec import Codec
from httprule.errors import InvalidArgument
from httprule.exchange import Exchange, GatewayRoute, Metadata, choose_framing
from httprule.failures import ErrorResponse, HttpError, failure_of
from httprule.headers import Peers, RequestHead, encode_value, seconds_left
from httprule.http_rules import Rule, rules_of
from httprule.options import GatewayOptions
from httprule.response import (
    CONNECTION_KEY,
    AbortResponse,
    HttpResponse,
    RawHeaders,
    no_content,
    send_reply,
)
from httprule.routes import Match, MethodNotAllowed, NoRoute, Router
from httprule.stream_responder import StreamResponder
from httprule.streaming import Framing

_READS: Final = ("GET", "HEAD")
_WITHOUT_BODY: Final = ("GET", "HEAD", "DELETE")


class Gateway:
    """ASGI 3 application that serves the annotated methods of some services over HTTP.

    `files` are further descriptors whose messages may occur in error details or in an `Any`.
    Raises `TemplateError`, `RuleError` or `RouteCollision` for a rule that cannot work.
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
        self.backend = backend
        services = tuple(services)
        rules = rules_of(services, auto=self.options.auto_routes)
        self.codec = Codec(
            [each for rule in rules for each in (rule.request, rule.response)],
            files=[any_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR, *files],
            options=self.options.codec,
        )
        methods = {f"/{s.full_name}/{m.name}": m for s in services for m in s.methods}
        self.routes = tuple(self._route(rule, methods[rule.name]) for rule in rules)
        self._router = Router.build(
            self.routes,
            unescape=self.options.unescape,
            colon_always_verb=self.options.colon_always_verb,
        )
        self._headers = self.options.headers
        self.peers = Peers(self.options.trusted_proxies)
        self._mounts = self.options.mounts
        self._prefixes = tuple(path for path in self._mounts if path.endswith("/"))
        self._calls = InFlightCalls(self.options.max_seconds)

    def _route(self, rule: Rule, method: MethodDescriptor) -> GatewayRoute:
        is_versioned = not rule.response_body and not rule.server_streaming
        is_unary = not (rule.server_streaming or rule.client_streaming)
        return GatewayRoute(
            rule=rule,
            method=method,
            binding=Binding.compile(rule, self.codec, self.options.binding),
            reply_has_etag=is_versioned and etag.has_etag(rule.response),
            request_etag=etag.etag_path(rule.request, rule.body),
            cors=self.options.cors.get(rule.name),
            limits=self.options.body_of.get(rule.name, self.options.body),
            seconds=self.options.max_seconds if is_unary else self.options.max_stream_seconds,
        )

    def interrupt(self) -> None:
        """Ends the running calls with UNAVAILABLE. For the end of a shutdown."""
        self._calls.interrupt_all()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"this application serves HTTP, not {scope['type']!r}")
        path = _raw_path(scope)
        head: RequestHead | None = None
        try:
            head, metadata = self._head(scope, path)
            mounted = self._mounts.get(path)
            if mounted is not None:
                await self._mount(mounted, head, scope, receive, send)
                return
            found = self._router.match(head.http_method, path)
        except (HttpError, InvalidArgument) as error:
            head = head or RequestHead(http_method=scope["method"], path=path, peer="")
            reply = (
                no_content([(b"allow", b"OPTIONS")])
                if path == "*" and head.http_method == "OPTIONS"
                else await self._error_reply(head, error)
            )
            await self._send(scope, send, head, reply)
            return
        if found.__class__ is Match:
            # get_running_loop() costs a system call on some versions; our server passes its loop.
            connection = scope.get(CONNECTION_KEY)
            loop = connection.loop if connection is not None else asyncio.get_running_loop()
            left = await self._call(found, head, metadata, loop, receive, send)
            if left is not None:
                await self._send(scope, send, head, left)
        else:
            await self._unmatched(found, head, scope, receive, send)

    def _head(self, scope: Any, path: str) -> tuple[RequestHead, Metadata]:
        known, metadata = self._headers.scan(scope["headers"])
        client = scope.get("client")
        head = RequestHead(
            http_method=scope["method"],
            path=path,
            peer=self.peers.peer(client[0] if client else "", known.get("x-forwarded-for")),
            query=scope["query_string"].decode("latin-1"),
            headers=known,
        )
        return head, metadata

    # -- calls ---------------------------------------------------------------------------------

    async def _call(
        self,
        found: Match[GatewayRoute],
        head: RequestHead,
        metadata: Metadata,
        loop: asyncio.AbstractEventLoop,
        receive: Any,
        send: Any,
    ) -> HttpResponse | None:
        """Answers a call. Returns the reply to send; None where a stream was sent already."""
        route, values = found
        exchange: Exchange | None = None
        try:
            is_usual = head.http_method not in _WITHOUT_BODY
            body = BodyReader(receive, head.headers, route.limits, loop, is_usual=is_usual)
            seconds = seconds_left(head.headers, route.seconds)
            exchange = Exchange(route, values, head, metadata, seconds, body, loop)
            if route.rule.server_streaming:
                return await self._stream(route, exchange, send)
            if "accept" in head.headers:
                _check_accept(route, head.accept)
            with self._calls.open(loop, seconds):
                message = await self.backend.unary(exchange)
            return self._printed(route, exchange, message)
        except ClientGone:
            return None
        except AbortResponse:
            raise
        except Exception as error:
            return await self._error_reply(head, error, route, exchange)

    async def _stream(
        self, route: GatewayRoute, exchange: Exchange, send: Any
    ) -> HttpResponse | None:
        """Sends a stream. Returns the reply of a backend that answers with one message."""
        is_raw = route.binding.is_raw_reply
        exchange.framing = Framing.RAW if is_raw else choose_framing(exchange.accept)
        responder = StreamResponder(route, exchange, send, self.options, self._reply_headers)
        try:
            with self._calls.open(exchange.loop, exchange.deadline):
                single = await responder.run(self.backend.stream(exchange))
            return None if single is None else self._printed(route, exchange, single)
        except Exception as error:
            if not responder.is_started or isinstance(error, ClientGone | AbortResponse):
                raise
            response = await self._render_error(_wanting_json(exchange.head), error)
            await responder.fail(response.body)
            return None
        finally:
            responder.close()

    def _printed(self, route: GatewayRoute, exchange: Exchange, message: Message) -> HttpResponse:
        headers = self._reply_headers(route, exchange)
        body = exchange.print(message)
        content_type = route.binding.content_type(message)
        if route.reply_has_etag and exchange.head.http_method in _READS:
            tag = etag.of_message(message)
            if tag is not None:
                headers.append((b"etag", f'"{tag}"'.encode()))
                known = exchange.head.headers.get("if-none-match")
                if known is not None and etag.is_unchanged(known, tag):
                    return HttpResponse(304, "", b"", headers)
        return HttpResponse(200, content_type, body, headers)

    def _reply_headers(self, route: GatewayRoute, exchange: Exchange) -> RawHeaders:
        headers = self._headers.reply(exchange.reply_headers)
        if route.cors is not None:
            headers += cors.actual(route.cors, exchange.head.headers.get("origin"))
        return headers

    # -- failures ------------------------------------------------------------------------------

    async def _render_error(self, head: RequestHead, error: Exception) -> ErrorResponse:
        response = self.backend.render_error(head, failure_of(error))
        return await response if isawaitable(response) else response

    async def _error_reply(
        self,
        head: RequestHead,
        error: Exception,
        route: GatewayRoute | None = None,
        exchange: Exchange | None = None,
    ) -> HttpResponse:
        response = await self._render_error(head, error)
        headers: RawHeaders = []
        if exchange is not None:
            own = {name.lower() for name, _ in response.headers}
            kept = [pair for pair in exchange.reply_headers if pair[0].lower() not in own]
            headers = self._headers.reply(kept)
        headers += [(n.lower().encode("latin-1"), encode_value(v)) for n, v in response.headers]
        if route is not None and route.cors is not None:
            headers += cors.actual(route.cors, head.headers.get("origin"))
        return HttpResponse(response.status, response.content_type, response.body, headers)

    # -- requests that are no calls -------------------------------------------------------------

    async def _unmatched(
        self,
        found: MethodNotAllowed | NoRoute | Match[GatewayRoute],
        head: RequestHead,
        scope: Any,
        receive: Any,
        send: Any,
    ) -> None:
        if isinstance(found, MethodNotAllowed):
            if head.http_method == "OPTIONS":
                reply = no_content(self._options_headers(found.allow, head))
            else:
                reply = await self._error_reply(head, http_errors.method_not_allowed(found.allow))
        else:
            prefix = max(
                (p for p in self._prefixes if head.path.startswith(p)), key=len, default=""
            )
            if prefix:
                await self._mount(self._mounts[prefix], head, scope, receive, send)
                return
            reply = await self._error_reply(head, http_errors.route_unknown())
        await self._send(scope, send, head, reply)

    async def _mount(
        self, mounted: Any, head: RequestHead, scope: Any, receive: Any, send: Any
    ) -> None:
        if head.http_method in _READS:
            await mounted(scope, receive, send)
        elif head.http_method == "OPTIONS":
            reply = no_content([(b"allow", b"GET, HEAD, OPTIONS")])
            await self._send(scope, send, head, reply)
        else:
            error = http_errors.method_not_allowed(_READS)
            await self._send(scope, send, head, await self._error_reply(head, error))

    def _options_headers(self, allow: tuple[str, ...], head: RequestHead) -> RawHeaders:
        """The headers of a reply to OPTIONS, and to a preflight of a browser."""
        headers = [(b"allow", ", ".join(sorted({*allow, "OPTIONS"})).encode("latin-1"))]
        origin = head.headers.get("origin")
        wanted = head.headers.get("access-control-request-method")
        if origin is not None and wanted is not None:
            target = self._router.match(wanted, head.path)
            rule = target.route.cors if isinstance(target, Match) else None
            headers += cors.preflight(rule, origin, wanted)
        return headers

    def _send(
        self, scope: Any, send: Any, head: RequestHead, reply: HttpResponse
    ) -> Awaitable[None]:
        connection = scope.get(CONNECTION_KEY)
        send_whole = connection.reply if connection is not None else None
        return send_reply(send, reply, head.headers, gzip=self.options.gzip, send_whole=send_whole)


def _raw_path(scope: Any) -> str:
    """The path as it was sent. Where a server does not keep it, it is encoded again."""
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


def _check_accept(route: GatewayRoute, accept: str) -> None:
    """Raises a 406 error where the client accepts nothing that this method sends.

    A client that names RFC 9457 problems alone means the errors, and gets other replies as JSON.
    """
    if accept in ("*/*", JSON) or route.binding.is_raw_reply:
        return
    if parse_accept(accept).best((JSON, PROBLEM)) is None:
        raise http_errors.not_acceptable((JSON,))


def _wanting_json(head: RequestHead) -> RequestHead:
    """The head with a plain JSON `Accept`: an error in a stream has one form for all clients."""
    return replace(head, headers={**head.headers, "accept": JSON})
