"""Cancel scopes: interruption by time and by the end of the server."""

from __future__ import annotations

import asyncio

import pytest

from httprule.cancel_scope import CancelScope, InFlightCalls, Interrupted, Interruption


async def _wait() -> None:
    await asyncio.Event().wait()


async def test_work_that_is_done_in_time() -> None:
    """Nothing happens to it."""
    loop = asyncio.get_running_loop()
    with CancelScope(loop, 10):
        await asyncio.sleep(0)
    with InFlightCalls(10).open(loop, 10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("seconds", [0.01, 0.02])
async def test_work_past_its_end(seconds: float) -> None:
    """It is cancelled, and the cancellation is told as what it was; by either kind of timer."""
    loop = asyncio.get_running_loop()
    with pytest.raises(Interrupted) as ended, InFlightCalls(0.02).open(loop, seconds):
        await _wait()
    assert ended.value.why is Interruption.DEADLINE
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_no_time_at_all() -> None:
    """Work without time does not begin."""
    with pytest.raises(Interrupted), InFlightCalls(1.0).open(asyncio.get_running_loop(), 0):
        raise AssertionError("began")


async def test_cancellation_from_elsewhere() -> None:
    """It stays a cancellation."""

    async def work() -> None:
        with InFlightCalls(10).open(asyncio.get_running_loop(), 10):
            await _wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_both_at_once() -> None:
    """Cancelled by its end and from elsewhere: the one from elsewhere is not lost."""

    async def work() -> None:
        with scope:
            await _wait()

    scope = CancelScope(asyncio.get_running_loop(), None)
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    scope.interrupt(Interruption.SHUTDOWN)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_ends_in_order() -> None:
    """Calls of the common length end one after the other, each at its own time."""
    loop = asyncio.get_running_loop()
    calls = InFlightCalls(0.03)
    ends: list[tuple[int, float]] = []

    async def work(number: int) -> None:
        began = loop.time()
        with pytest.raises(Interrupted), calls.open(loop, 0.03):
            await _wait()
        ends.append((number, loop.time() - began))

    tasks = []
    for number in range(4):
        tasks.append(asyncio.create_task(work(number)))
        await asyncio.sleep(0.005)
    await asyncio.gather(*tasks)
    assert [number for number, _ in ends] == [0, 1, 2, 3]
    assert all(took >= 0.03 for _, took in ends)


async def test_interrupt_all() -> None:
    """Every call that runs ends, whatever its length, and no other one."""
    loop = asyncio.get_running_loop()
    calls = InFlightCalls(10)
    ends: list[Interruption] = []

    async def work(seconds: float | None) -> None:
        with pytest.raises(Interrupted) as ended, calls.open(loop, seconds):
            await _wait()
        ends.append(ended.value.why)

    with calls.open(loop, 10):
        pass
    tasks = [asyncio.create_task(work(seconds)) for seconds in (10, 5, None)]
    await asyncio.sleep(0)
    calls.interrupt_all()
    await asyncio.gather(*tasks)
    assert ends == [Interruption.SHUTDOWN] * 3
    calls.interrupt_all()
    await asyncio.sleep(0)
