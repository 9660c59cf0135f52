"""A server that stops: what calls and connections meet, from SIGTERM to the end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import grpc
import grpc.aio
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from tests.acceptance.conftest import ENVIRON
from tests.harness.server import Running, server
from tests.harness.waiting import until

PATH = "/xaigh.keys.v1.KeyAdminService/ListKeys"


def test_a_stopping_server_says_so_and_serves_for_the_delay(tmp_path: Path):
    """Load balancers hear of it before the first call is refused."""
    with server(tmp_path, **ENVIRON | {"XAIGH_DRAIN_DELAY_SECONDS": "3"}) as running:
        began = time.monotonic()
        with httpx.Client(base_url=f"http://{running.rest}") as http:
            assert http.get("/readyz").status_code == 200
            running.process.send_signal(signal.SIGTERM)
            until(lambda: http.get("/readyz").status_code == 503, "it is not ready")
            reply = http.get("/v1/admin/keys", headers=_bearer(running))
            assert reply.status_code == 200 and "connection" not in reply.headers
            with grpc.insecure_channel(running.grpc) as channel:
                stub = health_pb2_grpc.HealthStub(channel)
                said = stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status
                assert said == health_pb2.HealthCheckResponse.NOT_SERVING
        assert running.process.wait(timeout=20) == 0
        assert time.monotonic() - began >= 3


def test_ctrl_c_waits_for_no_load_balancer(tmp_path: Path):
    """The person at the terminal is in a hurry."""
    with server(tmp_path, **ENVIRON | {"XAIGH_DRAIN_DELAY_SECONDS": "60"}) as running:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=20) == 0


def test_late_calls_over_grpc_are_unavailable_and_never_bare_cancelled(tmp_path: Path):
    """A hundred callers go on until the last socket is shut: each may repeat what it sent."""
    with server(tmp_path, **ENVIRON) as running:
        found = asyncio.run(_hammer(running))
        assert running.process.wait(timeout=20) == 0
    assert found["OK"] > 100
    assert {code for code in found if code != "OK"} <= {"UNAVAILABLE", "SHUTTING_DOWN"}
    assert found["UNAVAILABLE"]


async def _hammer(running: Running) -> Counter[str]:
    found: Counter[str] = Counter()
    async with grpc.aio.insecure_channel(running.grpc) as channel:
        call = channel.unary_unary(PATH, bytes, bytes)
        many = asyncio.Event()
        metadata = tuple(_bearer(running).items())

        async def one() -> None:
            while running.process.poll() is None:
                try:
                    await call(b"", metadata=metadata, timeout=10)
                    found["OK"] += 1
                    if found["OK"] == 500:
                        many.set()
                except grpc.aio.AioRpcError as error:
                    found[_named(error)] += 1
                    await asyncio.sleep(0.01)

        async def stop() -> None:
            await many.wait()
            running.process.send_signal(signal.SIGTERM)

        await asyncio.gather(stop(), *(one() for _ in range(100)))
    return found


def _bearer(running: Running) -> dict[str, str]:
    return {"authorization": f"Bearer {running.founder}"}


def _named(error: grpc.aio.AioRpcError) -> str:
    if rpc_status.from_call(error) is not None:  # type: ignore[arg-type]
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        return "SHUTTING_DOWN"
    return str(error.code().name)
