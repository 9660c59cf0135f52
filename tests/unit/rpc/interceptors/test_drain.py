"""Draining: a server that stops takes nothing new and waits for what runs."""

import asyncio
from typing import Any

import pytest
from tests.harness.call import (
    UNREAD,
    End,
    call,
    replies,
)

from xaigh_server.errors import NotFound
from xaigh_server.rpc.errors import ShuttingDown
from xaigh_server.rpc.interceptors.drain import Drain


async def test_a_closing_server_waits_for_what_runs_and_takes_nothing_new():
    """The running call ends as it would have; a new one is told to go elsewhere."""
    drain, go = Drain(), asyncio.Event()

    async def slow(request, call):
        await go.wait()
        return "done"

    running = asyncio.create_task(drain(slow, UNREAD, call()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(drain.close(5))
    await asyncio.sleep(0)
    assert drain.closed and not closing.done()
    with pytest.raises(ShuttingDown):
        await drain(End(), UNREAD, call())
    go.set()
    assert await running == "done" and await closing is True


async def test_a_call_that_does_not_end_is_not_waited_for_without_limit():
    """Closing says that something was still running."""
    drain = Drain()

    async def endless(request, call):
        await asyncio.Event().wait()

    running = asyncio.create_task(drain(endless, UNREAD, call()))
    await asyncio.sleep(0)
    assert await drain.close(0.01) is False
    running.cancel()
    await asyncio.wait([running])
    assert await drain.close(0.01) is True


async def test_a_stream_runs_until_its_last_reply_and_a_failed_call_does_not_count():
    """Errors and streams leave as they should."""
    drain = Drain()
    stream: Any = await drain(End(lambda: replies(1, 2)), UNREAD, call("WatchJobs"))
    assert await drain.close(0.01) is False
    assert [each async for each in stream] == [1, 2]
    assert await drain.close(0.01) is True

    failing = Drain()

    async def broken(request, call):
        raise NotFound("job")

    with pytest.raises(NotFound):
        await failing(broken, UNREAD, call())
    assert await failing.close(0.01) is True
