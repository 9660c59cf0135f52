"""Carries out calls for `AsyncClient`: tries, pages and streams on an asyncio channel."""

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
    """A list that is read page by page, as it is iterated over."""

    def __init__(
        self, fetch: Callable[[str], Awaitable[P]], items_field: str, first_token: str
    ) -> None:
        self._fetch = fetch
        self._items_field = items_field
        self._first_token = first_token

    async def pages(self) -> AsyncIterator[P]:
        """The replies themselves, each fetched when it is asked for."""
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
    """Messages as they come. Close it, or use `async with`, when you stop before its end.

    A stream with a cursor that is cut off goes on where it was, by itself.
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
                await self._go_on(raised)
                continue
            if self._resumable:
                self._cursor = message.cursor or self._cursor
                self._call.progressed()
            return cast(R, message)

    async def aclose(self) -> None:
        """Ends the call. Messages not yet read are lost."""
        if self._rpc is not None:
            self._rpc.cancel()

    async def __aenter__(self) -> AsyncStream[R]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _go_on(self, raised: grpc.RpcError) -> None:
        error = failures.of(raised, attempts=self._call.attempt)
        pause = self._call.pause_after(error) if self._resumable else None
        if pause is None:
            raise error from None
        await self._sleep(pause)
        self._messages = None


class AsyncCaller:
    """One channel, and the calls on it. Belongs to the event loop of its first call."""

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
        """Closes the channel; calls under way end as cancelled."""
        if self._opened is not None:
            await self._opened.close(None)

    async def unary(
        self, method: MethodDescriptor, reply: type[R], fields: Mapping[str, Any], **options: Any
    ) -> R:
        """One message for one message. Raises ApiError."""
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
        """A list. The first call is made when the first item is asked for."""
        found = methods.of(method)
        request: Any = values.build(found.request_type, fields)

        async def fetch(token: str) -> P:
            request.page_token = token
            return cast(P, (await self.send(found, request, Options(**options))).message)

        return AsyncPager(fetch, items_field, request.page_token)

    def stream(
        self, method: MethodDescriptor, reply: type[R], fields: Mapping[str, Any], **options: Any
    ) -> AsyncStream[R]:
        """Many messages for one. The call is made when the first message is asked for."""
        found = methods.of(method)
        request = values.build(found.request_type, fields)
        return cast(AsyncStream[R], self.watch(found, request, Options(**options)))

    def watch(self, found: Method, request: Message, options: Options) -> AsyncStream[Message]:
        """The same with a request that is already made."""

        def open_(call: Call, cursor: str) -> Any:
            rpc = self._channel.unary_stream(found.path, _serialize, found.reply_type.FromString)
            following = calls.resumed(found, request, cursor)
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
        """Many messages for many. Never tried again: the requests are read once."""
        found = methods.of(method)
        source = _Source(found, requests)

        def open_(call: Call, _: str) -> Any:
            rpc = self._channel.stream_stream(found.path, _serialize, found.reply_type.FromString)
            running = rpc(aiter(source), timeout=call.time_left(), metadata=call.metadata)
            return _Guarded(source, running)

        call = self._call(found, Options(**options))
        return AsyncStream(open_, call, self._sleep, resumable=False)

    async def send(self, method: Method, request: Message, options: Options) -> Reply[Message]:
        """A unary call with everything that came beside the reply. Raises ApiError."""
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
            reply = calls.reply(message, await running.initial_metadata(), call.attempt)
            if self._on_reply is not None:
                self._on_reply(method.path, reply)
            return reply

    def _call(self, method: Method, options: Options) -> Call:
        return Call(method, options, self._settings, self._dependencies)

    @property
    def _channel(self) -> grpc.aio.Channel:
        # Made within the loop that uses it, so that a client can be built before one runs.
        if self._opened is None:
            self._opened = _channel(self._settings)
        return self._opened


class _Source:
    """The requests of a feed. What breaks in the caller's own iterator is raised as it is."""

    def __init__(
        self, method: Method, requests: AsyncIterable[Message | Mapping[str, Any]]
    ) -> None:
        self._method = method
        self._requests = requests
        self.broken: BaseException | None = None

    async def __aiter__(self) -> AsyncIterator[Message]:
        try:
            async for request in self._requests:
                if isinstance(request, Message):
                    yield request
                else:
                    yield values.build(self._method.request_type, request)
        except BaseException as error:
            self.broken = error
            raise


class _Guarded:
    """A call, with the iterator's own error in place of gRPC's report of it."""

    def __init__(self, source: _Source, rpc: Any) -> None:
        self._source = source
        self._rpc = rpc

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            async for message in self._rpc:
                yield message
        except (grpc.RpcError, asyncio.CancelledError):
            if self._source.broken is not None:
                raise self._source.broken from None
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
