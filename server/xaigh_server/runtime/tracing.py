"""OpenTelemetry tracer of the process. It exports spans by OTLP, as the OTEL_* variables say."""

from __future__ import annotations

from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer


def open_tracer() -> tuple[Tracer, Callable[[], None]]:
    """Returns a tracer, and the function that flushes and closes its exporter."""
    provider = TracerProvider(resource=Resource.create({"service.name": "xaigh-server"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("xaigh_server"), provider.shutdown
