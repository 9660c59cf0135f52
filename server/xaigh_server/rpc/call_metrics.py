"""The numbers of calls: how many, how they ended, how long they took.

Counted in plain lists and shaped on a scrape: every call pays for counting, a scrape comes every
few seconds, and a client library's own counters cost as much as a look-up in a database.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BOUNDS = (*(f"{bound:g}" for bound in _SECONDS), "+Inf")


class _Timer:
    """The durations of one method's calls."""

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * len(_BOUNDS)
        self.total = 0.0


class CallMetrics(Collector):
    """Counts on one thread; a scrape may come from another and sees whole numbers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls: dict[tuple[str, str, str], int] = {}
        self._timers: dict[str, _Timer] = {}
        registry.register(self)

    def count(self, method: str, transport: str, code: str, seconds: float) -> None:
        """A call has ended."""
        key = (method, transport, code)
        self._calls[key] = self._calls.get(key, 0) + 1
        timer = self._timers.get(method)
        if timer is None:
            timer = self._timers[method] = _Timer()
        timer.buckets[bisect_left(_SECONDS, seconds)] += 1
        timer.total += seconds

    def collect(self) -> Iterator[Metric]:
        """The families `xaigh_calls_total` and `xaigh_call_seconds`."""
        calls = CounterMetricFamily(
            "xaigh_calls",
            "Calls by method, transport and code.",
            labels=("method", "transport", "code"),
        )
        for key, number in sorted(self._calls.copy().items()):
            calls.add_metric(key, number)
        seconds = HistogramMetricFamily(
            "xaigh_call_seconds", "Duration of calls by method.", labels=("method",)
        )
        for method, timer in sorted(self._timers.copy().items()):
            counts = list(zip(_BOUNDS, accumulate(timer.buckets), strict=True))
            seconds.add_metric((method,), counts, timer.total)
        yield calls
        yield seconds
