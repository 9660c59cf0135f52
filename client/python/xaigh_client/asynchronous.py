"""Calls of `AsyncClient` on an asyncio channel: retries, pages and streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar, cast

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from xaigh_client import calls, channels, failures, methods, values
from xaigh_client.calls import Call, Dependencies, OnReply, Options, Reply
from xaigh_client.methods import Method
from xaigh_client.settings import Settings

R = TypeVar("R", bound=Message)
P = TypeVar("P", bound=Message)
I = TypeVar("I", bound=Message)  # noqa: E741  # I as in item
Sleep = Callable[[float], Awaitable[None]]


class AsyncPager(Generic[P, I]):
    """Iterator over a list. Fetches the next page when the iteration reaches it."""

    def __init__(
        self, fetch: Callable[[str], Awaitable[P]], items_field: str, first_token: str
    ) -> None:
        self._fetch = fetch
        self._items_field = items_field
        self._first_token = first_token

    async def pages(self) -> AsyncIterator[P]:
        """Iterates over whole pages instead of items."""
        token = self._first_token
        while True:
            page = await self._fetch(token)
            yield page
            token = cast(Any, page).next_page_token
            if not token:
                return

    async def __aiter__(self) -> AsyncIterator[I]:
        async for page in self.pages():
            for item in getattr(page, self._items_field):
                yield item


class AsyncStream(Generic[R]):
    """Iterator over the messages of a stream. Close it, or use `async with`, to stop early.

    A stream with a cursor reconnects by itself after a lost connection, and continues there.
    """

    def __init__(
        self, open_: Callable[[Call, str], Any], call: Call, sleep: Sleep, *, resumable: bool
    ) -> None:
        self._open = open_
        self._call = call
        self._sleep = sleep
        self._resumable = resumable
        self._cursor = ""
        self._rpc: Any = None
        self._messages: AsyncIterator[Any] | None = None

    def __aiter__(self) -> AsyncIterator[R]:
        return self

    async def __anext__(self) -> R:
        while True:
            if self._messages is None:
                self._rpc = self._open(self._call, self._cursor)
                self._messages = aiter(self._rpc)
            try:
                message: Any = await anext(self._messages)
            except grpc.RpcError as raised:
                await self._reopen(raised)
                continue
            if self._resumable:
                self._cursor = message.cursor or self._cursor
                self._call.reset_attempts()
            return cast(R, message)

    async def aclose(self) -> None:
        """Cancels the call. Unread messages are lost."""
        if self._rpc is not None:
            self._rpc.cancel()

    async def __aenter__(self) -> AsyncStream[R]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _reopen(self, raised: grpc.RpcError) -> None:
        error = failures.of(raised, attempts=self._call.attempt)
        pause = self._call.pause_after(error) if self._resumable else None
        if pause is None:
            raise error from None
        await self._sleep(pause)
        self._messages = None


class AsyncCaller:
    """A channel and its calls. It belongs to the event loop of its first call."""

    def __init__(
        self,
        settings: Settings,
        *,
        dependencies: Dependencies,
        on_reply: OnReply | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._dependencies = dependencies
        self._on_reply = on_reply
        self._sleep = sleep
        self._opened: grpc.aio.Channel | None = None

    async def close(self) -> None:
        """Closes the channel. Open calls end with CancelledError."""
        if self._opened is not None:
            await self._opened.close(None)

    async def unary(
        self, method: MethodDescriptor, reply: type[R], fields: Mapping[str, Any], **options: Any
    ) -> R:
        """Calls a unary method. Raises ApiError."""
        found = methods.of(method)
        request = values.build(found.request_type, fields)
        return cast(R, (await self.send(found, request, Options(**options))).message)

    def pages(
        self,
        method: MethodDescriptor,
        reply: type[P],
        items_field: str,
        item: type[I],
        fields: Mapping[str, Any],
        **options: Any,
    ) -> AsyncPager[P, I]:
        """Calls a list method. The first page is fetched with the first item."""
        found = methods.of(method)
        request: Any = values.build(found.request_type, fields)

        async def fetch(token: str) -> P:
            request.page_token = token
            return cast(P, (await self.send(found, request, Options(**options))).message)

        return AsyncPager(fetch, items_field, request.page_token)

    def stream(
        self, method: MethodDescriptor, reply: type[R], fields: Mapping[str, Any], **options: Any
    ) -> AsyncStream[R]:
        """Calls a server-streaming method, when the first message is asked for."""
        found = methods.of(method)
        request = values.build(found.request_type, fields)
        return cast(AsyncStream[R], self.open_stream(found, request, Options(**options)))

    def open_stream(
        self, found: Method, request: Message, options: Options
    ) -> AsyncStream[Message]:
        """Calls a server-streaming method with a request message."""

        def open_(call: Call, cursor: str) -> Any:
            rpc = self._channel.unary_stream(found.path, _serialize, found.reply_type.FromString)
            following = calls.resume_request(found, request, cursor)
            return rpc(following, timeout=call.time_left(), metadata=call.metadata)

        call = self._call(found, options)
        return AsyncStream(open_, call, self._sleep, resumable=found.resumable)

    def feed(
        self,
        method: MethodDescriptor,
        reply: type[R],
        requests: AsyncIterable[Message | Mapping[str, Any]],
        **options: Any,
    ) -> AsyncStream[R]:
        """Calls a bidirectional method. Never retried: the requests can be read only once."""
        found = methods.of(method)
        source = _RequestIterator(found, requests)

        def open_(call: Call, _: str) -> Any:
            rpc = self._channel.stream_stream(found.path, _serialize, found.reply_type.FromString)
            running = rpc(aiter(source), timeout=call.time_left(), metadata=call.metadata)
            return _FeedCall(source, running)

        call = self._call(found, Options(**options))
        return AsyncStream(open_, call, self._sleep, resumable=False)

    async def send(self, method: Method, request: Message, options: Options) -> Reply[Message]:
        """Calls a unary method and returns the reply with its headers. Raises ApiError."""
        call = self._call(method, options)
        rpc = self._channel.unary_unary(method.path, _serialize, method.reply_type.FromString)
        while True:
            running = rpc(request, timeout=call.time_left(), metadata=call.metadata)
            try:
                message = await running
            except grpc.RpcError as raised:
                error = failures.of(raised, attempts=call.attempt)
                pause = call.pause_after(error)
                if pause is None:
                    raise error from None
                await self._sleep(pause)
                continue
            reply = calls.make_reply(message, await running.initial_metadata(), call.attempt)
            if self._on_reply is not None:
                self._on_reply(method.path, reply)
            return reply

    def _call(self, method: Method, options: Options) -> Call:
        return Call(method, options, self._settings, self._dependencies)

    @property
    def _channel(self) -> grpc.aio.Channel:
        # Created in the loop that uses it: a client may be built before a loop runs.
        if self._opened is None:
            self._opened = _channel(self._settings)
        return self._opened


class _RequestIterator:
    """Requests of a bidirectional call. Keeps the exception that the caller's iterator raises."""

    def __init__(
        self, method: Method, requests: AsyncIterable[Message | Mapping[str, Any]]
    ) -> None:
        self._method = method
        self._requests = requests
        self.error: BaseException | None = None

    async def __aiter__(self) -> AsyncIterator[Message]:
        try:
            async for request in self._requests:
                if isinstance(request, Message):
                    yield request
                else:
                    yield values.build(self._method.request_type, request)
        except BaseException as raised:
            self.error = raised
            raise


class _FeedCall:
    """A bidirectional call that raises the exception of the caller's iterator."""

    def __init__(self, source: _RequestIterator, rpc: Any) -> None:
        self._source = source
        self._rpc = rpc

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            async for message in self._rpc:
                yield message
        except (grpc.RpcError, asyncio.CancelledError):
            if self._source.error is not None:
                raise self._source.error from None
            raise

    def cancel(self) -> None:
        self._rpc.cancel()


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


def _channel(settings: Settings) -> grpc.aio.Channel:
    options = channels.options(settings)
    credentials = channels.credentials(settings)
    if credentials is None:
        return grpc.aio.insecure_channel(settings.address.target, options)
    return grpc.aio.secure_channel(settings.address.target, credentials, options)
