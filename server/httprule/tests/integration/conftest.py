"""A real server on a free port of the loopback, on both event loops that it may run on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
import uvloop

from httprule.limits import ConnectionLimits
from httprule.options import GatewayOptions
from httprule_harness.notes import Site
from httprule_harness.raw import Connection, RawReply, request
from httprule_harness.servers import Connect, Sites


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Each test runs on the standard loop and on uvloop."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture
async def sites() -> AsyncIterator[Sites]:
    """Starts servers with the options and limits a test wants."""
    running: list[Site] = []

    async def start(
        options: GatewayOptions | None = None, limits: ConnectionLimits | None = None
    ) -> Site:
        site = Site(options, limits)
        await site.server.start()
        running.append(site)
        return site

    yield start
    for site in running:
        await site.server.stop(0)


@pytest_asyncio.fixture
async def site(sites: Sites) -> Site:
    """A server with the default options."""
    return await sites()


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens raw connections."""
    opened: list[Connection] = []

    async def open_one(site: Site) -> Connection:
        connection = await Connection.open(site.address)
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        connection.writer.transport.abort()


@pytest.fixture
def ask(connect: Connect) -> Callable[..., Awaitable[RawReply]]:
    """Sends one request on a connection of its own, gives the reply."""

    async def ask_one(
        site: Site, method: str, path: str, *headers: str, body: bytes | None = None
    ) -> RawReply:
        connection = await connect(site)
        await connection.send(request(method, path, *headers, body=body))
        return await connection.reply(method)

    return ask_one
