"""Counts calls in the memory of one process. Exact there: a hit never yields to another.

A window begins with its first call, so two windows of a bucket never overlap, and a caller that
stays under its limit is never refused. A bucket keeps its counts when its tier changes: what was
used before a narrowing stays used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xaigh_server.domain.ratelimit import Decision, Standing, Tier, Window

SWEEP_EVERY = 4096
"""How many new windows are opened before those that have ended are looked for."""


@dataclass(slots=True)
class _Count:
    ends: float
    used: int


class MemoryLimiter:
    """A `Limiter`. `monotonic` gives seconds that never jump; used on one event loop."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._counts: dict[tuple[str, str], _Count] = {}
        self._opened = 0

    async def hit(self, bucket: str, tier: Tier, cost: int = 1) -> Decision:
        """Takes `cost` from every window of the tier, or from none if one hasn't the room."""
        now = self._monotonic()
        counts = [self._count(bucket, window, now) for window in tier.windows]
        room = all(c.used + cost <= w.calls for c, w in zip(counts, tier.windows, strict=True))
        if room:
            for count in counts:
                count.used += cost
        return _decision(tier, counts, now, cost=0 if room else cost)

    async def peek(self, bucket: str, tier: Tier) -> Decision:
        """What a hit of 1 would find; takes nothing and keeps nothing."""
        now = self._monotonic()
        counts = [
            self._standing(bucket, window, now) or _Count(now + window.seconds, 0)
            for window in tier.windows
        ]
        return _decision(tier, counts, now, cost=1)

    def _count(self, bucket: str, window: Window, now: float) -> _Count:
        count = self._standing(bucket, window, now)
        if count is None:
            self._opened += 1
            if self._opened >= SWEEP_EVERY:
                self._sweep(now)
            count = self._counts[bucket, window.name] = _Count(now + window.seconds, 0)
        return count

    def _standing(self, bucket: str, window: Window, now: float) -> _Count | None:
        count = self._counts.get((bucket, window.name))
        return None if count is None or count.ends <= now else count

    def _sweep(self, now: float) -> None:
        """Memory follows the buckets of the last window, not all that ever were."""
        self._opened = 0
        self._counts = {key: count for key, count in self._counts.items() if count.ends > now}


def _decision(tier: Tier, counts: list[_Count], now: float, *, cost: int) -> Decision:
    """`cost` is what had, or would have, no room; 0 for a hit that was let through."""
    standings = tuple(
        [
            Standing(window, max(0, window.calls - count.used), count.ends - now)
            for count, window in zip(counts, tier.windows, strict=True)
        ]
    )
    if not cost:
        return Decision(standings)
    refusing = [s for s in standings if s.remaining < cost]
    refused = max(refusing, key=lambda s: s.reset_after, default=None)
    return Decision(standings, refused)
