"""Counts calls in the memory of one process. Exact there: a hit never yields to another.

A window begins with its first call, so two windows of a bucket never overlap, and a caller that
stays under its limit is never refused. A bucket keeps its counts when its tier changes: what was
used before a narrowing stays used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xaigh_server.identity.rate_limit.model import LimitDecision, Tier, Window, WindowStatus

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

    async def hit(self, bucket: str, tier: Tier, cost: int = 1) -> LimitDecision:
        """Takes `cost` from every window of the tier, or from none if one hasn't the room."""
        now = self._monotonic()
        taken: list[_Count] = []
        standings: list[WindowStatus] = []
        for window in tier.windows:
            count = self._counts.get((bucket, window.name))
            if count is None or count.ends <= now:
                count = self._open(bucket, window, now)
            left = window.calls - count.used - cost
            if left < 0:
                return self._look(bucket, tier, now, cost)
            taken.append(count)
            standings.append(WindowStatus(window, left, count.ends - now))
        for count in taken:
            count.used += cost
        return LimitDecision(tuple(standings))

    async def peek(self, bucket: str, tier: Tier) -> LimitDecision:
        """What a hit of 1 would find; takes nothing and keeps nothing."""
        return self._look(bucket, tier, self._monotonic(), 1)

    def _open(self, bucket: str, window: Window, now: float) -> _Count:
        self._opened += 1
        if self._opened >= SWEEP_EVERY:
            self._sweep(now)
        count = self._counts[bucket, window.name] = _Count(now + window.seconds, 0)
        return count

    def _look(self, bucket: str, tier: Tier, now: float, cost: int) -> LimitDecision:
        """Where the windows stand, and which of those without room for `cost` ends last.

        Keeps nothing: a window that nobody has opened stands as if it began now.
        """
        standings = tuple([self._standing(bucket, window, now) for window in tier.windows])
        refusing = [standing for standing in standings if standing.remaining < cost]
        return LimitDecision(standings, max(refusing, key=lambda s: s.reset_after, default=None))

    def _standing(self, bucket: str, window: Window, now: float) -> WindowStatus:
        count = self._counts.get((bucket, window.name))
        if count is None or count.ends <= now:
            return WindowStatus(window, window.calls, window.seconds)
        return WindowStatus(window, max(0, window.calls - count.used), count.ends - now)

    def _sweep(self, now: float) -> None:
        """Memory follows the buckets of the last window, not all that ever were."""
        self._opened = 0
        self._counts = {key: count for key, count in self._counts.items() if count.ends > now}
