"""Rate limits: tiers, decisions, draft-10 header fields, and the limiter of one process.

A limit is a window: so many calls, then no more until the window ends. It begins with its first
call and doesn't slide. So any span as long as a window holds at most twice its calls, the last ones
of a window and the first ones of the next. Windows belong to a bucket, which is a grant in one
environment, a peer address or a contact; never a key, so a rotation doesn't reset them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from httprule.connections import subscriber
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment

_TOKEN = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`calls` in `seconds`. The name is what the fields of a reply call the policy."""

    name: str
    calls: int
    seconds: int

    def __post_init__(self) -> None:
        if _TOKEN.fullmatch(self.name) is None:
            raise ValueError(f"window {self.name!r}: the name must be lower-case letters and _-")
        if self.calls < 1 or self.seconds < 1:
            raise ValueError(f"window {self.name}: calls and seconds must be positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A named set of windows. A call must fit into all of them. The order is that of the fields."""

    name: str
    windows: tuple[Window, ...]

    def __post_init__(self) -> None:
        names = [window.name for window in self.windows]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"tier {self.name}: needs windows of different names")
        if _TOKEN.fullmatch(self.name) is None:
            raise ValueError(f"tier {self.name!r}: the name must be lower-case letters and _-")


def _tier(name: str, per_minute: int) -> Tier:
    return Tier(name=name, windows=(Window(name="minute", calls=per_minute, seconds=60),))


SHIPPED_TIERS: tuple[Tier, ...] = (
    _tier("starter", 120),
    _tier("standard", 600),
    _tier("growth", 3_000),
    _tier("enterprise", 12_000),
)

PUBLIC_TIER = _tier("public", 60)
"""Calls to public methods, by peer address."""


def contact_tier(calls: int) -> Tier:
    """Access requests of one contact, by day."""
    return Tier(name="contact", windows=(Window(name="day", calls=calls, seconds=86_400),))


def storage_tier(size: int) -> Tier:
    """Bytes that public methods store for one peer address, by day."""
    return Tier(name="storage", windows=(Window(name="day", calls=size, seconds=86_400),))


BAD_CREDENTIALS_TIER = _tier("bad-credentials", 30)
"""Refused credentials, by peer address: counted before any lookup."""


class Tiers:
    """The tiers of a deployment, by name."""

    __slots__ = ("_tiers",)

    def __init__(self, tiers: Sequence[Tier] = SHIPPED_TIERS) -> None:
        self._tiers: Mapping[str, Tier] = {tier.name: tier for tier in tiers}
        if not tiers or len(self._tiers) != len(tiers):
            raise ValueError("tiers need different names, and there must be one at least")

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of declaration, the narrowest first."""
        return tuple(self._tiers)

    def get(self, name: str) -> Tier:
        """The tier of that name; the first, narrowest one where it has gone from the settings."""
        tier = self._tiers.get(name)
        return next(iter(self._tiers.values())) if tier is None else tier

    def require(self, name: str, *, path: str = "tier") -> Tier:
        """Raises FieldInvalid for a tier that isn't one."""
        if name not in self._tiers:
            raise FieldInvalid.at(path, "Not a tier; tiers: " + ", ".join(self._tiers) + ".")
        return self._tiers[name]


def grant_bucket(grant_id: str, environment: Environment) -> str:
    """The bucket of every key of a grant."""
    return "grant:" + environment + ":" + grant_id


def peer_bucket(peer: str, purpose: str) -> str:
    """The bucket of an address. Of IPv6, a whole /64, which is what one subscriber holds."""
    return f"peer:{purpose}:{subscriber(peer)}"


def contact_bucket(email: str) -> str:
    """The bucket of everybody who gives this address of e-mail, in any case."""
    return "contact:" + email.casefold()


class WindowStatus(NamedTuple):
    """What is left of one window. `reset_after` is in seconds, until it begins anew."""

    window: Window
    remaining: int
    reset_after: float


class LimitDecision(NamedTuple):
    """Result of one hit: the status of each window, and the one that refused, if any.

    A named tuple, like `WindowStatus`: every call makes them.
    """

    standings: tuple[WindowStatus, ...]
    refused: WindowStatus | None = None

    @property
    def allowed(self) -> bool:
        """Whether the call may go on."""
        return self.refused is None

    @property
    def tightest(self) -> WindowStatus:
        """The window that refused, or else the one with the smallest share left."""
        return self.refused or min(self.standings, key=lambda s: s.remaining / s.window.calls)

    @property
    def retry_after(self) -> int:
        """Whole seconds to wait, at least 1."""
        return max(1, math.ceil(self.tightest.reset_after))


def decision_of(
    tier: Tier,
    before: Sequence[tuple[int, float]],
    *,
    cost: int,
    taken: bool,
    refused: bool,
) -> LimitDecision:
    """The decision on `cost` from what was used of each window before, and its seconds left.

    Seconds that aren't positive: the window isn't open, and counts as if it began now. Of the
    windows that refuse, the last one to end is the one to wait for.
    """
    more = cost if taken else 0
    statuses = tuple(
        [
            WindowStatus(window, max(0, window.calls - used - more), left)
            if left > 0
            else WindowStatus(window, max(0, window.calls - more), window.seconds)
            for window, (used, left) in zip(tier.windows, before, strict=True)
        ]
    )
    if not refused:
        return LimitDecision(statuses)
    full = [status for status in statuses if status.remaining < cost]
    return LimitDecision(statuses, max(full, key=lambda status: status.reset_after))


class Limiter(Protocol):
    """Counts calls. Exact where it counts: parallel hits never let one too many through."""

    async def hit(self, bucket: str, tier: Tier, cost: int = 1) -> LimitDecision:
        """Takes `cost` from every window of the tier, or from none if it exceeds one."""
        ...

    async def peek(self, bucket: str, tier: Tier) -> LimitDecision:
        """What a hit of 1 would find; takes nothing."""
        ...


def policy_field(tier: Tier) -> str:
    """The value of `RateLimit-Policy`: `"minute";q=600;w=60`."""
    return ", ".join(f'"{w.name}";q={w.calls};w={w.seconds}' for w in tier.windows)


def limit_field(decision: LimitDecision) -> str:
    """The value of `RateLimit`: `"minute";r=599;t=60`; seconds are rounded up."""
    return ", ".join(
        [
            f'"{window.name}";r={remaining};t={math.ceil(reset_after)}'
            for window, remaining, reset_after in decision.standings
        ]
    )


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
        """Takes `cost` from every window of the tier, or from none if it exceeds one."""
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
        """The status of the windows; of those that can't hold `cost`, the last to end refuses.

        Stores nothing: an unopened window counts as if it began now.
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
