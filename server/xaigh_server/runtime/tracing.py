"""The tracer of the process. Spans leave by OTLP, to where the standard OTEL_* variables say."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer


def open_tracer() -> tuple[Tracer, Callable[[], None]]:
    """A tracer, and what sends the last spans at the end."""
    provider = TracerProvider(resource=Resource.create({"service.name": "xaigh-server"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("xaigh_server"), provider.shutdown
