"""The longest time of a unary gRPC call."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.harness.call import UNREAD, End, Source, call

from xaigh_server.rpc.errors import Refused
from xaigh_server.rpc.interceptors.deadline import Deadline


async def forever(request, call):
    """What a database that went silent does."""
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("arriving", "reason"), [(False, "DEADLINE_EXCEEDED"), (True, "REQUEST_TIMEOUT")]
)
async def test_a_call_ends_whatever_it_waits_for(arriving: bool, reason: str):
    """The reason tells whether the caller was late or the server."""
    source = Source()
    source.arriving = arriving
    with pytest.raises(Refused) as refused:
        await Deadline(0.001)(forever, source, replace(call(), transport="grpc"))
    assert refused.value.reason == reason


@pytest.mark.parametrize(("method", "transport"), [("GetJob", "rest"), ("WatchJobs", "grpc")])
async def test_other_calls_have_their_own_bounds(method: str, transport: Any):
    """REST bounds its calls itself; a stream lasts as long as it is wanted."""
    running = asyncio.create_task(
        Deadline(0)(forever, UNREAD, replace(call(method), transport=transport))
    )
    for _ in range(3):
        await asyncio.sleep(0)
    assert not running.done()
    running.cancel()


async def test_a_time_out_of_the_handler_stays_its_own():
    """It isn't the call's."""

    async def fails(request, call):
        raise TimeoutError("of the handler")

    with pytest.raises(TimeoutError, match="of the handler"):
        await Deadline(60)(fails, UNREAD, replace(call(), transport="grpc"))
    assert await Deadline(60)(End(), UNREAD, replace(call(), transport="grpc")) == "answered"
