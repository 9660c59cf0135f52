"""Scripted gRPC server, and a driver that runs tests with the blocking or the asyncio client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as rpc
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from xaigh_client import AsyncClient, Client, RetryPolicy
from xaigh_client.calls import Dependencies

if TYPE_CHECKING:
    _GenericHandler = grpc.GenericRpcHandler[bytes, bytes]
else:
    _GenericHandler = grpc.GenericRpcHandler  # generic in the stubs alone

KEY = "test_sk_" + "a" * 48
QUICK = RetryPolicy(first_delay=0.001, max_delay=0.002)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """An answer that is an error."""

    code: grpc.StatusCode
    reason: str = ""
    message: str = "no"
    retry_after: float | None = None
    details: tuple[Message, ...] = ()

    def proto(self) -> Status:
        """The error as a message."""
        status = Status(code=self.code.value[0], message=self.message)
        if self.reason:
            metadata = {"requestId": "req_1", "scope": "jobs:read"}
            status.details.add().Pack(
                rpc.ErrorInfo(reason=self.reason, domain="api.xaigh.com", metadata=metadata)
            )
        if self.retry_after is not None:
            delay = Duration()
            delay.FromMilliseconds(int(self.retry_after * 1000))
            status.details.add().Pack(rpc.RetryInfo(retry_delay=delay))
        for detail in self.details:
            status.details.add().Pack(detail)
        return status


Answer = Message | Fail | list[Any]
"""A message, an error, or for a stream a list of both."""


@dataclass
class Seen:
    """A call that the server received."""

    path: str
    metadata: dict[str, str]
    body: list[bytes]


@dataclass
class Server:
    """Answers each method with the next answer of its script, and repeats the last one."""

    script: dict[str, list[Answer]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    headers: tuple[tuple[str, str], ...] = (("x-request-id", "req_1"),)
    hold: threading.Event | None = None
    address: str = ""

    def answer(self, path: str) -> Answer:
        answers = self.script[path]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _Handler(_GenericHandler):
    def __init__(self, server: Server) -> None:
        self._server = server

    def service(self, details: Any) -> Any:
        return grpc.stream_stream_rpc_method_handler(
            lambda requests, context: self._run(details, requests, context)
        )

    def _run(self, details: Any, requests: Any, context: Any) -> Iterator[bytes]:
        server = self._server
        metadata = dict(details.invocation_metadata)
        seen = Seen(path=details.method, metadata=metadata, body=[])
        server.seen.append(seen)
        seen.body.extend(requests)
        if server.hold is not None:
            server.hold.wait(10)
        context.send_initial_metadata(server.headers)
        answer = server.answer(details.method)
        answers: list[Any] = answer if isinstance(answer, list) else [answer]
        for one in answers:
            if isinstance(one, Fail):
                context.abort_with_status(rpc_status.to_status(one.proto()))
            yield one.SerializeToString()


def serve(server: Server) -> Callable[[], None]:
    """Starts on a free port of loopback. Returns a function that stops it."""
    pool = ThreadPoolExecutor(max_workers=4)
    running = grpc.server(pool, handlers=[_Handler(server)])
    port = running.add_insecure_port("127.0.0.1:0")
    server.address = f"127.0.0.1:{port}"
    running.start()

    def stop() -> None:
        running.stop(None).wait()
        pool.shutdown()

    return stop


class Driver:
    """Runs a function of a client with either client, synchronously."""

    def __init__(self, kind: str, server: Server) -> None:
        self.kind = kind
        self._server = server

    def options(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"api_key": KEY, "address": self._server.address, "retry": QUICK, **given}

    def call(self, use: Callable[[Any], Any], **given: Any) -> Any:
        """The result of `use(client)`, awaited where it needs to be."""
        if self.kind == "sync":
            with Client(**self.options(given)) as client:
                return use(client)

        async def run() -> Any:
            async with AsyncClient(**self.options(given)) as client:
                return await use(client)

        return asyncio.run(run())

    def read(self, use: Callable[[Any], Any], **given: Any) -> list[Any]:
        """All items of `use(client)`."""
        if self.kind == "sync":
            with Client(**self.options(given)) as client:
                return list(use(client))

        async def run() -> list[Any]:
            async with AsyncClient(**self.options(given)) as client:
                return [item async for item in use(client)]

        return asyncio.run(run())

    def requests(self, *items: Any) -> Any:
        """Makes the iterable that a feed takes. It raises an exception that is among the items."""

        def one(item: Any) -> Any:
            if isinstance(item, Exception):
                raise item
            return item

        async def later() -> Any:
            for item in items:
                yield one(item)

        return (one(item) for item in items) if self.kind == "sync" else later()


def fixed_dependencies() -> Dependencies:
    """No jitter, and numbered idempotency keys."""
    numbers = iter(range(100))
    return Dependencies(random=lambda: 0.0, new_key=lambda: f"key-{next(numbers)}")
