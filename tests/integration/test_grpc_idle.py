"""A gRPC connection that nobody uses is closed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from xaigh_server.rpc import grpc_server as module
from xaigh_server.rpc.grpc_bridge import GrpcBridge
from xaigh_server.rpc.grpc_server import GrpcServer
from xaigh_server.settings import Settings

NO_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + NO_SETTINGS
GOAWAY = 7


def kinds(frames: bytes) -> list[int]:
    """The types of HTTP/2 frames, in order."""
    found = []
    while frames:
        found.append(frames[3])
        frames = frames[9 + int.from_bytes(frames[:3], "big") :]
    return found


async def test_a_connection_without_a_call_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told so, then the server hangs up: idle connections of a stranger don't pile up."""
    monkeypatch.setattr(module, "_IDLE_MS", 300)
    settings = Settings(data_dir=tmp_path, grpc_address="127.0.0.1:0", reflection=False)
    server = GrpcServer(settings, bridge=GrpcBridge(**_nothing()))
    await server.start()
    try:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(GREETING)
        async with asyncio.timeout(15):
            received = await reader.read()
        assert GOAWAY in kinds(received)
        writer.close()
    finally:
        await server.stop(0)


def _nothing() -> dict[str, Any]:
    """The parts of a bridge without methods."""
    return {
        "methods": {},
        "chain": cast(Any, None),
        "failures": cast(Any, None),
        "clock": cast(Any, None),
        "new_request_id": cast(Any, None),
    }
