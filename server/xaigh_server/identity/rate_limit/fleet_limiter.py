"""Rate limiter of a fleet: counts in a store that all servers share, and goes on without it.

A store that doesn't answer must never hold calls. A call waits for it `WAIT_SECONDS` at most; after
a failure no call asks for `PAUSE_SECONDS`, then one does. Meanwhile a policy decides: open counts
in this machine alone, closed refuses the call as `UNAVAILABLE`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from xaigh_server.errors import Unavailable
from xaigh_server.identity.rate_limit.model import LimitDecision, Limiter, Tier
from xaigh_server.log_events import LogEvent

WAIT_SECONDS = 0.2
PAUSE_SECONDS = 1.0

FLEET, MACHINE = "fleet", "machine"

_log = structlog.get_logger("xaigh.limits")


class FleetCounts(Protocol):
    """A store of counts. `count` raises one of `errors` if the store is away.

    OSError, and so TimeoutError, is one of them.
    """

    errors: tuple[type[Exception], ...]

    async def count(self, bucket: str, tier: Tier, cost: int, *, take: bool) -> LimitDecision:
        """Takes `cost` from every window, or from none; only looks unless `take`."""


class LimitMetrics:
    """Metrics of where calls are counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counted = Gauge(
            "xaigh_limits_processes",
            "Processes by where they count calls now: in the store of the fleet, or each machine"
            " for itself.",
            ("counted_by",),
            registry=registry,
        )
        self._away = Counter(
            "xaigh_limits_without_store",
            "Calls that the store of the fleet's limits didn't count, by what happened to them.",
            ("policy",),
            registry=registry,
        )
        self.counts_by(MACHINE)

    def counts_by(self, where: str) -> None:
        """Notes where this process counts from now on."""
        for each in (FLEET, MACHINE):
            self._counted.labels(each).set(each == where)

    def without_store(self, policy: str) -> None:
        """Counts a call for which the store was away."""
        self._away.labels(policy).inc()


class LimitStore:
    """The shared store with its time limit and its pauses, for all limiters of a process."""

    def __init__(
        self, counts: FleetCounts, metrics: LimitMetrics, *, monotonic: Callable[[], float]
    ) -> None:
        """`monotonic` is in seconds and never goes back."""
        self._counts = counts
        self._monotonic = monotonic
        self._away = False
        self._away_since = 0.0
        self._rest_until = 0.0
        self.metrics = metrics
        metrics.counts_by(FLEET)

    async def count(
        self, bucket: str, tier: Tier, cost: int, *, take: bool
    ) -> LimitDecision | None:
        """Returns the decision; None where the store is away, or was a moment ago."""
        if self._away:
            if self._monotonic() < self._rest_until:
                return None
            self._rest_until = self._monotonic() + PAUSE_SECONDS  # this call alone asks
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                decision = await self._counts.count(bucket, tier, cost, take=take)
        except self._counts.errors as error:
            self._lost(error)
            return None
        if self._away:
            self._found()
        return decision

    def _lost(self, error: Exception) -> None:
        self._rest_until = self._monotonic() + PAUSE_SECONDS
        if not self._away:
            self._away = True
            self._away_since = self._monotonic()
            self.metrics.counts_by(MACHINE)
            _log.warning(LogEvent.LIMITS_STORE_AWAY, cause=_cause(error))

    def _found(self) -> None:
        self._away = False
        self.metrics.counts_by(FLEET)
        seconds = round(self._monotonic() - self._away_since, 3)
        _log.info(LogEvent.LIMITS_STORE_BACK, seconds=seconds)


class FleetLimiter:
    """A `Limiter` over a shared store."""

    def __init__(self, store: LimitStore, local: Limiter, *, closed: bool) -> None:
        """`local` counts where the store is away, unless `closed`: then calls are refused."""
        self._store = store
        self._local = local
        self._closed = closed

    async def hit(self, bucket: str, tier: Tier, cost: int = 1) -> LimitDecision:
        """Takes `cost` from every window of the tier, or from none. Unavailable: closed."""
        decision = await self._store.count(bucket, tier, cost, take=True)
        if decision is not None:
            return decision
        self._pass()
        return await self._local.hit(bucket, tier, cost)

    async def peek(self, bucket: str, tier: Tier) -> LimitDecision:
        """What a hit of 1 would find; takes nothing. Unavailable: closed."""
        decision = await self._store.count(bucket, tier, 1, take=False)
        if decision is not None:
            return decision
        self._pass()
        return await self._local.peek(bucket, tier)

    def _pass(self) -> None:
        self._store.metrics.without_store("closed" if self._closed else "open")
        if self._closed:
            raise Unavailable(
                "Calls can't be counted now, so none is served.", retry_after=PAUSE_SECONDS
            )


def _cause(error: Exception) -> str:
    text = str(error) or f"no answer within {WAIT_SECONDS} s"
    return f"{type(error).__name__}: {text}"
