"""Work that comes round outlives whatever it meets, and ends when asked."""

import asyncio

import structlog

from xaigh_server.runtime.scheduler import Scheduler


class Work:
    """Counts its turns, and fails at those it is told to."""

    def __init__(self, *failing: int) -> None:
        self.turns = 0
        self._failing = failing
        self.changed = asyncio.Condition()

    async def run(self) -> None:
        async with self.changed:
            self.turns += 1
            self.changed.notify_all()
        if self.turns in self._failing:
            raise ValueError("broken")

    async def reach(self, turns: int) -> None:
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(lambda: self.turns >= turns), 5)


async def test_a_failure_is_logged_and_the_next_turn_comes():
    """With its name, so that somebody can look for it."""
    rounds, work = Scheduler(), Work(1)
    rounds.every(0.001, work.run)
    with structlog.testing.capture_logs() as logs:
        rounds.start()
        await work.reach(3)
        await rounds.stop()
    assert logs[0]["event"] == "task.failed" and logs[0]["task"] == "Work.run"


async def test_a_slow_piece_delays_no_other():
    """Each has a task of its own."""
    rounds, work = Scheduler(), Work()

    async def slow() -> None:
        await asyncio.Event().wait()

    rounds.every(0.001, slow)
    rounds.every(0.001, work.run)
    rounds.start()
    await work.reach(3)
    await rounds.stop()


async def test_what_asked_for_it_runs_once_more_at_the_end():
    """Also if it never had its turn; nothing runs after that."""
    rounds, last, other = Scheduler(), Work(1), Work()
    rounds.every(3600, last.run, at_end=True)
    rounds.every(3600, other.run)
    rounds.start()
    with structlog.testing.capture_logs():
        await rounds.stop()
    assert (last.turns, other.turns) == (1, 0)
