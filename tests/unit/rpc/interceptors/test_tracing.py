"""Spans: one a call, in the caller's trace, with its outcome."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.harness.call import UNREAD
from tests.harness.call import call as make_call

from xaigh_server.errors import NotFound
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.errors import Failures
from xaigh_server.rpc.interceptors.tracing import Trace

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def _traced(answer: Any, **headers: Any) -> tuple[ReadableSpan, ...]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    link = Trace(provider.get_tracer("test"))
    try:
        await link(answer, UNREAD, make_call(**headers))
    finally:
        provider.shutdown()
    return exporter.get_finished_spans()


async def _fine(request: Any, call: Any) -> str:
    return "reply"


async def test_a_span_continues_the_callers_trace():
    """The trace id is the caller's, and the caller's span is the parent."""
    (span,) = await _traced(_fine, traceparent=PARENT)
    assert format(span.context.trace_id, "032x") == PARENT.split("-")[1]
    assert span.parent is not None and format(span.parent.span_id, "016x") == PARENT.split("-")[2]
    assert span.attributes is not None and span.attributes["rpc.method"] == span.name


async def test_a_header_that_is_none_begins_a_new_trace():
    """Whatever a client sends there, the call goes on."""
    (span,) = await _traced(_fine, traceparent="nonsense")
    assert span.parent is None


async def test_a_refusal_shows_with_its_code_and_reason():
    """The span says what the caller was told."""
    failed = Failures(read_reasons(), DocsLinks("/docs")).of(
        NotFound("job", "job_1"), request_id="req_1"
    )
    seen: list[ReadableSpan] = []

    async def refuse(request: Any, call: Any) -> Any:
        raise failed

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with pytest.raises(type(failed)):
        await Trace(provider.get_tracer("test"))(refuse, UNREAD, make_call())
    seen.extend(exporter.get_finished_spans())
    attributes = seen[0].attributes or {}
    assert (attributes["xaigh.code"], attributes["xaigh.reason"]) == ("not_found", "NOT_FOUND")
    assert not seen[0].status.is_ok
    provider.shutdown()
