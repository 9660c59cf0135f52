"""Prometheus metrics of audit sinks."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class SinkMetrics:
    """Metrics by sink, under its name in the settings."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Gauge(
            "xaigh_audit_sink_lag_seconds",
            "Age of the oldest audit anchor that a sink doesn't have whole; 0 where it has all.",
            ("sink",),
            registry=registry,
        )
        self._tries = Counter(
            "xaigh_audit_sink_tries",
            "Batches sent to a sink, by outcome.",
            ("sink", "outcome"),
            registry=registry,
        )

    def set_lag(self, sink: str, seconds: float) -> None:
        """Sets the lag of a sink."""
        self._lag.labels(sink).set(seconds)

    def count(self, sink: str, outcome: str) -> None:
        """Counts a batch."""
        self._tries.labels(sink, outcome).inc()
