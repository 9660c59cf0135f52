"""A minimal external authorization in grpc.aio: asks Redis for each key, and knows nothing else.

python -m tests.bench.peers.redis_authz REDIS_PORT

Redis holds an organization under the SHA-256 of each key. There is no limit, no scope, no log, no
browser rule and no revocation that waits: less than this can't tell a good key from a bad one.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections import deque
from typing import Any

import grpc
import grpc.aio
import uvloop

from xaigh.gating.v1 import envoy_check_service_pb2 as api


class Redis(asyncio.Protocol):
    """One connection to Redis, on which questions wait for their answers in order."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[bytes | None]] = deque()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def get(self, name: bytes) -> asyncio.Future[bytes | None]:
        """Asks for the value of a key."""
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._transport.write(b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(name), name))
        return answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n")) > 0:
            length = int(self._buffer[1:end])
            behind = end + 2 + (length + 2 if length >= 0 else 0)
            if len(self._buffer) < behind:
                return
            value = self._buffer[end + 2 : behind - 2] if length >= 0 else None
            self._buffer = self._buffer[behind:]
            answer = self._waiting.popleft()
            if not answer.done():  # its call may have been cancelled
                answer.set_result(value)


class Authorization(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # not generic when it runs
    """Answers `Check`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._handler = grpc.unary_unary_rpc_method_handler(
            self.check,
            request_deserializer=api.CheckRequest.FromString,
            response_serializer=api.CheckResponse.SerializeToString,
        )

    def service(self, details: Any) -> Any:
        return self._handler

    async def check(self, request: api.CheckRequest, context: Any) -> api.CheckResponse:
        """Lets a known key pass, with its organization."""
        key = request.attributes.request.http.headers["authorization"].removeprefix("Bearer ")
        found = await self._redis.get(hashlib.sha256(key.encode()).hexdigest().encode())
        answer = api.CheckResponse()
        if found is None:
            answer.status.code = 7
            answer.denied_response.status.code = 401
            return answer
        option = answer.ok_response.headers.add()
        option.header.key, option.header.value = "x-organization-id", found.decode()
        answer.ok_response.headers_to_remove.append("authorization")
        return answer


async def main(redis_port: int) -> None:
    loop = asyncio.get_running_loop()
    _, redis = await loop.create_connection(Redis, "127.0.0.1", redis_port)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((Authorization(redis),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
