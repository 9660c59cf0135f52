"""Rate limiter over memory that all worker processes share. Counts are exact over all of them.

The windows are those of `MemoryLimiter`, in a hash table of fixed size with open addressing: one
slot per bucket and window. A hit holds the table's lock, which the kernel releases when a process
dies. The counts survive the death of any process but the last.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import struct
import tempfile
from collections.abc import Callable

from xaigh_server.identity.rate_limit.model import LimitDecision, Tier, Window, decision_of

SLOTS = 1 << 17
"""Windows that can be open at a time, give or take: 4 MiB, of which only used pages are real."""

_SLOT = struct.Struct("<16sdQ")  # what is counted, when the window ends, what was used
_ENDS_USED = struct.Struct("<dQ")
_NAME_BYTES = 16
_FARTHEST = 64


class SharedCounts:
    """The table. Made before the processes part; each of them uses it from one thread."""

    def __init__(self, slots: int = SLOTS) -> None:
        """`slots` is a power of two."""
        self._mask = slots - 1
        self._memory = mmap.mmap(-1, slots * _SLOT.size)
        self._lock = tempfile.TemporaryFile(prefix="xaigh-")  # noqa: SIM115  # as long as the table

    def close(self) -> None:
        """Unmaps the table in this process."""
        self._memory.close()
        self._lock.close()

    def __enter__(self) -> None:
        """Locks the table against all other processes until the end of the block."""
        # Locks of this kind belong to the process, so those that share the file shut each other
        # out; and they end with it.
        fcntl.lockf(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.lockf(self._lock, fcntl.LOCK_UN)

    def find(self, name: bytes, now: float) -> tuple[int, float, int]:
        """Where `name` is counted, when its window ends, and what was used of it.

        A window that has ended, or never began, ends at 0 and has nothing used; its place is the
        one to begin it at. Where every place near is taken, that is the one which ends first: so
        many windows are open only under attack, and the attacker's are the shortest used.
        """
        free: int | None = None
        nearest, nearest_ends = 0, float("inf")
        start = int.from_bytes(name[:8], "little")
        for step in range(_FARTHEST):
            at = ((start + step) & self._mask) * _SLOT.size
            found, ends, used = _SLOT.unpack_from(self._memory, at)
            if found == name and ends > now:
                return at, ends, used
            if ends <= now and free is None:
                free = at
            if ends == 0.0:
                break  # nothing was ever kept beyond
            if ends < nearest_ends:
                nearest, nearest_ends = at, ends
        return (nearest if free is None else free), 0.0, 0

    def begin(self, at: int, name: bytes, ends: float, used: int) -> None:
        """Begins a window at a place that `find` gave."""
        _SLOT.pack_into(self._memory, at, name, ends, used)

    def use(self, at: int, ends: float, used: int) -> None:
        """Sets what was used of an open window."""
        _ENDS_USED.pack_into(self._memory, at + _NAME_BYTES, ends, used)


class SharedLimiter:
    """A `Limiter` over shared counts. `monotonic` gives the same seconds to all processes."""

    def __init__(self, counts: SharedCounts, monotonic: Callable[[], float]) -> None:
        self._counts = counts
        self._monotonic = monotonic

    async def hit(self, bucket: str, tier: Tier, cost: int = 1) -> LimitDecision:
        """Takes `cost` from every window of the tier, or from none if it exceeds one."""
        return self._count(bucket, tier, cost, take=True)

    async def peek(self, bucket: str, tier: Tier) -> LimitDecision:
        """What a hit of 1 would find; takes nothing and keeps nothing."""
        return self._count(bucket, tier, 1, take=False)

    def _count(self, bucket: str, tier: Tier, cost: int, *, take: bool) -> LimitDecision:
        now = self._monotonic()
        names = [_name(bucket, window) for window in tier.windows]
        with self._counts:
            places = [self._counts.find(name, now) for name in names]
            refused = any(
                used + cost > window.calls
                for (_, _, used), window in zip(places, tier.windows, strict=True)
            )
            taken = cost if take and not refused else 0
            if taken:
                for name, window, place in zip(names, tier.windows, places, strict=True):
                    self._take(name, window, place, now, taken)
        before = [(used, ends - now) for _, ends, used in places]
        return decision_of(tier, before, cost=cost, taken=bool(taken), refused=refused)

    def _take(
        self, name: bytes, window: Window, place: tuple[int, float, int], now: float, cost: int
    ) -> None:
        at, ends, used = place
        if not ends:
            # A window of the same hit may have taken the place meanwhile: look again.
            at, _, _ = self._counts.find(name, now)
            self._counts.begin(at, name, now + window.seconds, cost)
        else:
            self._counts.use(at, ends, used + cost)


def _name(bucket: str, window: Window) -> bytes:
    text = f"{window.name} {bucket}".encode()
    return hashlib.blake2b(text, digest_size=_NAME_BYTES).digest()
