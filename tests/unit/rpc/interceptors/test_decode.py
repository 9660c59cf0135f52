"""Decoding: when a request is read, and how often."""

from google.protobuf import struct_pb2
from tests.harness.call import (
    End,
    Source,
    call,
)

from xaigh_server.rpc.interceptors.decode import Decode


async def test_a_request_is_read_once_and_as_late_as_here():
    """A unary method gets its message."""
    source, end = Source(struct_pb2.Value(string_value="x")), End()
    await Decode()(end, source, call("GetJob"))
    assert end.requests == [struct_pb2.Value(string_value="x")] and source.reads == 1


async def test_a_stream_of_requests_is_not_read_ahead():
    """Messages are decoded as the handler takes them."""
    source, end = Source(struct_pb2.Value(), struct_pb2.Value()), End()
    await Decode()(end, source, call("SyncFeed"))
    assert source.reads == 0
    assert [each async for each in end.requests[0]] == [struct_pb2.Value()] * 2
