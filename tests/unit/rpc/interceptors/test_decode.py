"""Decoding: when a request is read, and how often."""

from typing import Any

import pytest
from google.protobuf import struct_pb2
from tests.harness.call import (
    End,
    Source,
    call,
)

from httprule.lazy_lists import Unread
from xaigh_server.errors import NotFound
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import BodyMalformed
from xaigh_server.rpc.interceptors.decode import Decode


async def test_a_request_is_read_once_and_as_late_as_here():
    """A unary method gets its message."""
    source, end = Source(struct_pb2.Value(string_value="x")), End()
    await Decode()(end, source, call("GetJob"))
    assert end.requests == [struct_pb2.Value(string_value="x")] and source.reads == 1


class Breaks(End):
    """Fails over a request of which a part is unread."""

    async def __call__(self, request: Any, call: Call) -> Any:
        await super().__call__(request, call)
        if request.string_value != "whole":
            raise NotFound("job")
        return "answered"


PART = struct_pb2.Value(string_value="part")
WHOLE = struct_pb2.Value(string_value="whole")


async def test_what_fails_before_all_was_read_is_read_whole():
    """The rest of the chain gets it once more, and answers to all of it."""
    source, end, made = Source(PART, WHOLE), Breaks(), call("SyncJobs")
    made.unread = {"jobs": Unread(b"[")}
    assert await Decode()(end, source, made) == "answered"
    assert end.requests == [PART, WHOLE] and source.reads == 2


async def test_what_fails_after_all_was_read_fails():
    """It is no fault of the part that was unread."""
    source, end = Source(PART, WHOLE), Breaks()
    with pytest.raises(NotFound):
        await Decode()(end, source, call("SyncJobs"))
    assert source.reads == 1


async def test_a_fault_of_the_unread_part_is_the_one_that_is_told():
    """Whatever else went wrong."""

    class Faulty(Source):
        async def whole(self) -> Any:
            raise BodyMalformed("no JSON")

    made = call("SyncJobs")
    made.unread = {"jobs": Unread(b"[")}
    with pytest.raises(BodyMalformed):
        await Decode()(Breaks(), Faulty(PART), made)


async def test_a_stream_of_requests_is_not_read_ahead():
    """Messages are decoded as the handler takes them."""
    source, end = Source(struct_pb2.Value(), struct_pb2.Value()), End()
    await Decode()(end, source, call("SyncFeed"))
    assert source.reads == 0
    assert [each async for each in end.requests[0]] == [struct_pb2.Value()] * 2
