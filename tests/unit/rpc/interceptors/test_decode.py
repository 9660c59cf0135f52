"""Decoding: when a request is read, and how often."""

from google.protobuf import struct_pb2
from tests.harness.call import (
    End,
    Source,
    call,
)

from xaigh.ats.v1 import ats_sync_service_pb2
from xaigh.jobs.v1 import jobs_service_pb2
from xaigh_server.rpc.interceptors.decode import Decode


async def test_a_request_is_read_once_and_as_late_as_here():
    """A unary method gets its message."""
    wanted = jobs_service_pb2.GetJobRequest(job_id="job_1")
    source, end, made = Source(wanted), End(), call("GetJob")
    await Decode()(end, source, made)
    assert end.requests == [wanted] and source.reads == 1
    assert made.resource == "/job_1"


async def test_a_resource_is_what_the_path_names():
    """Also within a message; a method without ids in its path has none."""
    wanted = ats_sync_service_pb2.UpdateIntegrationRequest()
    wanted.integration.integration_id = "int_1"
    made = call("UpdateIntegration")
    await Decode()(End(), Source(wanted), made)
    assert made.resource == "/int_1"
    made = call("ListJobs")
    await Decode()(End(), Source(jobs_service_pb2.ListJobsRequest()), made)
    assert made.resource == ""


async def test_a_stream_of_requests_is_not_read_ahead():
    """Messages are decoded as the handler takes them."""
    source, end = Source(struct_pb2.Value(), struct_pb2.Value()), End()
    await Decode()(end, source, call("SyncFeed"))
    assert source.reads == 0
    assert [each async for each in end.requests[0]] == [struct_pb2.Value()] * 2
