"""A stream of messages as NDJSON, beside `MessageToJson` line by line.

Ours is the whole way of a stream through the application: a call over ASGI, whose backend yields
the messages, to the bytes of its reply. The others print the same messages in a loop and add the
line feed. Rounds alternate, in processor time, so that a machine whose speed drifts slows all.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from tests.bench.bars import Bar
from tests.bench.transcoding import JOB, PROTO

from httprule.asgi import Gateway
from httprule.exchange import Exchange
from httprule.failures import ErrorResponse, Failure
from httprule.headers import RequestHead
from httprule_harness.protos import compile_pool, new_type

MESSAGES, ROUNDS = 10_000, 7
SERVICE = """
import "google/api/annotations.proto";
service Jobs {
  rpc Watch(Get) returns (stream Job) { option (google.api.http) = { get: "/v1/jobs:watch" }; }
}
"""


class _Feed:
    """A backend that has many messages at once."""

    def __init__(self, job: Message) -> None:
        self.job = job

    async def unary(self, exchange: Exchange) -> Message:
        raise NotImplementedError

    async def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        for _ in range(MESSAGES):
            yield self.job

    def render_error(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        raise failure


class _Reply:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    async def send(self, event: Any) -> None:
        self.parts.append(event.get("body", b""))


async def _receive() -> Any:
    raise AssertionError("the request has no body")


def _stream(gateway: Gateway, runner: asyncio.Runner) -> list[bytes]:
    reply = _Reply()
    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": b"/v1/jobs:watch",
        "query_string": b"",
        "headers": [(b"accept", b"application/x-ndjson")],
    }
    runner.run(gateway(scope, _receive, reply.send))
    return reply.parts


def _lines(job: Message, **options: Any) -> list[bytes]:
    return [json_format.MessageToJson(job, **options).encode() + b"\n" for _ in range(MESSAGES)]


def _spent(run: Callable[[], object]) -> float:
    """Processor time, in seconds."""
    began = time.process_time()
    run()
    return time.process_time() - began


def bar() -> Bar:
    """Ten thousand messages, three ways, in turns."""
    pool = compile_pool({"bench.proto": PROTO + SERVICE})
    job = json_format.ParseDict(JOB, new_type(pool, "bench.Job")())
    gateway = Gateway([pool.FindServiceByName("bench.Jobs")], _Feed(job))
    with asyncio.Runner() as runner:
        assert b"".join(_stream(gateway, runner)).count(b"\n") == MESSAGES
        rounds = [
            (
                _spent(lambda: _stream(gateway, runner)),
                _spent(lambda: _lines(job, indent=None)),
                _spent(lambda: _lines(job)),
            )
            for _ in range(ROUNDS)
        ]
    ours, line, text = (statistics.median(each) * 1e3 for each in zip(*rounds, strict=True))
    ratios = [line / ours for ours, line, _ in rounds]
    return Bar(
        name="10,000 streamed NDJSON messages beside MessageToJson",
        value=statistics.median(ratios),
        wanted=3.5,
        unit="×",
        detail=f"{ours:.0f} ms against {line:.0f} ms without indentation, in {ROUNDS} rounds "
        f"{min(ratios):.1f} to {max(ratios):.1f} ×; as it prints by itself {text:.0f} ms, "
        f"{text / ours:.1f} ×",
    )
