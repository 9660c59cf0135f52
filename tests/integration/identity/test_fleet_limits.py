"""Limits that several servers count in one Redis, and what holds while it is away."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from tests.harness.redis import Redis, redis

from xaigh_server.errors import Unavailable
from xaigh_server.identity.rate_limit import fleet_limiter
from xaigh_server.identity.rate_limit.fleet_limiter import FleetLimiter, LimitMetrics, LimitStore
from xaigh_server.identity.rate_limit.model import (
    MemoryLimiter,
    Tier,
    Window,
    limit_field,
)
from xaigh_server.identity.rate_limit.redis_counts import RedisCounts

BURST = Window(name="burst", calls=3, seconds=1)
MINUTE = Window(name="minute", calls=5, seconds=60)
BOTH = Tier(name="both", windows=(BURST, MINUTE))
ONE = Tier(name="one", windows=(MINUTE,))


@pytest.fixture(scope="module")
def store() -> Iterator[Redis]:
    """A Redis for the tests of this file."""
    with redis() as started:
        yield started


class Server:
    """The limiters of one server of a fleet."""

    def __init__(self, url: str) -> None:
        self.counts = RedisCounts(url, wait=fleet_limiter.WAIT_SECONDS)
        self.registry = CollectorRegistry()
        shared = LimitStore(self.counts, LimitMetrics(self.registry), monotonic=time.monotonic)
        local = MemoryLimiter(time.monotonic)
        self.open = FleetLimiter(shared, local, closed=False)
        self.closed = FleetLimiter(shared, local, closed=True)

    def metric(self, name: str, **labels: str) -> float:
        """The value of a metric."""
        return self.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
async def servers(store: Redis) -> AsyncIterator[list[Server]]:
    """Two servers of one fleet, whose store is empty."""
    store.command("FLUSHALL")
    async with AsyncExitStack() as stack:
        made = [Server(store.url) for _ in range(2)]
        for each in made:
            stack.callback(each.counts.close)
        yield made


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
async def test_twice_the_limit_over_two_servers(servers: list[Server], limit: int):
    """Exactly the limit passes, and the fields count down as on one server."""
    tier = Tier(name="t", windows=(Window(name="minute", calls=limit, seconds=60),))
    calls = (servers[n % 2].open.hit("grant", tier) for n in range(2 * limit))
    decisions = await asyncio.gather(*calls)
    assert Counter(decision.allowed for decision in decisions) == {True: limit, False: limit}
    remaining = sorted(d.standings[0].remaining for d in decisions if d.allowed)
    assert remaining == list(range(limit))
    seen = {limit_field(await each.open.peek("grant", tier)).split(";")[1] for each in servers}
    assert seen == {"r=0"}


async def test_a_hit_takes_from_all_windows_or_from_none(servers: list[Server]):
    """A full burst leaves the minute's count alone, and the wait is the burst's."""
    one, other = (each.open for each in servers)
    for _ in range(3):
        assert (await one.hit("a", BOTH)).allowed
    refused = [await other.hit("a", BOTH) for _ in range(3)]
    assert {(d.tightest.window.name, d.retry_after) for d in refused} == {("burst", 1)}
    assert [s.remaining for s in (await one.peek("a", BOTH)).standings] == [0, 2]
    assert not (await one.hit("a", BOTH, cost=3)).allowed


async def test_a_window_ends_by_the_clock_of_the_store(servers: list[Server]):
    """Then the next call begins another one."""
    one, other = (each.open for each in servers)
    for _ in range(3):
        await one.hit("a", BOTH)

    for _ in range(200):
        if (await other.hit("a", BOTH)).allowed:
            break
        await asyncio.sleep(0.05)
    standings = (await one.peek("a", BOTH)).standings
    assert [s.remaining for s in standings] == [2, 1]
    assert 0 < standings[0].reset_after <= 1 < 50 < standings[1].reset_after <= 60


async def test_a_look_takes_nothing(servers: list[Server]):
    """Of an unopened window it tells the whole."""
    looks = [(await each.open.peek("a", ONE)).standings[0] for each in servers * 2]
    assert {(s.remaining, s.reset_after) for s in looks} == {(5, 60)}


async def test_one_round_trip_a_hit(servers: list[Server], store: Redis):
    """And one a look, whatever the number of windows."""
    await servers[0].open.hit("a", BOTH)  # a script that is new to Redis is sent twice
    before = store.scripts_run()
    for _ in range(10):
        await servers[0].open.hit("a", BOTH)
        await servers[1].open.peek("a", BOTH)
    assert store.scripts_run() - before == 20


async def test_redis_sees_no_address(servers: list[Server], store: Redis):
    """Contacts and peers are people."""
    await servers[0].open.hit("contact:jo@example.com", ONE)
    assert "example" not in store.command("EVAL \"return table.concat(redis.call('KEYS','*'))\" 0")


async def test_a_store_that_hangs_holds_no_call(servers: list[Server], store: Redis):
    """Within the limit of time the policy decides; later calls don't wait; then it comes back."""
    server = servers[0]
    await server.open.hit("a", ONE)
    store.freeze()
    try:
        began = time.monotonic()
        decisions = await asyncio.gather(*(server.open.hit("a", ONE) for _ in range(20)))
        assert time.monotonic() - began < 10 * fleet_limiter.WAIT_SECONDS
        # The machine counts alone, from nothing.
        assert Counter(d.allowed for d in decisions) == {True: 5, False: 15}
        with pytest.raises(Unavailable) as refused:
            await server.closed.hit("b", ONE)
        assert refused.value.retry_after == fleet_limiter.PAUSE_SECONDS
        with pytest.raises(Unavailable):
            await server.closed.peek("b", ONE)
        assert server.metric("xaigh_limits_processes", counted_by="machine") == 1
        assert server.metric("xaigh_limits_processes", counted_by="fleet") == 0
        assert server.metric("xaigh_limits_without_store_total", policy="open") == 20
        assert server.metric("xaigh_limits_without_store_total", policy="closed") == 2
    finally:
        store.thaw()
    await _comes_back(server)


async def test_a_store_that_is_away_is_asked_once_a_pause(
    servers: list[Server], store: Redis, monkeypatch: pytest.MonkeyPatch
):
    """However many calls there are; and a start while it is away is no failure."""
    asked = Counter[str]()
    server = servers[0]
    count = RedisCounts.count

    async def counting(self, *args, **kwargs):
        asked["store"] += 1
        return await count(self, *args, **kwargs)

    monkeypatch.setattr(RedisCounts, "count", counting)
    store.stop()
    try:
        for _ in range(50):
            await server.open.hit("a", ONE)
        assert asked["store"] <= 3  # once, and once for each second that this took
    finally:
        store.start()
    await _comes_back(server)


async def _comes_back(server: Server) -> None:
    for _ in range(200):
        await server.open.peek("back", ONE)
        if server.metric("xaigh_limits_processes", counted_by="fleet"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the store isn't used again")


def test_the_address_is_checked_at_the_start(tmp_path: Path):
    """Before anything listens."""
    from xaigh_server.settings import Settings, SettingsError

    with pytest.raises(SettingsError, match="limits_url"):
        Settings(data_dir=tmp_path, limits_url="http://localhost")
    with pytest.raises(SettingsError, match="limits_when_unavailable"):
        Settings(data_dir=tmp_path, limits_when_unavailable="shut")
