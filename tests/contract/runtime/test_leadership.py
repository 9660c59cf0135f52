"""One process at a time runs each background task, on either engine, whatever the clocks do."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import bindparam, update

from xaigh_server.db.database import Database, open_database
from xaigh_server.db.leader_leases import LeaderLease, LeaderLeases, database_time, leader_leases
from xaigh_server.db.metadata import control_metadata
from xaigh_server.identity.leased_epoch import boot_time
from xaigh_server.runtime.leadership import Leadership, LedTasks
from xaigh_server.runtime.scheduler import Scheduler, Work

TASKS = ("anchors", "retention")
SECONDS = 0.6  # of a lease, so that tests needn't wait long

_numbers = itertools.count()


class Clock:
    """The clock of one server, which can jump."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return boot_time() + self.ahead


def candidate(
    control: Database,
    *,
    clock: Callable[[], float] = boot_time,
    seconds: float = SECONDS,
    tasks: tuple[str, ...] = TASKS,
    registry: CollectorRegistry | None = None,
) -> Leadership:
    """A process of a server."""
    made = Leadership(
        control,
        registry=registry or CollectorRegistry(),
        new_id=lambda prefix: f"{prefix}_{next(_numbers)}",
        clock=clock,
        seconds=seconds,
    )
    for task in tasks:
        made.add(task)
    return made


def led(server: Leadership) -> list[str]:
    """The tasks that a server may run now."""
    return [task for task in TASKS if server.leads(task)]


async def leases(control: Database) -> dict[str, LeaderLease]:
    """The rows, by task."""
    found = await control.read(lambda session: LeaderLeases(session).all())
    return {each.task: each for each in found}


@asynccontextmanager
async def other_server(location: Path | str) -> AsyncIterator[Database]:
    """Connections of another server to the same control database."""
    database = open_database("control", location, control_metadata)
    await database.start()
    try:
        yield database
    finally:
        await database.close()


async def test_of_several_one_leads(control: Database, location: Path | str):
    """All that ask at once: one gets each task, and renews it."""
    async with AsyncExitStack() as stack:
        databases = [control] + [
            await stack.enter_async_context(other_server(location)) for _ in range(2)
        ]
        servers = [candidate(each, seconds=60) for each in databases for _ in range(3)]
        for _ in range(5):
            await asyncio.gather(*(each.renew() for each in servers))
            assert sorted(task for each in servers for task in led(each)) == sorted(TASKS)
        first = next(each for each in servers if led(each))
        await first.renew()
        assert {each.holder for each in (await leases(control)).values()} >= {first.holder}


async def test_another_takes_over_once_the_lease_ran_out(control: Database):
    """Not before; and at once where the leader ends in order."""
    first, second = candidate(control), candidate(control)
    await first.renew()
    await second.renew()
    assert (led(first), led(second)) == ([*TASKS], [])
    while not led(second):  # the first one died: it renews nothing
        before = await leases(control)
        assert not led(second)
        await second.renew()
        if led(second):
            assert all(each.seconds_left <= SECONDS * 0.2 for each in before.values())
            assert not led(first)
        await asyncio.sleep(0.02)
    await second.start()
    await second.stop()
    assert led(second) == []
    await first.renew()
    assert led(first) == [*TASKS]


async def test_a_leader_stops_before_its_lease_ends(control: Database):
    """Its clock jumps, as that of a suspended machine does: the task is cancelled at once."""
    clock = Clock()
    leader = candidate(control, clock=clock, seconds=60)
    await leader.renew()
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    running = asyncio.create_task(leader.run("anchors", work))
    await asyncio.wait_for(started.wait(), 5)
    with structlog.testing.capture_logs() as logs:
        clock.ahead += 60
        await asyncio.wait_for(running, 10)
    assert cancelled.is_set()
    assert [line["event"] for line in logs] == ["leader.stopped"]
    assert await leader.run("anchors", work) is None


async def test_a_leader_whose_clock_jumps_takes_nothing_from_another(control: Database):
    """The database's clock decides, however far ahead or behind a server's is."""
    clock = Clock()
    first, jumping = candidate(control, seconds=60), candidate(control, clock=clock, seconds=60)
    await first.renew()
    for jump in (86_400.0, -86_400.0):
        clock.ahead += jump
        await jumping.renew()
        assert (led(first), led(jumping)) == ([*TASKS], [])


async def test_a_database_clock_that_went_back_blocks_nobody(control: Database):
    """A lease that ends too late is cut to the length of one, not taken."""
    first, second = candidate(control), candidate(control)
    await first.renew()
    await control.write(_set_ahead)
    await second.renew()
    assert led(second) == []
    assert all(0 < each.seconds_left <= SECONDS for each in (await leases(control)).values())
    await first.renew()  # one that lives keeps it
    assert led(first) == [*TASKS]
    await control.write(_set_ahead)
    async with asyncio.timeout(10):
        while not led(second):
            assert not led(first) or not led(second)
            await second.renew()
            await asyncio.sleep(0.05)


def _set_ahead(session):
    day_ahead = database_time(session) + 86_400_000_000
    session.run(update(leader_leases).values(until=bindparam("to")), to=day_ahead)


async def test_the_gauge_shows_who_leads(control: Database):
    """Added over the fleet it is one."""
    registries = [CollectorRegistry() for _ in range(2)]
    for each in registries:
        await candidate(control, seconds=60, registry=each).renew()
    values = [each.get_sample_value("xaigh_leader", {"task": "anchors"}) for each in registries]
    assert values == [1.0, 0.0]


class Turns:
    """What the servers run, and who ran it."""

    def __init__(self) -> None:
        self.running: dict[str, str] = {}
        self.clashes: list[str] = []
        self.runners: dict[str, set[str]] = {task: set() for task in TASKS}

    def work(self, task: str, holder: str) -> Work:
        """A task that notices another runner of its own."""

        async def run() -> None:
            if task in self.running:
                self.clashes.append(f"{holder} ran {task} beside {self.running[task]}")
            self.running[task] = holder
            try:
                await asyncio.sleep(0.05)
                self.runners[task].add(holder)
            finally:
                del self.running[task]

        return run

    async def reach(self, holders: set[str]) -> None:
        """Returns once each task was run by one of them, from now on."""
        for seen in self.runners.values():
            seen.clear()
        for _ in range(1000):
            if all(seen & holders for seen in self.runners.values()):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"nobody of {holders} took over: {self.runners}")


async def test_two_never_run_a_task_at_once(control: Database, location: Path | str):
    """Leaders hang and come back: each task has one runner at most, and soon another one."""
    turns = Turns()
    async with other_server(location) as elsewhere:
        servers = [candidate(each, tasks=()) for each in (control, elsewhere, elsewhere)]
        schedulers = [Scheduler() for _ in servers]
        for server, scheduler in zip(servers, schedulers, strict=True):
            tasks = LedTasks(scheduler, server)
            for task in TASKS:
                tasks.every(task, 0.01, turns.work(task, server.holder))
            await server.start()
            scheduler.start()
        for _ in range(5):
            await turns.reach({each.holder for each in servers})
            victim = next(each for each in servers if each.holder in turns.runners["anchors"])
            assert victim._renewing is not None
            victim._renewing.cancel()  # it hangs, and runs its tasks until its time is up
            await turns.reach({each.holder for each in servers if each is not victim})
            victim._renewing = asyncio.create_task(victim._renew_always())
        for server, scheduler in zip(servers, schedulers, strict=True):
            await scheduler.stop()
            await server.stop()
    assert turns.clashes == []
