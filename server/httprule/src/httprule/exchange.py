"""Exchange: one HTTP request as a call, and the route that it matched."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from httprule import etag
from httprule import http_errors as http_errors
from httprule.accept import OFFERED_TO_STREAMS, Accept, parse_accept
from httprule.binding import Binding, BodyKind
from httprule.body import NDJSON_TYPES, BodyReader, is_json, media_type
from httprule.cors import CorsRule
from httprule.headers import RequestHead
from httprule.http_rules import Rule
from httprule.json_stream import JsonStreamSplitter, NdjsonSplitter
from httprule.limits import BodyLimits
from httprule.streaming import Framing
from httprule.struct_lists import DetachedLists
from httprule.template import Template


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GatewayRoute:
    """One rule, resolved at the start. `seconds` is the bound of a call, None for no bound."""

    rule: Rule
    method: MethodDescriptor
    binding: Binding
    reply_has_etag: bool
    request_etag: tuple[str, ...] | None
    cors: CorsRule | None
    limits: BodyLimits
    seconds: float | None

    @property
    def name(self) -> str:
        return self.rule.name

    @property
    def http_method(self) -> str:
        return self.rule.http_method

    @property
    def template(self) -> Template:
        return self.rule.template


Metadata = tuple[tuple[str, str | bytes], ...]

_RAW_CHUNK: Final = 1024 * 1024
_JSON_TYPES: Final = ("application/json",)


class Exchange:
    """One call, as a backend sees it. The backend reads the request once, when it wants to.

    `metadata` holds the listed request headers, in order, repeated ones as often as they were sent.
    `deadline` is the number of seconds the call had when it began, None for no limit. Headers that
    the backend puts into `reply_headers` leave with the head of the reply or of the error.
    After `request` has returned, `detached_lists` holds the lists of the detached fields.
    `framing` is the form of a stream; the backend may change it before the first message.
    """

    __slots__ = (
        "_body",
        "_printed",
        "_request",
        "_route",
        "_values",
        "deadline",
        "detached_lists",
        "framing",
        "head",
        "loop",
        "metadata",
        "reply_headers",
    )

    def __init__(
        self,
        route: GatewayRoute,
        values: tuple[str, ...],
        head: RequestHead,
        metadata: Metadata,
        deadline: float | None,
        body: BodyReader,
        loop: AbstractEventLoop,
    ) -> None:
        self._route = route
        self._values = values
        self._body = body
        self._request: Message | None = None
        self._printed: tuple[Message, bytes] | None = None
        self.detached_lists: DetachedLists = {}
        self.head = head
        self.metadata = metadata
        self.deadline = deadline
        self.loop = loop
        self.framing = Framing.NDJSON
        self.reply_headers: list[tuple[str, str]] = []

    @property
    def method(self) -> MethodDescriptor:
        return self._route.method

    @property
    def rule(self) -> Rule:
        """The HTTP rule that matched."""
        return self._route.rule

    @property
    def http_method(self) -> str:
        return self.head.http_method

    @property
    def path(self) -> str:
        return self.head.path

    @property
    def peer(self) -> str:
        return self.head.peer

    @property
    def accept(self) -> Accept:
        return parse_accept(self.head.accept)

    async def request(self) -> Message:
        """The request message. The first call reads and decodes the body.

        Raises `HttpError` or `InvalidArgument`.
        """
        if self._request is None:
            content_type = self.head.headers.get("content-type", "")
            body = await self._body.read_all()
            if body and self._route.binding.body_kind is BodyKind.JSON:
                _expect_json(content_type)
            self._request = self._bind(body, content_type, self.detached_lists)
        return self._request

    def print(self, message: Message) -> bytes:
        """The body of a reply. The last one is kept: a backend may print it to see that it can."""
        printed = self._printed
        if printed is None or printed[0] is not message:
            printed = self._printed = (message, self._route.binding.print(message))
        return printed[1]

    async def requests(self) -> AsyncGenerator[Message, None]:
        """The messages of a client stream, received no faster than the caller takes them.

        The first message takes the path and the query. Raises as `request` does, at the message
        that is at fault.
        """
        binding = self._route.binding
        if binding.body_kind is BodyKind.NONE:
            yield await self.request()
            return
        content_type = self.head.headers.get("content-type", "")
        is_first = True
        async for document in self._documents(content_type):
            if is_first:
                is_first = False
                yield self._bind(document, content_type)
            else:
                yield binding.element(document, content_type)

    async def _documents(self, content_type: str) -> AsyncIterator[bytes]:
        if self._route.binding.body_kind is BodyKind.RAW:
            async for piece in self._body.pieces():
                for start in range(0, len(piece), _RAW_CHUNK):
                    yield piece[start : start + _RAW_CHUNK]
            return
        cutter = self._splitter(media_type(content_type))
        async for piece in self._body.pieces():
            for document in cutter.push(piece):
                yield document
        for document in cutter.end():
            yield document

    def _splitter(self, kind: str) -> NdjsonSplitter | JsonStreamSplitter:
        if kind in NDJSON_TYPES:
            return NdjsonSplitter(self._body.limits.message_bytes)
        if is_json(kind):
            return JsonStreamSplitter(self._body.limits.message_bytes)
        raise http_errors.media_type_unsupported((NDJSON_TYPES[0], *_JSON_TYPES))

    def _bind(
        self, body: bytes, content_type: str, detached: DetachedLists | None = None
    ) -> Message:
        route = self._route
        message = route.binding.request(self._values, self.head.query, body, content_type, detached)
        if_match = self.head.headers.get("if-match")
        if if_match is not None and self.head.http_method not in ("GET", "HEAD"):
            etag.apply_if_match(message, route.request_etag, if_match)
        return message


def _expect_json(content_type: str) -> None:
    if not is_json(media_type(content_type)):
        raise http_errors.media_type_unsupported(_JSON_TYPES)


def choose_framing(accept: Accept) -> Framing:
    """The form of a stream that the client prefers. Raises a 406 error."""
    best = accept.best(OFFERED_TO_STREAMS)
    if best is None:
        raise http_errors.not_acceptable(OFFERED_TO_STREAMS)
    return Framing(best)
