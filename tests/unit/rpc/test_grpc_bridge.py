"""Where a gRPC call comes from, in the words of the library, and the end of one that has gone."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.harness.business_services import METHODS, NOW

from xaigh_server.rpc.grpc_bridge import GrpcBridge, peer_address
from xaigh_server.rpc.interceptors.drain import Drain


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("ipv4:192.0.2.7:50000", "192.0.2.7"),
        ("ipv6:[::1]:50000", "::1"),
        ("ipv6:%5B2001:db8::7%5D:50000", "2001:db8::7"),
        ("unix:/run/x.sock", "unix:/run/x.sock"),
        ("unknown", "unknown"),
    ],
)
def test_a_peer_is_its_address_without_the_port(said: str, address: str):
    """One client has one address on either transport; what has none is kept as it is."""
    assert peer_address(said) == address


class GoneCaller:
    """The context of a call that its caller cancels before the head of the reply is sent."""

    def invocation_metadata(self) -> tuple[()]:
        return ()

    def peer(self) -> str:
        return "ipv4:192.0.2.7:50000"

    def time_remaining(self) -> None:
        return None

    async def send_initial_metadata(self, _: object) -> None:
        raise asyncio.CancelledError


@pytest.mark.parametrize("waits", [True, False])
async def test_a_stream_whose_caller_went_before_its_head_has_ended(waits: bool) -> None:
    """Whether or not it has a reply at once; else a server that stops would wait for it."""
    drain = Drain()

    async def handler(request: object, call: object) -> AsyncIterator[bytes]:
        async def replies() -> AsyncIterator[bytes]:
            if waits:
                await asyncio.Event().wait()
            yield b""

        return replies()

    async def chain(request: Any, call: Any) -> Any:
        return await drain(handler, request, call)

    bridge = GrpcBridge(
        methods={},
        chain=chain,
        failures=None,  # type: ignore[arg-type]  # nothing fails
        clock=lambda: NOW,
        new_request_id=str,
    )
    with pytest.raises(asyncio.CancelledError):
        async for _ in bridge._stream(METHODS["WatchJobs"], None, GoneCaller()):
            pass
    assert await drain.close(grace=1.0)
