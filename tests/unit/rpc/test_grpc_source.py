"""A gRPC request is read when it is asked for, and only as one whole message."""

import asyncio

import pytest
from grpc.aio import EOF  # type: ignore[attr-defined]  # the stubs leave it out
from tests.harness.call import BY_NAME

from xaigh.jobs.v1 import jobs_service_pb2
from xaigh_server.errors import DomainError
from xaigh_server.rpc.errors import BodyMalformed, Refused
from xaigh_server.rpc.grpc_source import GrpcSource

WIRE = jobs_service_pb2.GetJobRequest(job_id="job_1").SerializeToString()


class Context:
    """Gives what was sent, then the end, or nothing ever more."""

    def __init__(self, *sent: bytes, ends: bool = True) -> None:
        self._sent = list(sent)
        self._ends = ends
        self.reads = 0

    async def read(self) -> object:
        self.reads += 1
        if self._sent:
            return self._sent.pop(0)
        if not self._ends:
            await asyncio.Event().wait()
        return EOF


def source(context: Context, *, limit: int = 1000, seconds: float = 5.0) -> GrpcSource:
    """The request of a GetJob."""
    return GrpcSource(BY_NAME["GetJob"], context, limit=limit, seconds=seconds)


async def test_a_message_is_read_once_and_on_demand():
    """Nobody has read before; asked again, it is the same."""
    context = Context(WIRE)
    asked = source(context)
    assert context.reads == 0
    message = await asked.message()
    assert message == jobs_service_pb2.GetJobRequest(job_id="job_1")
    assert await asked.message() is message
    assert context.reads == 2


@pytest.mark.parametrize("sent", [(), (WIRE, WIRE), (b"\xff",)])
async def test_what_is_not_one_message_is_malformed(sent: tuple[bytes, ...]):
    """None, two, or none of the type."""
    with pytest.raises(BodyMalformed):
        await source(Context(*sent)).message()


@pytest.mark.parametrize("sent", [(), (WIRE,)])
async def test_a_message_that_never_ends_is_refused_in_time(sent: tuple[bytes, ...]):
    """Also where a second one could still come."""
    with pytest.raises(Refused) as caught:
        await source(Context(*sent, ends=False), seconds=0.01).message()
    assert caught.value.reason == "REQUEST_TIMEOUT"


async def test_a_message_has_a_largest_size():
    """Each of a stream as well."""
    for read in (source(Context(WIRE), limit=3).message, _first(source(Context(WIRE), limit=3))):
        with pytest.raises(DomainError) as caught:
            await read()
        assert caught.value.reason == "PAYLOAD_TOO_LARGE"


def _first(asked: GrpcSource):
    async def read() -> object:
        return await anext(aiter(asked.messages()))

    return read


async def test_messages_of_a_stream_come_one_by_one():
    """As they are taken."""
    context = Context(WIRE, WIRE)
    messages = aiter(source(context).messages())
    await anext(messages)
    assert context.reads == 1
    assert len([each async for each in messages]) == 1


async def test_a_stream_that_sends_nothing_ends_in_time():
    """With what came before it; the error says for how long nothing came."""
    idle = GrpcSource(
        BY_NAME["GetJob"], Context(WIRE, ends=False), limit=1000, seconds=5.0, idle_seconds=0.01
    )
    read = []
    with pytest.raises(Refused) as caught:
        async for each in idle.messages():
            read.append(each)
    assert (len(read), caught.value.reason) == (1, "REQUEST_TIMEOUT")
    assert caught.value.message == "The stream sent nothing for 0.01 seconds."
