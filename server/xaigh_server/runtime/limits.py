"""Wiring of the rate limiters: in this process, over its workers, or over a fleet."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry

from xaigh_server.identity.rate_limit.fleet_limiter import (
    WAIT_SECONDS,
    FleetLimiter,
    LimitMetrics,
    LimitStore,
)
from xaigh_server.identity.rate_limit.model import Limiter, MemoryLimiter
from xaigh_server.identity.rate_limit.redis_counts import RedisCounts
from xaigh_server.identity.rate_limit.shared_limiter import SharedLimiter
from xaigh_server.log_events import LogEvent
from xaigh_server.runtime.worker_bus import WorkerInfo
from xaigh_server.settings import Settings, SettingsError

_log = structlog.get_logger("xaigh.limits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limiters:
    """The limiter of calls, and that of refused credentials.

    The second one never refuses for want of a store: whoever has to revoke a key during an outage
    must get in.
    """

    calls: Limiter
    guesses: Limiter


def open_limiters(
    settings: Settings, worker: WorkerInfo, stack: AsyncExitStack, *, registry: CollectorRegistry
) -> Limiters:
    """Opens what the settings ask for. The stack closes it."""
    metrics = LimitMetrics(registry)
    local = _local(worker)
    if not settings.limits_url:
        if settings.control_url and worker.first:
            _log.warning(
                LogEvent.LIMITS_PER_MACHINE, hint="name a Redis in limits_url, the same everywhere"
            )
        return Limiters(calls=local, guesses=local)
    counts = open_counts(settings)
    stack.callback(counts.close)
    store = LimitStore(counts, metrics, monotonic=time.monotonic)
    return Limiters(
        calls=FleetLimiter(store, local, closed=settings.limits_when_unavailable == "closed"),
        guesses=FleetLimiter(store, local, closed=False),
    )


def open_counts(settings: Settings, *, wait: float = WAIT_SECONDS) -> RedisCounts:
    """Returns the store of `limits_url`, not connected yet. SettingsError: not an address."""
    try:
        return RedisCounts(settings.limits_url, wait=wait)
    except (ValueError, TypeError) as error:
        raise SettingsError("limits_url: takes redis://HOST:PORT/NUMBER") from error


def _local(worker: WorkerInfo) -> Limiter:
    """Returns a limiter that counts in this process, or in memory shared by all workers."""
    if worker.counts is None:
        return MemoryLimiter(time.monotonic)
    return SharedLimiter(worker.counts, time.monotonic)
