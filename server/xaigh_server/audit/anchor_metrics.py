"""Prometheus metrics of anchors."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge


class AnchorMetrics:
    """What keeps chains from being signed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._faults = Gauge(
            "xaigh_audit_faults",
            "Audit chains, databases and anchors that can't be signed because of a fault.",
            registry=registry,
        )

    def set_faults(self, faults: int) -> None:
        """Sets the number of faults after a round."""
        self._faults.set(faults)
