"""Counting calls, in the memory of one process and in that of several."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest

from xaigh_server.identity.rate_limit import model as module
from xaigh_server.identity.rate_limit.model import Limiter, MemoryLimiter, Tier, Window
from xaigh_server.identity.rate_limit.shared_limiter import SharedCounts, SharedLimiter

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
def counts() -> Iterator[SharedCounts]:
    """A small table."""
    with closing(SharedCounts(slots=64)) as made:
        yield made


@pytest.fixture(params=["memory", "shared"])
def limiter(request: pytest.FixtureRequest, clock: Clock, counts: SharedCounts) -> Limiter:
    return MemoryLimiter(clock) if request.param == "memory" else SharedLimiter(counts, clock)


async def test_exactly_the_limit_passes(limiter: Limiter) -> None:
    """Of many calls at once, in one window."""
    decisions = await asyncio.gather(*(limiter.hit("a", ONE) for _ in range(50)))
    assert [decision.allowed for decision in decisions] == [True] * 5 + [False] * 45
    assert [d.standings[0].remaining for d in decisions[:6]] == [4, 3, 2, 1, 0, 0]


async def test_a_window_begins_with_its_first_call(limiter: Limiter, clock: Clock) -> None:
    """And the next one with the first call after its end."""
    await limiter.hit("a", ONE)
    clock.now += 59.5
    decision = await limiter.hit("a", ONE)
    assert (decision.standings[0].remaining, decision.standings[0].reset_after) == (3, 0.5)
    clock.now += 0.5
    decision = await limiter.hit("a", ONE)
    assert (decision.standings[0].remaining, decision.standings[0].reset_after) == (4, 60.0)


async def test_a_refused_call_takes_nothing(limiter: Limiter, clock: Clock) -> None:
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


async def test_the_wait_is_for_the_last_window_to_open(limiter: Limiter) -> None:
    """Waiting for the burst alone would only be refused again."""
    both = Tier(name="b", windows=(BURST, Window(name="minute", calls=3, seconds=60)))
    for _ in range(3):
        await limiter.hit("a", both)
    decision = await limiter.hit("a", both)
    assert (decision.tightest.window.name, decision.retry_after) == ("minute", 60)


async def test_a_look_takes_nothing(limiter: Limiter) -> None:
    """It tells what a call would find."""
    assert [(await limiter.peek("a", ONE)).standings[0].remaining for _ in range(3)] == [5, 5, 5]
    for _ in range(5):
        await limiter.hit("a", ONE)
    assert not (await limiter.peek("a", ONE)).allowed


async def test_buckets_and_costs(limiter: Limiter) -> None:
    """Each bucket counts for itself; what doesn't fit whole isn't taken in part."""
    assert (await limiter.hit("a", ONE, cost=4)).allowed
    assert not (await limiter.hit("a", ONE, cost=2)).allowed
    assert (await limiter.hit("a", ONE, cost=1)).allowed
    assert (await limiter.hit("b", ONE)).standings[0].remaining == 4


async def test_a_narrowed_tier_keeps_the_count(limiter: Limiter) -> None:
    """A grant's new tier gives no second helping."""
    for _ in range(5):
        await limiter.hit("a", ONE)
    wider = Tier(name="w", windows=(Window(name="minute", calls=7, seconds=60),))
    assert (await limiter.hit("a", wider)).standings[0].remaining == 1


async def test_memory_follows_the_buckets_in_use(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million addresses over a day don't stay."""
    limiter = MemoryLimiter(clock)
    monkeypatch.setattr(module, "SWEEP_EVERY", 10)
    for number in range(100):
        await limiter.hit(f"peer:{number}", ONE)
        clock.now += 20
    assert len(limiter._counts) < 15


async def test_shared_places_are_used_again(counts: SharedCounts, clock: Clock) -> None:
    """A table of fixed size counts any number of addresses, as long as their windows end."""
    limiter = SharedLimiter(counts, clock)
    for number in range(1000):
        assert (await limiter.hit(f"peer:{number}", ONE)).standings[0].remaining == 4
        assert (await limiter.hit(f"peer:{number}", ONE)).standings[0].remaining == 3
        clock.now += 2


async def test_buckets_that_meet_in_the_shared_table_count_apart(
    counts: SharedCounts, clock: Clock
) -> None:
    """Most places taken, each bucket finds its own count again."""
    limiter = SharedLimiter(counts, clock)
    for _ in range(2):
        for number in range(24):
            await limiter.hit(f"peer:{number}", TIER)
    for number in range(24):
        found = await limiter.peek(f"peer:{number}", TIER)
        assert [standing.remaining for standing in found.standings] == [1, 3]


async def test_a_full_table_gives_up_what_ends_first(counts: SharedCounts, clock: Clock) -> None:
    """Under a flood of addresses the newest count is kept, and nothing breaks."""
    limiter = SharedLimiter(counts, clock)
    for number in range(64):
        await limiter.hit(f"peer:{number}", ONE)
        clock.now += 0.01
    assert (await limiter.hit("one more", ONE)).standings[0].remaining == 4
    assert (await limiter.hit("one more", ONE)).standings[0].remaining == 3
    assert (await limiter.peek("peer:0", ONE)).standings[0].remaining == 5
    assert (await limiter.peek("peer:63", ONE)).standings[0].remaining == 4


@pytest.mark.parametrize("seed", range(20))
async def test_any_span_of_a_window_holds_twice_its_calls_at_most(
    limiter: Limiter, clock: Clock, seed: int
) -> None:
    """The documented bound of windows that don't slide, whenever the calls come."""
    random = Random(seed)
    passed: list[float] = []
    for _ in range(400):
        clock.now += random.choice((0.0, 0.0, 0.5, 20.0, 59.0))
        if (await limiter.hit("a", ONE)).allowed:
            passed.append(clock.now)
    spans = [sum(begin <= each < begin + 60 for each in passed) for begin in passed]
    assert max(spans) <= 2 * MINUTE.calls


async def test_the_bound_of_a_span_is_met(limiter: Limiter, clock: Clock) -> None:
    """All but the first call at the end of a window, and all of the next at its beginning."""
    assert (await limiter.hit("a", ONE)).allowed
    clock.now += 59.9
    assert all([(await limiter.hit("a", ONE)).allowed for _ in range(4)])
    clock.now += 0.2
    assert all([(await limiter.hit("a", ONE)).allowed for _ in range(5)])
    assert not (await limiter.hit("a", ONE)).allowed
