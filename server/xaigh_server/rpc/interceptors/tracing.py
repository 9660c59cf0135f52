"""Interceptor that records a span for every call, within the caller's trace. Off by default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from google.protobuf.message import Message
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource
from xaigh_server.rpc.interceptors.errors import CallFailed


class Trace:
    """One span a call. It holds names, ids and the outcome, nothing of what was sent."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        span = self._tracer.start_span(
            call.method.full_name,
            context=self._caller(call),
            kind=SpanKind.SERVER,
            attributes={
                "rpc.system": "grpc",
                "rpc.method": call.method.full_name,
                "xaigh.transport": call.transport,
                "xaigh.request_id": call.request_id,
            },
        )
        try:
            reply = await call_next(request, call)
        except BaseException as error:
            _end(span, error)
            raise
        if call.method.server_streaming:
            return _each(cast(AsyncIterator[Message], reply), span)
        _end(span, None)
        return reply

    def _caller(self, call: Call) -> Context:
        """The trace that the caller is in; a header that isn't one begins a new trace."""
        carrier = {name: call.header(name) for name in ("traceparent", "tracestate")}
        return self._propagator.extract({name: text for name, text in carrier.items() if text})


async def _each(replies: AsyncIterator[Message], span: Span) -> AsyncIterator[Message]:
    try:
        async for reply in replies:
            yield reply
    except BaseException as error:
        _end(span, error)
        raise
    _end(span, None)


def _end(span: Span, error: BaseException | None) -> None:
    if error is not None:
        code, reason = (
            ("cancelled", "")
            if not isinstance(error, CallFailed)
            else (
                error.view.code,
                error.reason,
            )
        )
        span.set_attributes({"xaigh.code": code, "xaigh.reason": reason})
        span.set_status(Status(StatusCode.ERROR, code))
    span.end()
