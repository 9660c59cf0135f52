"""One address or one key can't take all connections, calls and streams from the others."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPResponse

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.http2 import message, raw_client, reason
from tests.harness.open_calls import GrpcOpenCall, RestOpenCall
from tests.harness.server import Running, server
from tests.harness.waiting import until

from xaigh.jobs.v1 import jobs_service_pb2

CONNECTIONS, CALLS, STREAMS = 30, 20, 3
LIMITS = {
    "XAIGH_CONNECTIONS_PER_ADDRESS": str(CONNECTIONS),
    "XAIGH_CALLS_PER_ADDRESS": str(CALLS),
    "XAIGH_STREAMS_PER_KEY": str(STREAMS),
    "XAIGH_STREAM_IDLE_SECONDS": "1",
}
NEIGHBOUR = "127.0.0.2"
OK, RESOURCE_EXHAUSTED = "0", "8"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with small limits."""
    with server(tmp_path_factory.mktemp("data"), **ENVIRON, **LIMITS) as started:
        yield started


@pytest.fixture(scope="module")
def access(running: Running) -> Iterator[Access]:
    with closing(RestClient(running.rest)) as api:
        yield grant_access(api, running.founder, requestedScopes=["jobs:read", "ats:sync"])


def connected(address: str, *, source: str = "") -> socket.socket:
    """A connection from an address of this machine."""
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), 20.0, (source, 0) if source else None)


def asked(connection: socket.socket) -> HTTPResponse:
    """The head of the reply to a request for the health page, whether or not it was read."""
    connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
    response = HTTPResponse(connection)
    response.begin()
    return response


def test_idle_connections_of_one_address_leave_room_for_others(running: Running) -> None:
    """Past its share it gets 503 with Retry-After; a neighbour is served."""
    with ExitStack() as stack:
        replies = []
        for _ in range(CONNECTIONS + 10):
            connection = stack.enter_context(connected(running.rest, source="127.0.0.3"))
            replies.append(asked(connection))
        assert [reply.status for reply in replies].count(200) == CONNECTIONS
        refused = replies[-1]
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert b"this address, has as many connections as it may have" in refused.read()
        other = stack.enter_context(connected(running.rest, source=NEIGHBOUR))
        assert asked(other).status == 200


def test_an_address_has_so_many_connections_over_grpc(running: Running) -> None:
    """Those that came last are closed; the others and a neighbour are served."""
    greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04" + bytes(5)
    with ExitStack() as stack:
        mine = []
        for _ in range(CONNECTIONS + 10):
            connection = stack.enter_context(connected(running.grpc, source="127.0.0.4"))
            connection.sendall(greeting)
            connection.setblocking(False)
            mine.append(connection)
        until(lambda: [*map(is_closed, mine)].count(True) >= 10, "what is beyond is closed")
        assert [*map(is_closed, mine)] == [False] * CONNECTIONS + [True] * 10
        with raw_client(running.grpc) as neighbour:
            stream = neighbour.open("/xaigh.jobs.v1.JobsService/ListJobs")
            neighbour.wait(stream)
            assert reason(stream) == "CREDENTIALS_MISSING"


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed a connection; what it said before is read."""
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


def test_an_address_has_so_many_calls_open(running: Running, access: Access) -> None:
    """Calls over gRPC whose message is held back; one that is finished makes room."""
    bearer = [(b"authorization", f"Bearer {access.key}".encode())]
    path = "/xaigh.jobs.v1.JobsService/ListJobs"
    whole = message(jobs_service_pb2.ListJobsRequest(page_size=1).SerializeToString())
    with raw_client(running.grpc) as client:
        held = [client.open(path, bearer) for _ in range(CALLS)]
        for stream in held:
            client.send(stream, whole[:-1])
        refused = client.open(path, bearer)
        client.wait(refused)
        assert (refused.status, reason(refused)) == (RESOURCE_EXHAUSTED, "ADDRESS_CALLS_SPENT")
        assert refused.headers[b"retry-after"] == b"1"
        client.send(held[0], whole[-1:], end=True)
        client.wait(held[0])
        assert held[0].status == OK
        again = client.open(path, bearer)
        client.send(again, whole, end=True)
        client.wait(again)
        assert again.status == OK


@pytest.mark.parametrize("kind", [RestOpenCall, GrpcOpenCall])
def test_a_key_has_so_many_streams_open(
    running: Running, access: Access, kind: type[RestOpenCall] | type[GrpcOpenCall]
) -> None:
    """Over both transports together; a watch that is left makes room."""
    address = running.rest if kind is RestOpenCall else running.grpc
    watches = [kind(address, "WatchJobs", access.key) for _ in range(STREAMS)]
    try:
        until(lambda: all(watch.replies for watch in watches), "all watches begin")
        for other, where in ((RestOpenCall, running.rest), (GrpcOpenCall, running.grpc)):
            refused = other(where, "WatchJobs", access.key)
            assert refused.wait() == "KEY_STREAMS_SPENT"
            refused.close()
        watches.pop().close()

        def opened() -> bool:
            watch = kind(address, "WatchJobs", access.key)
            watches.append(watch)
            until(lambda: bool(watch.replies or watch.reason), "the watch answers")
            return not watch.reason

        until(opened, "there is room again")
    finally:
        for watch in watches:
            watch.close()
    with closing(RestClient(running.rest)) as api:
        ok(api.call("ListJobs", {}, key=access.key))


@pytest.mark.parametrize("kind", [RestOpenCall, GrpcOpenCall])
def test_a_feed_that_sends_nothing_ends(
    running: Running, access: Access, kind: type[RestOpenCall] | type[GrpcOpenCall]
) -> None:
    """With a clear error, so that nobody holds a stream for ever."""
    address = running.rest if kind is RestOpenCall else running.grpc
    feed = kind(address, "SyncFeed", access.key)
    assert feed.wait() == "REQUEST_TIMEOUT"
    feed.close()
