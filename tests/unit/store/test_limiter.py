"""Counting calls."""

import asyncio

import pytest

from xaigh_server.domain.ratelimit import Tier, Window
from xaigh_server.store import limiter as module
from xaigh_server.store.limiter import MemoryLimiter

BURST = Window(name="burst", calls=3, seconds=1)
MINUTE = Window(name="minute", calls=5, seconds=60)
TIER = Tier(name="t", windows=(BURST, MINUTE))
ONE = Tier(name="one", windows=(MINUTE,))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> MemoryLimiter:
    return MemoryLimiter(clock)


async def test_exactly_the_limit_passes(limiter: MemoryLimiter) -> None:
    """Of many calls at once, in one window."""
    decisions = await asyncio.gather(*(limiter.hit("a", ONE) for _ in range(50)))
    assert [decision.allowed for decision in decisions] == [True] * 5 + [False] * 45
    assert [d.standings[0].remaining for d in decisions[:6]] == [4, 3, 2, 1, 0, 0]


async def test_a_window_begins_with_its_first_call(limiter: MemoryLimiter, clock: Clock) -> None:
    """And the next one with the first call after its end."""
    await limiter.hit("a", ONE)
    clock.now += 59.5
    decision = await limiter.hit("a", ONE)
    assert (decision.standings[0].remaining, decision.standings[0].reset_after) == (3, 0.5)
    clock.now += 0.5
    decision = await limiter.hit("a", ONE)
    assert (decision.standings[0].remaining, decision.standings[0].reset_after) == (4, 60.0)


async def test_a_refused_call_takes_nothing(limiter: MemoryLimiter, clock: Clock) -> None:
    """A full burst leaves the minute's count alone, and the wait is the burst's."""
    for _ in range(3):
        await limiter.hit("a", TIER)
    refused = [await limiter.hit("a", TIER) for _ in range(5)]
    assert {(d.allowed, d.tightest.window.name, d.retry_after) for d in refused} == {
        (False, "burst", 1)
    }
    clock.now += 1
    decision = await limiter.hit("a", TIER)
    assert [standing.remaining for standing in decision.standings] == [2, 1]


async def test_the_wait_is_for_the_last_window_to_open(limiter: MemoryLimiter) -> None:
    """Waiting for the burst alone would only be refused again."""
    both = Tier(name="b", windows=(BURST, Window(name="minute", calls=3, seconds=60)))
    for _ in range(3):
        await limiter.hit("a", both)
    decision = await limiter.hit("a", both)
    assert (decision.tightest.window.name, decision.retry_after) == ("minute", 60)


async def test_a_look_takes_nothing(limiter: MemoryLimiter) -> None:
    """It tells what a call would find."""
    assert [(await limiter.peek("a", ONE)).standings[0].remaining for _ in range(3)] == [5, 5, 5]
    for _ in range(5):
        await limiter.hit("a", ONE)
    assert not (await limiter.peek("a", ONE)).allowed


async def test_buckets_and_costs(limiter: MemoryLimiter) -> None:
    """Each bucket counts for itself; what doesn't fit whole isn't taken in part."""
    assert (await limiter.hit("a", ONE, cost=4)).allowed
    assert not (await limiter.hit("a", ONE, cost=2)).allowed
    assert (await limiter.hit("a", ONE, cost=1)).allowed
    assert (await limiter.hit("b", ONE)).standings[0].remaining == 4


async def test_a_narrowed_tier_keeps_the_count(limiter: MemoryLimiter) -> None:
    """A grant's new tier gives no second helping."""
    for _ in range(5):
        await limiter.hit("a", ONE)
    wider = Tier(name="w", windows=(Window(name="minute", calls=7, seconds=60),))
    assert (await limiter.hit("a", wider)).standings[0].remaining == 1


async def test_memory_follows_the_buckets_in_use(
    limiter: MemoryLimiter, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million addresses over a day don't stay."""
    monkeypatch.setattr(module, "SWEEP_EVERY", 10)
    for number in range(100):
        await limiter.hit(f"peer:{number}", ONE)
        clock.now += 20
    assert len(limiter._counts) < 15
