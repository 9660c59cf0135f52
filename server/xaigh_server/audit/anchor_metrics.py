"""Prometheus metrics of anchors."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge


class AnchorMetrics:
    """How far the anchors of this machine go, and what keeps chains from being signed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._number = Gauge(
            "xaigh_audit_anchor_number",
            "Number of the last audit anchor in this machine's anchor file.",
            registry=registry,
        )
        self._faults = Gauge(
            "xaigh_audit_faults",
            "Audit chains, databases and anchors that can't be signed because of a fault.",
            registry=registry,
        )

    def set(self, *, number: int, faults: int) -> None:
        """Sets both after a round."""
        self._number.set(number)
        self._faults.set(faults)
