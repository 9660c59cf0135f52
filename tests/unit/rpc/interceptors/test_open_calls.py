"""Calls of an address and streams of a key that are open at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.harness.call import UNREAD, End, call, principal

from xaigh_server.identity.errors import AddressCallsSpent, KeyStreamsSpent, StreamsSpent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptors.open_calls import CallsByAddress, StreamsByKey


class Held:
    """An end of the chain that answers once it is told to."""

    def __init__(self) -> None:
        self.told = asyncio.Event()

    async def __call__(self, request: Any, made: Call) -> Any:
        await self.told.wait()
        return None


async def endless(request: Any, made: Call) -> Any:
    async def replies() -> AsyncIterator[bytes]:
        while True:
            yield b""

    return replies()


def watch(key: Any = None, peer: str = "192.0.2.7") -> Call:
    made = call("WatchJobs")
    made.peer = peer
    made.principal = key or principal("jobs:read")
    return made


async def test_an_address_has_so_many_calls_open_at_a_time():
    """Another one goes on; a call that ended makes room, also when it failed."""
    link, held = CallsByAddress(2), Held()
    running = [asyncio.ensure_future(link(held, UNREAD, call("GetJob"))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(AddressCallsSpent) as refused:
        await link(held, UNREAD, call("GetJob"))
    assert refused.value.retry_after == 1
    elsewhere = call("GetJob")
    elsewhere.peer = "192.0.2.8"
    await link(End(), UNREAD, elsewhere)
    running[0].cancel()
    await asyncio.wait({running[0]})
    await link(End(), UNREAD, call("GetJob"))
    held.told.set()
    await running[1]
    assert not link._open


async def test_a_key_has_so_many_streams_open_at_a_time():
    """Until their last reply, however they end; its unary calls and other keys go on."""
    link = StreamsByKey(of_key=1, of_process=9)
    mine = principal("jobs:read")
    replies = await link(endless, UNREAD, watch(mine))
    await anext(replies)  # type: ignore[arg-type]  # a stream
    with pytest.raises(KeyStreamsSpent):
        await link(endless, UNREAD, watch(mine))
    unary = call("GetJob")
    unary.principal = mine
    await link(End(), UNREAD, unary)
    await link(endless, UNREAD, watch(principal("jobs:read")))
    await replies.aclose()  # type: ignore[union-attr]  # a generator
    assert await link(endless, UNREAD, watch(mine))


async def test_a_process_has_so_many_streams_of_all_callers():
    """The limit of each key stays beside it."""
    link = StreamsByKey(of_key=9, of_process=1)
    replies = await link(endless, UNREAD, watch())
    with pytest.raises(StreamsSpent) as refused:
        await link(endless, UNREAD, watch(principal("jobs:read")))
    assert refused.value.retry_after == 1
    await anext(replies)  # type: ignore[arg-type]  # a stream
    await replies.aclose()  # type: ignore[union-attr]  # a generator
    assert await link(endless, UNREAD, watch())
