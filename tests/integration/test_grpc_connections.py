"""gRPC connections that do nothing, ask too much, or are too many from one address, are closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs
from tests.harness.waiting import until

from xaigh_server.rpc import grpc_server as module
from xaigh_server.rpc.grpc_bridge import GrpcBridge
from xaigh_server.rpc.grpc_server import GrpcServer
from xaigh_server.settings import Settings

NO_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + NO_SETTINGS
PING = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + bytes(8)
PONG = b"\x00\x00\x08\x06\x01\x00\x00\x00\x00" + bytes(8)
SETTINGS, GOAWAY = 4, 7
ENHANCE_YOUR_CALM = 11
SECONDS = 20.0
SHARE = 6


def frames(received: bytes) -> list[tuple[int, bytes]]:
    """The types and payloads of HTTP/2 frames, in order."""
    found = []
    while received:
        end = 9 + int.from_bytes(received[:3], "big")
        found.append((received[3], received[9:end]))
        received = received[end:]
    return found


@asynccontextmanager
async def serving(folder: Path, **changed: Any) -> AsyncIterator[GrpcServer]:
    """A server without methods."""
    settings = Settings(data_dir=folder, grpc_address="127.0.0.1:0", reflection=False, **changed)
    server = GrpcServer(settings, bridge=GrpcBridge(**_nothing()))
    await server.start()
    try:
        yield server
    finally:
        await server.stop(0)


async def said_until_the_end(server: GrpcServer, said: bytes) -> list[tuple[int, bytes]]:
    """What the server says to a new connection until it closes it."""
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(said)
    try:
        async with asyncio.timeout(SECONDS):
            return frames(await reader.read())
    finally:
        writer.close()


async def test_a_connection_without_a_call_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told so, then the server hangs up: idle connections of a stranger don't pile up."""
    monkeypatch.setattr(module, "_IDLE_MS", 300)
    async with serving(tmp_path) as server:
        assert GOAWAY in dict(await said_until_the_end(server, GREETING))


async def test_a_connection_that_never_greets_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger holds it no longer than a handshake may take."""
    monkeypatch.setattr(module, "_HANDSHAKE_MS", 300)
    async with serving(tmp_path) as server:
        said = dict(await said_until_the_end(server, b""))
        assert said[GOAWAY][8:].endswith(b"before handshake timeout")


async def test_pings_without_a_call_end_the_connection(tmp_path: Path) -> None:
    """They cost the server work; it says what for."""
    async with serving(tmp_path) as server:
        said = dict(await said_until_the_end(server, GREETING + PING * 20))
        code = int.from_bytes(said[GOAWAY][4:8], "big")
        assert (code, said[GOAWAY][8:]) == (ENHANCE_YOUR_CALM, b"too_many_pings")


class Connections:
    """Connections of this address that have greeted, in the order in which they came."""

    def __init__(self, server: GrpcServer) -> None:
        self._server = server
        self.all: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def add(self, number: int) -> None:
        """Opens so many, each of which the server has answered."""
        for _ in range(number):
            reader, writer = await asyncio.open_connection(*self._server.address)
            self.all.append((reader, writer))
            writer.write(GREETING)
            async with asyncio.timeout(SECONDS):
                assert (await reader.readexactly(9))[3] == SETTINGS

    async def end(self, places: slice) -> bool:
        """Waits until the server has closed these, and answers whether it has."""
        async with asyncio.timeout(SECONDS):
            for reader, _ in self.all[places]:
                await reader.read()
        return True

    async def answer(self, places: slice) -> bool:
        """Whether the server still answers on these."""
        async with asyncio.timeout(SECONDS):
            for reader, writer in self.all[places]:
                writer.write(PING)
                await reader.readuntil(PONG)
        return True

    def leave(self) -> None:
        for _, writer in self.all:
            writer.close()


async def test_an_address_keeps_its_share_and_loses_what_came_last(tmp_path: Path) -> None:
    """Those that it had stay, however often it is looked at, and are told of once."""
    async with serving(tmp_path, connections_per_address=SHARE) as server:
        mine = Connections(server)

        def none_beyond() -> bool:
            return server.shares.close_excess() == 0

        try:
            await mine.add(SHARE)
            assert none_beyond()
            await mine.add(3)
            with capture_logs() as logs:
                assert server.shares.close_excess() == 3
                assert await mine.end(slice(SHARE, None))
                await asyncio.to_thread(until, none_beyond, "the server let go of them")
            assert await mine.answer(slice(SHARE))
            assert [(each["event"], each["peer"], each["number"]) for each in logs] == [
                ("grpc.share_exceeded", "127.0.0.1", 3)
            ]
        finally:
            mine.leave()


async def test_a_trusted_proxy_has_no_share(tmp_path: Path) -> None:
    """Its connections are of many clients."""
    proxied = {"connections_per_address": 1, "trusted_proxies": ("127.0.0.0/8",)}
    async with serving(tmp_path, **proxied) as server:
        mine = Connections(server)
        try:
            await mine.add(3)
            assert server.shares.close_excess() == 0
        finally:
            mine.leave()


def _nothing() -> dict[str, Any]:
    """The parts of a bridge without methods."""
    return {
        "methods": {},
        "chain": cast(Any, None),
        "failures": cast(Any, None),
        "clock": cast(Any, None),
        "new_request_id": cast(Any, None),
    }
