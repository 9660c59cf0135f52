"""Counts of calls in a Redis, which all servers of a fleet share. Exact over all of them.

The windows are those of `MemoryLimiter`. A hit or a look is one script, so one round trip, and the
script takes from all windows of a tier or from none. Redis runs one script at a time and keeps the
clock, so the clocks of the servers take no part. The package `limits` reads the address and keeps
the connection; its own strategies count one window at a time and move with the clocks of the
callers, so this script replaces them.
"""

from __future__ import annotations

import hashlib
from typing import Any

from xaigh_server.identity.rate_limit.model import LimitDecision, Tier, decision_of

_NAME_BYTES = 16

_SCRIPT = """
local cost, take = tonumber(ARGV[1]), ARGV[2] == '1'
local found, fits = {}, true
for i, key in ipairs(KEYS) do
  local used, left = 0, redis.call('PTTL', key)
  if left > 0 then used = tonumber(redis.call('GET', key)) end
  if used + cost > tonumber(ARGV[1 + 2 * i]) then fits = false end
  found[2 * i - 1], found[2 * i] = used, left
end
if fits and take then
  for i, key in ipairs(KEYS) do
    if found[2 * i] > 0 then redis.call('INCRBY', key, cost)
    else redis.call('SET', key, cost, 'PX', 1000 * tonumber(ARGV[2 + 2 * i])) end
  end
end
table.insert(found, fits and 1 or 0)
return found
"""
"""Keys: one for each window. Arguments: cost, whether to take it, then calls and seconds of each
window. Returns what was used of each window before and its milliseconds left (not positive: it
isn't open), then whether the cost fits into all of them."""


class RedisCounts:
    """Counts behind one address. Every method raises what `errors` lists if Redis is away."""

    def __init__(self, url: str, *, wait: float) -> None:
        """`wait` is in seconds, for a connection and for an answer. ValueError: not an address."""
        # Imported here: only servers with this setting need it, and it takes a while.
        from limits.aio.storage import RedisStorage

        storage = RedisStorage(
            f"async+{url}", key_prefix="xaigh", connect_timeout=wait, stream_timeout=wait
        )
        refused = storage.base_exceptions
        self.errors: tuple[type[Exception], ...] = (
            OSError,
            EOFError,
            *(refused if isinstance(refused, tuple) else (refused,)),
        )
        self._client: Any = storage.bridge.get_connection()  # type: ignore[attr-defined]
        self._script: Any = self._client.register_script(_SCRIPT)

    async def count(self, bucket: str, tier: Tier, cost: int, *, take: bool) -> LimitDecision:
        """Takes `cost` from every window, or from none; only looks unless `take`."""
        arguments: Any = [cost, int(take)]
        for window in tier.windows:
            arguments += (window.calls, window.seconds)
        answer: Any = await self._script.execute(keys=_keys(bucket, tier), args=arguments)
        *found, fits = answer
        before = [(found[at], found[at + 1] / 1000) for at in range(0, len(found), 2)]
        return decision_of(tier, before, cost=cost, taken=take and bool(fits), refused=not fits)

    async def ping(self) -> None:
        """Returns if Redis answers."""
        await self._client.ping()

    def close(self) -> None:
        """Closes the connection."""
        self._client.connection_pool.disconnect()


def _keys(bucket: str, tier: Tier) -> Any:
    """The keys of a bucket's windows. Redis sees no address; braces keep them on one node."""
    name = hashlib.blake2b(bucket.encode(), digest_size=_NAME_BYTES).hexdigest()
    return [f"xaigh:{{{name}}}:{window.name}" for window in tier.windows]
