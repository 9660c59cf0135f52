"""Backend of ordinary grpc.aio servicers: the objects that `add_XServicer_to_server` takes.

Methods run in the process of the gateway, on its event loop, and take and return the messages of
the generated code. All four kinds of methods work, as async generators or with `context.read` and
`context.write`. `context.abort`, `set_code` and a status with details mean over HTTP what they mean
over gRPC; any other exception is UNKNOWN, and its text goes to the log alone. Interceptors of the
gRPC server do not run: they belong to its transport.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from inspect import isawaitable
from typing import Any, Final

from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from httprule.body import ClientGone
from httprule.error_renderer import ErrorRenderer
from httprule.errors import InvalidArgument
from httprule.exchange import Exchange
from httprule.failures import ErrorResponse, Failure, HttpError, RpcFailure
from httprule.headers import RequestHead
from httprule.http_rules import path_of
from httprule.servicer_context import HttpServicerContext

Method = Callable[[Any, Any], Any]


class ServicerBackend:
    """Answers calls by the servicers of some services.

    `error_renderer` renders errors, by default as AIP-193 says. `files` are further descriptors
    whose messages may occur in the details of a status. Raises `ValueError` for a servicer that
    lacks a method of its service.
    """

    def __init__(
        self,
        servicers: Mapping[ServiceDescriptor, object],
        *,
        error_renderer: ErrorRenderer | None = None,
        files: Iterable[FileDescriptor] = (),
    ) -> None:
        self._methods: dict[str, Method] = {}
        for service, servicer in servicers.items():
            self._methods.update(_methods_of(service, servicer))
        self._renderer = error_renderer or ErrorRenderer(
            files=(*(service.file for service in servicers), *files)
        )

    async def unary(self, exchange: Exchange) -> Message:
        """The one reply of a method. Raises `RpcFailure`."""
        async with _Call(exchange) as call:
            result = self._methods[exchange.rule.name](await call.request(), call.context)
            reply: Message = await result if isawaitable(result) else result
            call.end()
        return reply

    async def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        """The replies of a method as it yields or writes them. Raises `RpcFailure`."""
        async with _Call(exchange) as call:
            result = self._methods[exchange.rule.name](await call.request(), call.context)
            async with aclosing(call.messages(result)) as messages:
                async for message in messages:
                    call.send_trailing_metadata()
                    yield message
            call.end()

    def render_error(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        """An error in the form of the error renderer."""
        return self._renderer.render(head, failure)


class _Call:
    """One call of a method: its request, its context, and how it ends."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._is_streaming = exchange.method.client_streaming
        self._requests = exchange.requests() if self._is_streaming else _none()
        self._has_sent_trailing = False
        self.context = HttpServicerContext(exchange, self._requests)

    async def __aenter__(self) -> _Call:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        """Finishes the context, and raises the servicer's status in the place of its exception."""
        with suppress(RuntimeError):  # a task of the servicer still reads
            await self._requests.aclose()
        is_cancelled = isinstance(error, asyncio.CancelledError | GeneratorExit)
        self.context.finish(is_cancelled=is_cancelled)
        if isinstance(error, Exception) and not isinstance(error, _OF_THE_GATEWAY):
            self.send_trailing_metadata()
            failure = self.context.failure()
            if failure is not None:
                raise failure from error

    async def request(self) -> Any:
        """What the method takes first: its request, or the iterator of a client stream."""
        return self._requests if self._is_streaming else await self._exchange.request()

    def messages(self, result: Any) -> AsyncGenerator[Message, None]:
        """The replies of a streaming method: an async generator, or a coroutine that writes."""
        if not isawaitable(result):
            return _yielded(result)
        self.context.writes = asyncio.Queue()
        return _written(result, self.context.writes)

    def end(self) -> None:
        """Ends a call whose method returned. Raises the failure of one that has set a code."""
        self.send_trailing_metadata()
        failure = self.context.failure()
        if failure is not None:
            raise failure

    def send_trailing_metadata(self) -> None:
        """Puts the trailing metadata that are known by now into the head of the reply."""
        if not self._has_sent_trailing:
            self._has_sent_trailing = True
            self._exchange.reply_headers.extend(self.context.trailing_headers())


# Errors that have a meaning of their own, whatever code the servicer has set.
_OF_THE_GATEWAY: Final = (RpcFailure, HttpError, InvalidArgument, ClientGone)


async def _none() -> AsyncGenerator[Message, None]:
    return
    yield


async def _yielded(replies: AsyncIterator[Message]) -> AsyncGenerator[Message, None]:
    try:
        async for reply in replies:
            yield reply
    finally:
        close = getattr(replies, "aclose", None)
        if close is not None:
            await close()


async def _written(
    method: Awaitable[object], writes: asyncio.Queue[Any]
) -> AsyncGenerator[Message, None]:
    """The messages that a coroutine writes while it runs in a task of its own."""
    task = asyncio.ensure_future(method)
    task.add_done_callback(lambda _: writes.put_nowait(_END))
    try:
        while (message := await writes.get()) is not _END:
            yield message
            writes.task_done()
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # read, so that asyncio does not report it as lost


_END: Final = object()


def _methods_of(service: ServiceDescriptor, servicer: object) -> dict[str, Method]:
    """The methods of one servicer by the paths of their calls."""
    methods: dict[str, Method] = {}
    for method in service.methods:
        found = getattr(servicer, method.name, None)
        if not callable(found):
            raise ValueError(f"{type(servicer).__name__} has no method {method.name}")
        methods[path_of(method)] = found
    return methods
