"""Prometheus metrics of webhook deliveries."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from xaigh_server.net.http_reply import HttpReply
from xaigh_server.webhooks.model import DisableReason

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


class DeliveryMetrics:
    """Metrics by database and outcome; never by tenant or URL."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tries = Counter(
            "xaigh_webhook_tries",
            "Tries to deliver an event, by database and outcome.",
            ("database", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "xaigh_webhook_try_seconds",
            "How long receivers take.",
            ("database",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._disabled = Counter(
            "xaigh_webhook_endpoints_disabled",
            "Endpoints that were disabled for their receiver's sake, by reason.",
            ("database", "reason"),
            registry=registry,
        )

        self._unsignable = Counter(
            "xaigh_webhook_unsignable",
            "Deliveries put off because no webhook key of this server opens the endpoint's secret.",
            ("database",),
            registry=registry,
        )

    def count_attempt(self, database: str, reply: HttpReply) -> None:
        """Counts a finished attempt and its duration."""
        self._tries.labels(database, reply.outcome.value).inc()
        self._seconds.labels(database).observe(reply.seconds)

    def count_unsignable(self, database: str) -> None:
        """Counts a delivery that waits for a webhook key that this server lacks."""
        self._unsignable.labels(database).inc()

    def count_disabled(self, database: str, reason: DisableReason) -> None:
        """Counts a disabled endpoint."""
        self._disabled.labels(database, reason.value).inc()
