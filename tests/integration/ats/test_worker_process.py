"""A process that answers questions, and what becomes of them when it is gone."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from tests.harness.business_services import NOW
from tests.harness.syncs import INTEGRATION

from xaigh_server.ats.intake.ipc_codec import BatchAnswer
from xaigh_server.worker_pool.process import Helper

MODULE = "xaigh_server.ats.intake.worker"


def question(records: int = 1) -> Any:
    """What a seat is asked to sort."""
    texts = [b'{"id":%d,"title":"Picker"}' % number for number in range(records)]
    return (0, (INTEGRATION, NOW, texts, None))


def glances(answer: Any) -> int:
    """How many records were glanced at."""
    return len(BatchAnswer(*answer).glances or ())


@pytest.fixture
async def helper() -> AsyncIterator[Helper]:
    one = Helper(MODULE)
    yield one
    await one.close()


def process(helper: Helper) -> subprocess.Popen[bytes]:
    """The process that is there now."""
    assert helper.process is not None
    return helper.process


async def gone(helper: Helper) -> None:
    """Kills the process, and waits until the loop has seen the end of its line."""
    process(helper).kill()
    assert helper._line is not None
    assert await asyncio.wait_for(helper._line.source.read(), timeout=10) == b""


async def test_questions_beside_each_other_get_their_own_answers(helper: Helper) -> None:
    """Also large ones, beyond what a pipe holds."""
    sizes = [1, 20_000, 3]
    answers = await asyncio.gather(*(helper.ask(question(size)) for size in sizes))
    assert [glances(answer) for answer in answers] == sizes


async def test_a_process_that_ended_between_questions_is_replaced(helper: Helper) -> None:
    """The next question and those after it are answered; the dead one is no zombie."""
    first = await helper.ask(question())
    before = process(helper)
    await gone(helper)
    assert await helper.ask(question()) == first
    assert process(helper).pid != before.pid
    assert before.returncode == -9
    assert await helper.ask(question()) == first


async def test_one_that_dies_over_a_question_costs_that_answer(helper: Helper) -> None:
    """None says that it has to be found elsewhere."""
    first = await helper.ask(question())
    process(helper).kill()
    assert await helper.ask(question()) in (None, first)  # it may have seen the end in time
    assert await helper.ask(question()) == first
    asked = asyncio.ensure_future(helper.ask(question(200_000)))
    await asyncio.sleep(0)
    process(helper).kill()
    assert await asked is None
    assert await helper.ask(question()) == first


async def test_one_that_breaks_over_a_question_is_replaced(
    helper: Helper, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it says about it is its own; the caller goes on."""
    assert await helper.ask("no question at all") is None
    assert await helper.ask(question())
    assert "Traceback" in capfd.readouterr().err


async def test_the_next_question_is_sent_while_one_is_answered(
    helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its answer is its own, however large the one before it is."""
    assert await helper.ask(question())
    assert helper._line is not None
    sink = helper._line._sink
    sent: list[Any] = []
    send = sink.writelines

    def recorded(parts: Any) -> None:
        sent.append(parts)
        send(parts)

    monkeypatch.setattr(sink, "writelines", recorded)
    os.kill(process(helper).pid, signal.SIGSTOP)
    asked = [asyncio.ensure_future(helper.ask(question(size))) for size in (3_000, 1, 2)]
    try:
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(sent) == 3
        assert not any(each.done() for each in asked)
    finally:
        os.kill(process(helper).pid, signal.SIGCONT)
    answers = [await each for each in asked]
    assert [glances(answer) for answer in answers] == [3_000, 1, 2]


async def test_large_questions_and_answers_wait_for_no_circle() -> None:
    """More than the line holds, both ways: each is answered, though all are under way at once."""
    helper = Helper("tests.integration.ats.answering", patience=30.0)
    sizes = [12_000_000, 1, 12_000_001, 2]
    asked = (helper.ask((size, bytes(4_000_000))) for size in sizes)
    answers = await asyncio.gather(*asked)
    await helper.close()
    assert [answer and len(answer) for answer in answers] == sizes


async def test_questions_behind_one_that_fails_fail_with_it(helper: Helper) -> None:
    """None of them gets another's answer, and the next one is answered."""
    first = await helper.ask(question())
    failing = [question(50), "no question at all", question(2), question(3)]
    answers = await asyncio.gather(*(helper.ask(each) for each in failing))
    assert [answer and glances(answer) for answer in answers[:2]] == [50, None]
    assert all(answer is None or glances(answer) in (2, 3) for answer in answers[2:])
    assert await helper.ask(question()) == first


async def test_a_caller_that_goes_away_leaves_no_answer_to_the_next(helper: Helper) -> None:
    """Its exchange breaks off, and another process answers from then on."""
    assert await helper.ask(question())
    before = process(helper).pid
    gone_away = asyncio.ensure_future(helper.ask(question(5_000)))
    for _ in range(5):
        await asyncio.sleep(0)
    gone_away.cancel()
    with suppress(asyncio.CancelledError):
        await gone_away
    assert glances(await helper.ask(question(3))) == 3
    assert process(helper).pid != before


async def test_one_that_hangs_is_replaced() -> None:
    """Nobody waits for it longer than it may take."""
    helper = Helper(MODULE, patience=20.0)
    first = await helper.ask(question())
    hanging = process(helper)
    os.kill(hanging.pid, signal.SIGSTOP)
    helper._patience = 0.2
    assert await helper.ask(question()) is None
    assert hanging.returncode == -9
    helper._patience = 20.0
    assert await helper.ask(question()) == first
    await helper.close()


async def test_one_that_was_replaced_between_two_steps_says_so(helper: Helper) -> None:
    """It knows nothing of what was sorted before it, and lives on for the others."""
    assert await helper.ask((0, [0])) is None
    number = process(helper).pid
    assert await helper.ask(question())
    assert len(await helper.ask((0, [0]))) == 1
    assert await helper.ask((1, [0])) is None
    assert process(helper).pid == number


async def test_one_that_cant_be_started_costs_the_answers(
    helper: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as that lasts, and no longer."""
    with monkeypatch.context() as without:
        without.setattr(sys, "executable", "/nowhere/python")
        assert await helper.ask(question()) is None
        assert helper.process is None
    assert await helper.ask(question())


async def test_a_closed_one_is_gone_and_stays_so(helper: Helper) -> None:
    """Also one that is closed while it starts."""
    assert await helper.ask(question())
    number = process(helper).pid
    await helper.close()
    assert await helper.ask(question()) is None
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    starting = Helper(MODULE)
    asked = asyncio.ensure_future(starting.ask(question()))
    await asyncio.sleep(0)
    await starting.close()
    assert await asked is None
    assert starting.process is None


async def test_it_starts_without_the_hooks_of_a_fork() -> None:
    """gRPC has such hooks, and beside calls under way they can leave a child without its line.

    Hooks can't be taken back, so this looks from a process of its own.
    """
    loop = type(asyncio.get_running_loop()).__module__
    program = f"""
import asyncio, os, pickle, sys
import {loop}
from xaigh_server.worker_pool.process import Helper
os.register_at_fork(before=lambda: print("forked"))
async def main():
    helper = Helper({MODULE!r})
    glances, _ = await helper.ask(pickle.loads(sys.stdin.buffer.read()))
    print(len(glances))
    await helper.close()
with asyncio.Runner(loop_factory={loop}.new_event_loop) as runner:
    runner.run(main())
""".replace("asyncio.unix_events", "asyncio")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        input=pickle.dumps(question()),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == [b"1"]
