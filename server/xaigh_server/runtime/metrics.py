"""Metrics of all worker processes in one scrape.

Prometheus reaches one process, by chance; it asks the others and returns the sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from xaigh_server.runtime.worker_bus import WorkerBus

WORD = "metrics"
AGE = "_age_seconds"
"""End of the names of gauges whose values are ages."""


class Metrics:
    """Metrics of all worker processes, summed sample by sample."""

    def __init__(self, registry: CollectorRegistry, bus: WorkerBus) -> None:
        self._registry = registry
        self._bus = bus
        bus.answers({WORD: self._own})

    async def scrape(self) -> bytes:
        """Returns the text of a scrape."""
        own = await self._own()
        others = await self._bus.ask(WORD)
        return added([own, *others]) if others else own

    async def _own(self) -> bytes:
        return generate_latest(self._registry)


def added(texts: Iterable[bytes]) -> bytes:
    """Merges scrapes into one by adding samples of equal name and labels."""
    families: dict[str, Metric] = {}
    samples: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for text in texts:
        for family in text_string_to_metric_families(text.decode()):
            families.setdefault(family.name, family)
            sums = samples.setdefault(family.name, {})
            for name, labels, value, *_ in family.samples:
                key = (name, tuple(labels.items()))
                before = sums.get(key, 0.0)
                # Ages don't add up: the oldest one is what to know.
                sums[key] = max(before, value) if name.endswith(AGE) else before + value
    registry = CollectorRegistry()
    registry.register(_Sums(families, samples))
    return generate_latest(registry)


class _Sums(Collector):
    def __init__(
        self,
        families: dict[str, Metric],
        samples: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]],
    ) -> None:
        self._families = families
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        for name, family in self._families.items():
            metric = Metric(name, family.documentation, family.type)
            metric.samples = [
                # `_created` is a time, and times don't add up.
                Sample(sample, dict(labels), value)
                for (sample, labels), value in self._samples[name].items()
                if not sample.endswith("_created")
            ]
            yield metric
