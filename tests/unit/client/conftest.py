"""A scripted server, and each test once with each kind of client."""

from collections.abc import Iterator

import pytest
from tests.unit.client.script import Driver, Server, serve


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    stop = serve(server)
    yield server
    stop()


@pytest.fixture(params=["sync", "async"])
def driver(request: pytest.FixtureRequest, server: Server) -> Driver:
    return Driver(request.param, server)
