"""gRPC calls are judged by their head: nobody holds the server's memory without a credential.

The calls here are written as HTTP/2 frames, since no gRPC client holds back the last byte of a
message or sends two where one is due.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.http2 import message, raw_client, reason
from tests.harness.server import Running, server
from tests.harness.waiting import until

from xaigh.access.v1 import access_request_service_pb2
from xaigh.jobs.v1 import jobs_service_pb2

JOBS = "/xaigh.jobs.v1.JobsService"
SUBMIT = "/xaigh.access.v1.AccessRequestService/SubmitAccessRequest"
SECONDS = 2
CALLS, SIZE = 20, 8 * 1024 * 1024
MOST_GROWTH = 60 * 1024 * 1024
OK, CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED = "0", "1", "3", "4"
RESOURCE_EXHAUSTED, UNIMPLEMENTED, UNAUTHENTICATED = "8", "12", "16"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that gives a message two seconds."""
    folder = tmp_path_factory.mktemp("data")
    with server(folder, **ENVIRON, XAIGH_MAX_DEADLINE=str(SECONDS)) as started:
        yield started


@pytest.fixture(scope="module")
def access(running: Running) -> Iterator[Access]:
    with closing(RestClient(running.rest)) as api:
        yield grant_access(api, running.founder)


@pytest.fixture(scope="module")
def bearer(access: Access) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {access.key}".encode())]


def memory(process: int) -> int:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def unfinished(size: int) -> bytes:
    """A message of some size but for its last byte."""
    return struct.pack(">BI", 0, size) + bytes(size - 1)


def test_unfinished_messages_of_strangers_hold_no_memory(running: Running):
    """Twenty of 8 MB, over four connections that stay open: refused at once, nearly for free."""
    before = memory(running.process.pid)
    body = unfinished(SIZE)
    with ExitStack() as stack:
        clients = [stack.enter_context(raw_client(running.grpc)) for _ in range(4)]
        calls = []
        for number in range(CALLS):
            client = clients[number % len(clients)]
            stream = client.open(f"{JOBS}/PostJob", [(b"authorization", b"Bearer nobody")])
            client.send(stream, body)
            calls.append((client, stream))
        for client, stream in calls:
            client.wait(stream)
        grown = memory(running.process.pid) - before
        assert {stream.status for _, stream in calls} == {UNAUTHENTICATED}
        assert grown < MOST_GROWTH, f"{grown / 2**20:.0f} MiB"


def test_a_stranger_is_refused_before_a_byte_of_the_message(running: Running):
    """And with the reason that a whole message would have got."""
    with raw_client(running.grpc) as client:
        for path in ("PostJob", "WatchJobs"):
            stream = client.open(f"{JOBS}/{path}")
            client.wait(stream)
            assert stream.status == UNAUTHENTICATED
            assert reason(stream) == "CREDENTIALS_MISSING"


@pytest.mark.parametrize("method", ["PostJob", "WatchJobs"])
def test_an_unfinished_message_ends_by_the_limit(
    running: Running, bearer: list[tuple[bytes, bytes]], method: str
):
    """Also with a good credential, and no sooner; other calls go on meanwhile."""
    with raw_client(running.grpc) as client:
        stream = client.open(f"{JOBS}/{method}", bearer)
        client.send(stream, unfinished(1000))
        other = client.open(f"{JOBS}/GetJob", bearer)
        client.send(other, message(b"\x0a\x05job_1"), end=True)
        client.wait(other)
        assert not stream.ended
        client.wait(stream)
        assert stream.status == DEADLINE_EXCEEDED
        assert reason(stream) == "REQUEST_TIMEOUT"


def test_a_message_that_ends_without_its_stream_ends_by_the_limit_too(
    running: Running, bearer: list[tuple[bytes, bytes]]
):
    """A second message may still come, so nothing has run."""
    with raw_client(running.grpc) as client:
        stream = client.open(f"{JOBS}/GetJob", bearer)
        client.send(stream, message(b"\x0a\x05job_1"))
        client.wait(stream)
        assert reason(stream) == "REQUEST_TIMEOUT"


@pytest.mark.parametrize("number", [0, 2])
def test_exactly_one_message_is_taken(
    running: Running, access: Access, bearer: list[tuple[bytes, bytes]], number: int
):
    """Not none, not two: the call is refused, and nothing has happened."""
    wanted = jobs_service_pb2.PostJobRequest(
        employer_user_id="employer_123", title=f"Sent {number} times", slots=1
    )
    wanted.starts_at.seconds = 2_000_000_000
    with raw_client(running.grpc) as client:
        stream = client.open(f"{JOBS}/PostJob", [*bearer, (b"idempotency-key", b"%d" % number)])
        client.send(stream, message(wanted.SerializeToString()) * number, end=True)
        client.wait(stream)
        assert (stream.status, reason(stream)) == (INVALID_ARGUMENT, "BODY_MALFORMED")
    with closing(GrpcClient(running.grpc)) as api:
        jobs = ok(api.call("ListJobs", {}, key=access.key)).get("jobs", [])
    assert wanted.title not in [job["jobContent"]["title"] for job in jobs]


@pytest.mark.parametrize("transport", ["rest", "grpc"])
def test_public_methods_take_small_messages_on_both_transports(running: Running, transport: str):
    """256 KiB, for the same reason."""
    made = RestClient(running.rest) if transport == "rest" else GrpcClient(running.grpc)
    with closing(made) as api:
        reply = api.call("SubmitAccessRequest", {"useCase": "x" * (300 * 1024)})
    assert (reply.code, reply.body["reason"]) == ("payload_too_large", "PAYLOAD_TOO_LARGE")


def test_a_call_that_is_taken_back_in_its_message_leaves_nothing(
    running: Running, bearer: list[tuple[bytes, bytes]]
):
    """Hundreds of them, by reset and by hanging up; the server answers as before."""
    before = memory(running.process.pid)
    for _ in range(4):
        with raw_client(running.grpc) as client:
            for number in range(60):
                stream = client.open(f"{JOBS}/PostJob", bearer)
                client.send(stream, unfinished(1_000_000))
                if number % 2:
                    client.cancel(stream)
    with raw_client(running.grpc) as client:
        stream = client.open(f"{JOBS}/GetJob", bearer)
        client.send(stream, message(b"\x0a\x05job_1"), end=True)
        client.wait(stream)
        assert reason(stream) == "NOT_FOUND"
    until(
        lambda: memory(running.process.pid) - before < MOST_GROWTH, "memory of calls that are gone"
    )


def test_the_callers_own_deadline_holds_in_the_middle_of_a_message(
    running: Running, bearer: list[tuple[bytes, bytes]]
):
    """gRPC's core ends the call, as it does any other."""
    with raw_client(running.grpc) as client:
        stream = client.open(f"{JOBS}/PostJob", [*bearer, (b"grpc-timeout", b"200m")])
        client.send(stream, unfinished(1000))
        client.wait(stream)
        assert stream.status in (DEADLINE_EXCEEDED, CANCELLED, "")


def test_methods_that_nobody_has_are_refused_without_their_message(running: Running):
    """Within our packages with a reason, elsewhere as gRPC does it."""
    with raw_client(running.grpc) as client:
        ours, other = client.open(f"{JOBS}/Fly"), client.open("/other.Service/Fly")
        client.wait(ours, other)
        assert (ours.status, reason(ours)) == (UNIMPLEMENTED, "UNIMPLEMENTED")
        assert other.status == UNIMPLEMENTED


def test_streams_of_one_connection_are_limited(running: Running):
    """The server says so at once, and no client opens more."""
    with raw_client(running.grpc) as client:

        def limited() -> bool:
            client.pump(0.1)
            return client.settings() == 1024

        until(limited, "the server's settings")


def test_health_and_the_methods_of_the_surface_are_unary_for_clients(
    running: Running, access: Access
):
    """Nothing changes on the wire: generated stubs and the health check work as before."""
    with grpc.insecure_channel(running.grpc) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        assert check.status == health_pb2.HealthCheckResponse.SERVING
    with closing(GrpcClient(running.grpc)) as api:
        ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="unary"))
    service = access_request_service_pb2.DESCRIPTOR.services_by_name["AccessRequestService"]
    assert not service.methods_by_name[SUBMIT.rpartition("/")[2]].client_streaming
