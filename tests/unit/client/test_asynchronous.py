"""The asyncio client, where it differs from the blocking one."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.client.scripted_server import KEY, QUICK, Server

from xaigh.jobs.v1.job_change_pb2 import JobChange
from xaigh.jobs.v1.job_pb2 import Job
from xaigh_client import AsyncClient
from xaigh_client.errors import CancelledError

JOBS = "/xaigh.jobs.v1.JobsService/"


def _client(server: Server) -> AsyncClient:
    return AsyncClient(api_key=KEY, address=server.address, retry=QUICK)


def test_a_client_may_be_built_before_a_loop_runs(server: Server) -> None:
    """The channel is created in the loop of the first call."""
    server.script[JOBS + "GetJob"] = [Job(job_id="job_1")]
    client = _client(server)

    async def use() -> str:
        async with client:
            return (await client.jobs.get_job(job_id="job_1")).job_id

    assert asyncio.run(use()) == "job_1"


async def test_closing_an_unused_client_does_nothing(server: Server) -> None:
    """It has no channel yet."""
    await _client(server).close()
    assert server.seen == []


async def test_a_stream_is_called_with_its_first_message(server: Server) -> None:
    """Nothing is sent before somebody reads."""
    server.script[JOBS + "WatchJobs"] = [[JobChange(cursor="1")]]
    async with _client(server) as client:
        stream = client.jobs.watch_jobs()
        assert server.seen == []
        assert (await anext(stream)).cursor == "1"
    assert len(server.seen) == 1


async def test_a_closed_stream_ends_its_call(server: Server) -> None:
    """A message that wasn't read is lost."""
    server.script[JOBS + "WatchJobs"] = [[JobChange(cursor="1"), JobChange(cursor="2")]]
    async with _client(server) as client:
        async with client.jobs.watch_jobs() as stream:
            await anext(stream)
        with pytest.raises((CancelledError, asyncio.CancelledError)):
            while True:
                await anext(stream)


async def test_calls_run_side_by_side(server: Server) -> None:
    """On one loop and one channel."""
    server.script[JOBS + "GetJob"] = [Job(job_id="job_1")]
    async with _client(server) as client:
        found = await asyncio.gather(*(client.jobs.get_job(job_id="job_1") for _ in range(20)))
    assert {job.job_id for job in found} == {"job_1"}
