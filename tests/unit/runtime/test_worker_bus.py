"""Processes that ask one another."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from xaigh_server.runtime.worker_bus import SINGLE, WorkerBus, WorkerInfo


async def _say(text: str) -> bytes:
    return text.encode()


async def test_everybody_else_answers(tmp_path: Path) -> None:
    """Each of the others once, and not the one that asks; also one that answers at length."""
    made = [WorkerBus(WorkerInfo(index=index, of=3, folder=tmp_path)) for index in range(3)]
    for number, each in enumerate(made):
        each.answers({"who": partial(_say, f"{number}" * 100_000)})
        await each.start()
    answers = await made[1].ask("who")
    assert answers == [b"0" * 100_000, b"2" * 100_000]
    for each in made:
        await each.stop()


async def test_one_that_is_gone_is_left_out(tmp_path: Path) -> None:
    """The others' answers are what there is to know; its place can be taken again."""
    first, second, third = (
        WorkerBus(WorkerInfo(index=index, of=3, folder=tmp_path)) for index in range(3)
    )
    for each in (first, second):
        each.answers({"who": lambda: _say("here")})
        await each.start()
    assert await first.ask("who") == [b"here"], "the third hasn't started"
    await second.stop()
    assert await first.ask("who") == []
    second_again = WorkerBus(WorkerInfo(index=1, of=3, folder=tmp_path))
    second_again.answers({"who": lambda: _say("again")})
    await second_again.start()
    assert await first.ask("who") == [b"again"]
    await second_again.stop()
    await first.stop()
    await third.stop()


async def test_nobody_is_asked_where_there_is_nobody() -> None:
    """A process alone has no socket."""
    alone = WorkerBus(SINGLE)
    await alone.start()
    assert await alone.ask("who") == []
    await alone.stop()


async def test_one_who_asks_and_goes_disturbs_nobody(tmp_path: Path) -> None:
    """Before the answer, without a question, or with one that nobody understands."""
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    first, second = (
        WorkerBus(WorkerInfo(index=index, of=2, folder=tmp_path)) for index in range(2)
    )
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow() -> bytes:
        asked.set()
        await go.wait()
        return b"x" * 1_000_000

    first.answers({"slow": slow, "who": lambda: _say("here")})
    await first.start()
    for said in (b"slow\n", b"", b"nonsense\n"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "0.sock")
        writer.write(said)
        await writer.drain()
        if said == b"slow\n":
            await asyncio.wait_for(asked.wait(), 10)
        elif said:
            assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await writer.wait_closed()
    go.set()
    assert await second.ask("who") == [b"here"]
    await first.stop()
    assert faults == []
