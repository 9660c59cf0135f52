"""Backend of the REST gateway that answers its calls through the interceptors.

The gateway handles HTTP and JSON; the interceptors handle everything else. Both run in one process,
without a connection between them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import cast

from google.protobuf.message import Message

from httprule import (
    ErrorResponse,
    Exchange,
    Failure,
    Framing,
    HttpError,
    InvalidArgument,
    RequestHead,
)
from httprule.body import ClientGone
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next
from xaigh_server.rpc.interceptors.errors import CallFailed
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.rest_errors import RestErrors, RestFailure, refusal_of

Pairs = tuple[tuple[str, str], ...]


class RestBackend:
    """Answers the gateway's calls through the interceptors."""

    def __init__(
        self,
        *,
        methods: Mapping[str, Method],
        chain: Next,
        errors: RestErrors,
        clock: Callable[[], datetime],
    ) -> None:
        self._methods = methods
        self._chain = chain
        self._errors = errors
        self._clock = clock

    async def unary(self, exchange: Exchange) -> Message:
        """Answers a unary call. Reply headers are sent with an error as well."""
        call = self._call(exchange)
        try:
            reply = await self._chain(_RestSource(exchange, call), call)
        except CallFailed as failed:
            raise RestFailure(failed) from failed
        finally:
            exchange.reply_headers.extend(call.reply_metadata)
        if call.method.rule.secret_reply:
            exchange.reply_headers.append(("cache-control", "no-store"))
        return cast(Message, reply)

    async def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        """Yields replies as they come; only the last one where `wants_summary` holds."""
        call = self._call(exchange)
        if wants_summary(exchange):
            exchange.framing = Framing.SINGLE
        try:
            replies = cast(
                AsyncIterator[Message], await self._chain(_RestSource(exchange, call), call)
            )
            exchange.reply_headers.extend(call.reply_metadata)
            call.reply_metadata.clear()
            if exchange.framing is Framing.SINGLE:
                yield await _last(replies, call.method.reply_type())
                return
            async for reply in replies:
                yield reply
        except CallFailed as failed:
            exchange.reply_headers.extend(call.reply_metadata)
            raise RestFailure(failed) from failed

    def render_error(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        """Renders any error, also one of a request that never became a call."""
        return self._errors.render(head, failure)

    def _call(self, exchange: Exchange) -> Call:
        call = Call(
            method=self._methods[exchange.rule.name],
            transport="rest",
            # Only a gateway that lets prefixed headers pass has values that are bytes.
            metadata=cast(Pairs, exchange.metadata),
            peer=exchange.peer,
            received=self._clock(),
            deadline=exchange.deadline,
            query=exchange.head.query,
        )
        call.encode = partial(_print, exchange)
        exchange.head.context = call
        return call


def _print(exchange: Exchange, reply: Message) -> Message:
    """Prints the reply, unless only the last one of a stream is sent: which one isn't known yet."""
    if exchange.framing is not Framing.SINGLE:
        exchange.print(reply)
    return reply


def wants_summary(exchange: Exchange) -> bool:
    """Whether the reply to a bidirectional stream is one document, its last message.

    It is unless `Accept` names NDJSON or Server-Sent Events: a client that uploads a feed with a
    plain POST gets one JSON document, and a status for the whole feed.
    """
    method = exchange.method
    if not (method.client_streaming and method.server_streaming):
        return False
    return exchange.framing is Framing.ARRAY or not exchange.accept.names(exchange.framing.value)


async def _last(replies: AsyncIterator[Message], otherwise: Message) -> Message:
    last = otherwise
    async for reply in replies:
        last = reply
    return last


class _RestSource:
    """The request of one HTTP call, before anything of its body is read."""

    __slots__ = ("_call", "_exchange")

    def __init__(self, exchange: Exchange, call: Call) -> None:
        self._exchange = exchange
        self._call = call

    @property
    def arriving(self) -> bool:
        """Never told: the gateway bounds how long a body takes."""
        return False

    async def message(self) -> Message:
        try:
            message = await self._exchange.request()
        except (InvalidArgument, HttpError, ClientGone) as error:
            raise refusal_of(error) from error
        self._call.detached = self._exchange.detached_lists
        return message

    async def messages(self) -> AsyncIterator[Message]:
        try:
            async for message in self._exchange.requests():
                yield message
        except (InvalidArgument, HttpError, ClientGone) as error:
            raise refusal_of(error) from error
