"""Fixtures: a scripted server, and a driver for each client."""

from collections.abc import Iterator

import pytest
from tests.unit.client.scripted_server import Driver, Server, serve


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    stop = serve(server)
    yield server
    stop()


@pytest.fixture(params=["sync", "async"])
def driver(request: pytest.FixtureRequest, server: Server) -> Driver:
    return Driver(request.param, server)
