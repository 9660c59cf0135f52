"""Calls that come at about the same time go on together; one that comes alone waits for nobody."""

import asyncio

import pytest

from xaigh_server.rpc.call_batcher import CallBatcher, next_turn

_LIMIT = 5.0


class Inside:
    """Calls in a gather: who got through, and after how many turns of the loop."""

    def __init__(self, gather: CallBatcher) -> None:
        self._gather = gather
        self.through: list[int] = []
        self.second = asyncio.Event()
        self.leave = asyncio.Event()

    async def call(self, number: int) -> None:
        company = self._gather.enter()
        try:
            if company is not None:
                await company
            self.through.append(number)
            if len(self.through) == 2:
                self.second.set()
            await self.leave.wait()
        finally:
            self._gather.leave()


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_call_alone_waits_for_nobody() -> None:
    """It is through in the turn in which it came."""
    inside = Inside(CallBatcher())
    task = asyncio.create_task(inside.call(1))
    await _turns(1)
    assert inside.through == [1]
    inside.leave.set()
    await task
    again = asyncio.create_task(inside.call(2))
    await _turns(1)
    assert inside.through == [1, 2]
    await again


async def test_calls_that_come_while_one_runs_go_on_together() -> None:
    """In their order, in one turn, once nobody has come for as many turns as it is patient."""
    inside = Inside(CallBatcher(patience=6))
    tasks = [asyncio.create_task(inside.call(1))]
    await _turns(1)
    for number in (2, 3, 4):
        tasks.append(asyncio.create_task(inside.call(number)))
        await _turns(3)
    assert inside.through == [1]
    async with asyncio.timeout(_LIMIT):
        await inside.second.wait()
    await _turns(1)
    assert inside.through == [1, 2, 3, 4]
    inside.leave.set()
    await asyncio.gather(*tasks)


async def test_a_call_knows_whether_it_has_company() -> None:
    """Alone it needn't let others go first."""
    gather = CallBatcher()
    assert gather.enter() is None
    assert not gather.together
    company = gather.enter()
    assert gather.together
    gather.leave()
    assert not gather.together
    assert company is not None
    async with asyncio.timeout(_LIMIT):
        await company


async def test_the_next_turn_comes_after_all_of_this_one() -> None:
    """Whoever was ready has run by then."""
    seen: list[int] = []

    async def one(number: int) -> None:
        seen.append(number)
        await next_turn()
        seen.append(-number)

    await asyncio.gather(one(1), one(2), one(3))
    assert seen == [1, 2, 3, -1, -2, -3]


async def test_a_full_group_waits_no_longer() -> None:
    """Patience is for those who may still find a place."""
    inside = Inside(CallBatcher(largest=2, patience=1_000_000))
    tasks = [asyncio.create_task(inside.call(number)) for number in (1, 2, 3)]
    await _turns(4)
    assert inside.through == [1, 2, 3]
    inside.leave.set()
    await asyncio.gather(*tasks)


async def test_beside_a_call_that_runs_for_long_others_do_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the last one came a while ago, nobody is likely to come with this one."""
    inside = Inside(CallBatcher(patience=1_000_000))
    tasks = [asyncio.create_task(inside.call(1))]
    await _turns(1)
    loop = asyncio.get_running_loop()
    later = loop.time() + 1.0
    monkeypatch.setattr(loop, "time", lambda: later)
    tasks.append(asyncio.create_task(inside.call(2)))
    await _turns(1)
    assert inside.through == [1, 2]
    inside.leave.set()
    await asyncio.gather(*tasks)


async def test_a_call_that_is_cancelled_while_it_waits_leaves_nothing_behind() -> None:
    """The others go on, and the next one that comes alone is alone."""
    gather = CallBatcher(patience=6)
    inside = Inside(gather)
    tasks = [asyncio.create_task(inside.call(number)) for number in (1, 2, 3)]
    await _turns(2)
    tasks[1].cancel()
    async with asyncio.timeout(_LIMIT):
        await inside.second.wait()
    assert inside.through == [1, 3]
    inside.leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    task = asyncio.create_task(inside.call(4))
    await _turns(1)
    assert inside.through == [1, 3, 4]
    await task


async def test_calls_that_waited_for_something_else_gather_again() -> None:
    """Those that came close together; a call that comes alone goes on at once beside any other."""
    gather = CallBatcher(patience=2)
    assert gather.enter() is None
    assert gather.rejoin() is None
    entered = gather.enter()
    places = [gather.rejoin(), gather.rejoin()]
    assert entered is not None and None not in places
    async with asyncio.timeout(_LIMIT):
        await asyncio.gather(entered, *(each for each in places if each is not None))
    gather.leave()
    gather._last = 0.0  # as after a pause
    assert gather.enter() is None
    assert gather.together and gather.rejoin() is None
