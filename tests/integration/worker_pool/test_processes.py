"""Worker processes on both event loops, and what becomes of tasks when they are gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.waiting import until

from xaigh_server.worker_pool.pool import TaskFailed, WorkerPool


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    made = WorkerPool()
    yield made
    await made.close()


def kill(pool: WorkerPool) -> int:
    """Kills the only worker. Returns its process id."""
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    return pid


def gone(pid: int) -> bool:
    """Whether no process has this id, or only a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_tasks_beside_each_other_get_their_own_results(pool: WorkerPool) -> None:
    """Also large ones, both ways, beyond what a pipe holds."""
    given = [b"a" * 12_000_000, b"b", b"c" * 12_000_001, b"d"]
    assert await asyncio.gather(*(pool.run(bytes, each) for each in given)) == given


async def test_a_worker_that_died_between_tasks_is_replaced(pool: WorkerPool) -> None:
    """The next task and those after it have results; the dead worker is no zombie."""
    assert await pool.run(os.getpid) == pool.pids[0]
    workers, before = pool._workers, kill(pool)
    assert workers is not None
    await asyncio.to_thread(until, lambda: workers.context.has_dead, "the worker's end")
    assert await pool.run(len, "four") == 4
    assert pool.pids != [before]
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


async def test_a_worker_that_dies_over_a_task_costs_that_task(pool: WorkerPool) -> None:
    """And those that wait in the pool; the next one has a result."""
    assert await pool.run(len, "four") == 4
    tasks = [asyncio.ensure_future(pool.run(signal.pause)) for _ in range(3)]
    await asyncio.sleep(0.1)
    kill(pool)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, TaskFailed) for each in results)
    assert await pool.run(len, "four") == 4


async def test_a_task_that_raises_keeps_its_worker(pool: WorkerPool) -> None:
    """The caller learns that there is no result."""
    with pytest.raises(TaskFailed, match="ValueError"):
        await pool.run(int, "no number")
    (before,) = pool.pids
    assert await pool.run(int, "7") == 7
    assert pool.pids == [before]


async def test_a_caller_that_goes_away_leaves_no_result_to_the_next(pool: WorkerPool) -> None:
    """Its task goes on to its end."""
    assert await pool.run(len, "four") == 4
    (before,) = pool.pids
    away = asyncio.ensure_future(pool.run(bytes, b"x" * 1_000_000))
    await asyncio.sleep(0)
    away.cancel()
    assert await pool.run(len, "seven..") == 7
    assert pool.pids == [before]


async def test_a_worker_that_hangs_is_replaced() -> None:
    """Nobody waits for it longer than a task may take."""
    pool = WorkerPool(patience=30.0)
    assert await pool.run(len, "four") == 4
    (hanging,) = pool.pids
    os.kill(hanging, signal.SIGSTOP)
    pool._patience = 0.2
    with pytest.raises(TaskFailed):
        await pool.run(len, "four")
    assert gone(hanging)
    pool._patience = 30.0
    assert await pool.run(len, "four") == 4
    await pool.close()


async def test_workers_that_cant_be_started_cost_the_tasks(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as that lasts, and no longer."""
    with monkeypatch.context() as without:
        without.setattr("multiprocessing.spawn._python_exe", b"/nowhere/python")
        with pytest.raises(TaskFailed):
            await pool.run(len, "four")
        assert pool.pids == []
    assert await pool.run(len, "four") == 4


async def test_a_closed_pool_is_gone_and_stays_so(pool: WorkerPool) -> None:
    """Also one that is closed while it starts."""
    assert await pool.run(len, "four") == 4
    (number,) = pool.pids
    await pool.close()
    with pytest.raises(TaskFailed):
        await pool.run(len, "four")
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    starting = WorkerPool()
    asked = asyncio.ensure_future(starting.run(len, "four"))
    await asyncio.sleep(0)
    await starting.close()
    with pytest.raises(TaskFailed):
        await asked
    assert starting.pids == []


PARENT = """
import asyncio, os, {loop}
from xaigh_server.worker_pool.pool import WorkerPool
os.register_at_fork(before=lambda: print("forked"))
async def main():
    pool = WorkerPool()
    await pool.run(len, "four")
    print(*pool.pids, flush=True)
    await {then}
if __name__ == "__main__":
    with asyncio.Runner(loop_factory={loop}.new_event_loop) as runner:
        runner.run(main())
"""


def program(then: str) -> str:
    loop = type(asyncio.get_running_loop()).__module__
    return PARENT.format(loop=loop.replace("asyncio.unix_events", "asyncio"), then=then)


async def test_workers_start_without_the_hooks_of_a_fork() -> None:
    """gRPC has such hooks, and beside calls under way they can break a child.

    Hooks can't be taken back, so this looks from a process of its own.
    """
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program("pool.close()")],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip().isdigit()


async def test_workers_end_with_their_parent() -> None:
    """A server that was killed leaves none behind."""
    worker = await asyncio.to_thread(_worker_of_a_killed_parent, program("asyncio.sleep(600)"))
    await asyncio.to_thread(until, lambda: gone(worker), "the worker's end")


def _worker_of_a_killed_parent(text: str) -> int:
    """The process id of the worker of a program that was killed while the worker lived."""
    command = [sys.executable, "-c", text]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert not gone(worker)
        parent.kill()
    return worker
