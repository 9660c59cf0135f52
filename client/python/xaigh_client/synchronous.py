"""Calls of `Client` on a blocking channel: retries, pages and streams."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from xaigh_client import calls, channels, failures, methods, values
from xaigh_client.calls import Call, Dependencies, OnReply, Options, Reply
from xaigh_client.methods import Method
from xaigh_client.settings import Settings

R = TypeVar("R", bound=Message)
P = TypeVar("P", bound=Message)
I = TypeVar("I", bound=Message)  # noqa: E741  # I as in item
Sleep = Callable[[float], None]


class Pager(Generic[P, I]):
    """Iterator over a list. Fetches the next page when the iteration reaches it."""

    def __init__(self, fetch: Callable[[str], P], items_field: str, first_token: str) -> None:
        self._fetch = fetch
        self._items_field = items_field
        self._first_token = first_token

    def pages(self) -> Iterator[P]:
        """Iterates over whole pages instead of items."""
        token = self._first_token
        while True:
            page = self._fetch(token)
            yield page
            token = cast(Any, page).next_page_token
            if not token:
                return

    def __iter__(self) -> Iterator[I]:
        for page in self.pages():
            yield from getattr(page, self._items_field)


class Stream(Generic[R]):
    """Iterator over the messages of a stream. Close it, or use `with`, to stop before its end.

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
        self._rpc = open_(call, "")

    def __iter__(self) -> Iterator[R]:
        return self

    def __next__(self) -> R:
        while True:
            try:
                message: Any = next(self._rpc)
            except grpc.RpcError as raised:
                self._reopen(raised)
                continue
            if self._resumable:
                self._cursor = message.cursor or self._cursor
                self._call.reset_attempts()
            return cast(R, message)

    def close(self) -> None:
        """Cancels the call. Unread messages are lost."""
        self._rpc.cancel()

    def __enter__(self) -> Stream[R]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reopen(self, raised: grpc.RpcError) -> None:
        error = failures.of(raised, attempts=self._call.attempt)
        pause = self._call.pause_after(error) if self._resumable else None
        if pause is None:
            raise error from None
        self._sleep(pause)
        self._rpc = self._open(self._call, self._cursor)


class Caller:
    """A channel and its calls. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        *,
        dependencies: Dependencies,
        on_reply: OnReply | None = None,
        sleep: Sleep = time.sleep,
        channel: grpc.Channel | None = None,
    ) -> None:
        self._settings = settings
        self._dependencies = dependencies
        self._on_reply = on_reply
        self._sleep = sleep
        self._channel = channel or _channel(settings)

    def close(self) -> None:
        """Closes the channel. Open calls end with CancelledError."""
        self._channel.close()

    def unary(
        self, method: MethodDescriptor, reply: type[R], fields: Mapping[str, Any], **options: Any
    ) -> R:
        """Calls a unary method. Raises ApiError."""
        found = methods.of(method)
        request = values.build(found.request_type, fields)
        return cast(R, self.send(found, request, Options(**options)).message)

    def pages(
        self,
        method: MethodDescriptor,
        reply: type[P],
        items_field: str,
        item: type[I],
        fields: Mapping[str, Any],
        **options: Any,
    ) -> Pager[P, I]:
        """Calls a list method. The first page is fetched with the first item."""
        found = methods.of(method)
        request: Any = values.build(found.request_type, fields)

        def fetch(token: str) -> P:
            request.page_token = token
            return cast(P, self.send(found, request, Options(**options)).message)

        return Pager(fetch, items_field, request.page_token)

    def stream(
        self, method: MethodDescriptor, reply: type[R], fields: Mapping[str, Any], **options: Any
    ) -> Stream[R]:
        """Calls a server-streaming method."""
        found = methods.of(method)
        request = values.build(found.request_type, fields)
        return cast(Stream[R], self.open_stream(found, request, Options(**options)))

    def open_stream(self, found: Method, request: Message, options: Options) -> Stream[Message]:
        """Calls a server-streaming method with a request message."""
        rpc = self._channel.unary_stream(found.path, _serialize, found.reply_type.FromString)

        def open_(call: Call, cursor: str) -> Any:
            following = calls.resume_request(found, request, cursor)
            return rpc(following, timeout=call.time_left(), metadata=call.metadata)

        call = self._call(found, options)
        return Stream(open_, call, self._sleep, resumable=found.resumable)

    def feed(
        self,
        method: MethodDescriptor,
        reply: type[R],
        requests: Iterable[Message | Mapping[str, Any]],
        **options: Any,
    ) -> Stream[R]:
        """Calls a bidirectional method. Never retried: the requests can be read only once."""
        found = methods.of(method)
        source = _RequestIterator(found, requests)
        rpc = self._channel.stream_stream(found.path, _serialize, found.reply_type.FromString)
        call = self._call(found, Options(**options))
        return Stream(
            lambda call, _: source.guard(
                rpc(iter(source), timeout=call.time_left(), metadata=call.metadata)
            ),
            call,
            self._sleep,
            resumable=False,
        )

    def send(self, method: Method, request: Message, options: Options) -> Reply[Message]:
        """Calls a unary method and returns the reply with its headers. Raises ApiError."""
        call = self._call(method, options)
        rpc = self._channel.unary_unary(method.path, _serialize, method.reply_type.FromString)
        while True:
            try:
                message, state = rpc.with_call(
                    request, timeout=call.time_left(), metadata=call.metadata
                )
            except grpc.RpcError as raised:
                error = failures.of(raised, attempts=call.attempt)
                pause = call.pause_after(error)
                if pause is None:
                    raise error from None
                self._sleep(pause)
                continue
            reply = calls.make_reply(message, state.initial_metadata(), call.attempt)
            if self._on_reply is not None:
                self._on_reply(method.path, reply)
            return reply

    def _call(self, method: Method, options: Options) -> Call:
        return Call(method, options, self._settings, self._dependencies)


class _RequestIterator:
    """Requests of a bidirectional call. Keeps the exception that the caller's iterator raises."""

    def __init__(self, method: Method, requests: Iterable[Message | Mapping[str, Any]]) -> None:
        self._method = method
        self._requests = requests
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Message]:
        try:
            for request in self._requests:
                if isinstance(request, Message):
                    yield request
                else:
                    yield values.build(self._method.request_type, request)
        except BaseException as raised:
            self._error = raised
            raise

    def guard(self, rpc: Any) -> Any:
        """Wraps a call so that it raises the iterator's exception instead of gRPC's."""
        return _FeedCall(self, rpc)

    @property
    def error(self) -> BaseException | None:
        """The exception of the caller's iterator; None where there was none."""
        return self._error


class _FeedCall:
    """A bidirectional call that raises the exception of the caller's iterator."""

    def __init__(self, source: _RequestIterator, rpc: Any) -> None:
        self._source = source
        self._rpc = rpc

    def __next__(self) -> Any:
        try:
            return next(self._rpc)
        except grpc.RpcError:
            if self._source.error is not None:
                raise self._source.error from None
            raise

    def cancel(self) -> None:
        self._rpc.cancel()


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


def _channel(settings: Settings) -> grpc.Channel:
    options = channels.options(settings)
    credentials = channels.credentials(settings)
    if credentials is None:
        return grpc.insecure_channel(settings.address.target, options)
    return grpc.secure_channel(settings.address.target, credentials, options)
