"""gRPC handler that answers calls through the same interceptors as REST.

The interceptors check the metadata of a call before the bridge reads the first byte of a message,
so that a caller who isn't allowed costs neither memory nor decoding (`grpc_source`). The gRPC core
itself enforces the limits of metadata and of the largest message, and the caller's deadline; it
answers without details.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import unquote

import grpc
import grpc.aio
import structlog
from google.protobuf.message import Message
from grpc_status import rpc_status

from httprule.headers import Peers
from xaigh_server.log_events import LogEvent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.call_batcher import CallBatcher, next_turn
from xaigh_server.rpc.errors import Unimplemented
from xaigh_server.rpc.grpc_source import GrpcSource
from xaigh_server.rpc.interceptor import Next
from xaigh_server.rpc.interceptors.errors import CallFailed, Failures
from xaigh_server.rpc.interceptors.request_id import HEADER as REQUEST_ID
from xaigh_server.rpc.method import Method

if TYPE_CHECKING:
    _GenericHandler = grpc.GenericRpcHandler[bytes, bytes]
else:
    _GenericHandler = grpc.GenericRpcHandler  # generic in the stubs alone

_Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"
_UNLIMITED = 2**31 - 1  # what gRPC's core takes at most
_SHOWN = 200  # how many characters of an unknown method are logged
_log = structlog.get_logger("xaigh.grpc")


class GrpcBridge(_GenericHandler):
    """Answers every method through the interceptors, and unknown ones with a detailed error."""

    def __init__(
        self,
        *,
        methods: Mapping[str, Method],
        chain: Next,
        failures: Failures,
        clock: Callable[[], datetime],
        new_request_id: Callable[[], str],
        peers: Peers | None = None,
        limits: Mapping[str, int] | None = None,
        aliases: Mapping[str, str] | None = None,
        message_seconds: float = 60.0,
        stream_idle_seconds: float = 300.0,
    ) -> None:
        """`limits`: the most bytes of a message by the method's path; none for any other.

        `aliases`: the path of a method of ours by a further path that clients call it by. KeyError:
        there is no such method, so no path is served without a rule.

        `message_seconds`: how long the one message of a call may take to arrive, and
        `stream_idle_seconds` the next one of a request stream.
        """
        self._limits = limits or {}
        self._message_seconds = message_seconds
        self._stream_idle_seconds = stream_idle_seconds
        self._peers = peers or Peers()
        self._chain = chain
        self._batcher = CallBatcher()
        self._failures = failures
        self._clock = clock
        self._new_request_id = new_request_id
        self._handlers = {path: self._handler(method) for path, method in methods.items()}
        for alias, path in (aliases or {}).items():
            self._handlers[alias] = self._handlers[path]

    def service(self, details: grpc.HandlerCallDetails) -> _Handler | None:
        handler = self._handlers.get(details.method)
        if handler is not None:
            return handler
        # Health and reflection are other handlers of the same server: let them have their turn.
        if details.method.startswith("/grpc."):
            return None
        return grpc.stream_unary_rpc_method_handler(partial(self._unknown, details.method))

    def _handler(self, method: Method) -> _Handler:
        # Requests are streams for gRPC whatever they are for the caller: see `grpc_source`.
        if method.server_streaming:
            return grpc.stream_stream_rpc_method_handler(_bound(self._stream, method))
        return grpc.stream_unary_rpc_method_handler(partial(self._unary, method))

    async def _unary(self, method: Method, received: Any, context: Any) -> bytes:
        batcher = self._batcher
        released = batcher.enter()
        try:
            if released is not None:
                await released
            call = self._call(method, context)
            try:
                reply = await self._chain(self._source(method, context), call)
            except CallFailed as failed:
                return await _abort(context, call.reply_metadata, failed)
            if batcher.together:
                await next_turn()  # all of the group come through the chain before any is sent
            await context.send_initial_metadata(tuple(call.reply_metadata))
            return cast(bytes, reply)
        finally:
            batcher.leave()

    async def _stream(self, method: Method, received: Any, context: Any) -> AsyncIterator[bytes]:
        call = self._call(method, context)
        try:
            replies = cast(
                AsyncIterator[bytes], await self._chain(self._source(method, context), call)
            )
            try:
                await context.send_initial_metadata(tuple(call.reply_metadata))
            except BaseException:
                await _end(replies)
                raise
            call.reply_metadata.clear()
            async for reply in replies:
                yield reply
        except CallFailed as failed:
            await _abort(context, call.reply_metadata, failed)

    def _source(self, method: Method, context: Any) -> GrpcSource:
        return GrpcSource(
            method,
            context,
            limit=self._limits.get(method.path, _UNLIMITED),
            seconds=self._message_seconds,
            idle_seconds=self._stream_idle_seconds,
            batcher=None if method.server_streaming else self._batcher,
        )

    async def _unknown(self, path: str, received: Any, context: Any) -> bytes:
        request_id = self._new_request_id()
        failed = self._failures.of(Unimplemented(), request_id=request_id)
        _log.info(
            LogEvent.REQUEST_REFUSED,
            request_id=request_id,
            transport="grpc",
            path=path[:_SHOWN],
            code=failed.view.code,
            reason=failed.reason,
            peer=peer_address(context.peer()),
        )
        return await _abort(context, ((REQUEST_ID, request_id),), failed)

    def _call(self, method: Method, context: Any) -> Call:
        metadata = tuple(_text(context.invocation_metadata()))
        return Call(
            method=method,
            transport="grpc",
            metadata=metadata,
            peer=self._peers.peer(peer_address(context.peer()), _forwarded_for(metadata)),
            received=self._clock(),
            deadline=context.time_remaining(),
            encode=_serialize,
        )


def _serialize(reply: Message) -> bytes:
    return reply.SerializeToString()


async def _end(replies: AsyncIterator[bytes]) -> None:
    """Ends replies of which none was asked for, since the caller has gone.

    A generator that never began has no end that the interceptors could count.
    """
    first = asyncio.ensure_future(anext(replies, None))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    if not first.cancelled():
        first.exception()  # An error that nobody waits for must not be reported.
    await cast(AsyncGenerator[bytes], replies).aclose()


def _bound(run: Callable[..., AsyncIterator[bytes]], method: Method) -> Callable[..., Any]:
    async def behaviour(received: Any, context: Any) -> AsyncIterator[bytes]:
        async for reply in run(method, received, context):
            yield reply

    return behaviour


async def _abort(context: Any, head: Sequence[tuple[str, str]], failed: CallFailed) -> bytes:
    """Ends a call with an error alone. `head` goes into the trailing metadata.

    Initial metadata would tell gRPC's core in the client that the call has begun, and it would
    follow no retry policy any more.
    """
    # Not `abort_with_status`: it takes no further trailing metadata.
    status = rpc_status.to_status(failed.status)
    trailing = (*head, *failed.headers, *status.trailing_metadata)
    await context.abort(status.code, status.details, trailing)
    raise AssertionError("abort always raises")


def _text(metadata: Any) -> list[tuple[str, str]]:
    """The metadata as text: binary entries are none of ours, and none of ours is binary."""
    return [(key, value) for key, value in metadata or () if isinstance(value, str)]


def _forwarded_for(metadata: tuple[tuple[str, str], ...]) -> str | None:
    values = [value for name, value in metadata if name == "x-forwarded-for"]
    return ",".join(values) if values else None


def peer_address(peer: str) -> str:
    """The IP address in gRPC's words for a peer (`ipv4:1.2.3.4:5`, `ipv6:%5B::1%5D:5`)."""
    family, _, rest = peer.partition(":")
    if family not in ("ipv4", "ipv6"):
        return peer
    host = unquote(rest).rpartition(":")[0]
    return host.strip("[]")
