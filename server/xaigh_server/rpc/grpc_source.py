"""Request of one gRPC call, read when the interceptors ask for it.

gRPC's core delivers a message only after a read: until then, flow control stops the client once the
window of the stream is full. So methods with one request message are served as request streams,
which read when the interceptors do: a refused call never holds its body in memory. On the wire both
are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import DecodeError, Message
from grpc.aio import EOF  # type: ignore[attr-defined]  # the stubs leave it out

from xaigh_server.rpc.call_batcher import CallBatcher
from xaigh_server.rpc.errors import BodyMalformed, Refused
from xaigh_server.rpc.method import Method

_CANCELLATION_SECONDS = 0.2


class GrpcSource:
    """Reads messages as they are asked for."""

    __slots__ = (
        "_arriving",
        "_batcher",
        "_context",
        "_idle_seconds",
        "_limit",
        "_method",
        "_read",
        "_seconds",
    )

    def __init__(
        self,
        method: Method,
        context: Any,
        *,
        limit: int,
        seconds: float,
        idle_seconds: float = 300.0,
        batcher: CallBatcher | None = None,
    ) -> None:
        """`limit` is of one message in bytes. A request of one message has `seconds` to arrive,
        the next message of a stream `idle_seconds`.

        Calls of one `batcher` continue together once they have read their message.
        """
        self._batcher = batcher
        self._method = method
        self._context = context
        self._limit = limit
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._read: Message | None = None
        self._arriving = False

    @property
    def arriving(self) -> bool:
        """Whether the server waits for the message."""
        return self._arriving

    async def message(self) -> Message:
        """The one message. Raises `DomainError` for none, for two, or for one that takes long."""
        if self._read is None:
            try:
                async with asyncio.timeout(self._seconds):
                    received = await self._one()
            except TimeoutError:
                raise _too_slow(self._seconds) from None
            released = self._batcher.rejoin() if self._batcher is not None else None
            if released is not None:
                await released
            self._read = self._decode(received)
        return self._read

    async def messages(self) -> AsyncIterator[Message]:
        """The messages of a stream as they come. Raises `DomainError` where none does."""
        while (received := await self._next()) is not EOF:
            yield self._decode(received)

    async def _next(self) -> Any:
        try:
            async with asyncio.timeout(self._idle_seconds):
                return await self._context.read()
        except TimeoutError:
            text = f"The stream sent nothing for {self._idle_seconds:g} seconds."
            raise Refused("REQUEST_TIMEOUT", text) from None

    async def _one(self) -> bytes:
        self._arriving = True
        received = await self._context.read()
        if received is EOF:
            # The end of a call that its client gave up looks the same; its cancellation follows.
            await asyncio.sleep(_CANCELLATION_SECONDS)
            raise BodyMalformed("The call carries no message; the method takes one.")
        # Nothing may run before it is known that this was all.
        if await self._context.read() is not EOF:
            raise BodyMalformed("The call carries several messages; the method takes one.")
        self._arriving = False
        return bytes(received)

    def _decode(self, received: bytes) -> Message:
        if len(received) > self._limit:
            raise Refused("PAYLOAD_TOO_LARGE", f"The message is larger than {self._limit} bytes.")
        try:
            message: Message = self._method.request_type.FromString(received)
        except DecodeError as error:
            raise BodyMalformed("The request isn't a message of the method's type.") from error
        return message


def _too_slow(seconds: float) -> Refused:
    return Refused("REQUEST_TIMEOUT", f"The request wasn't complete within {seconds:g} seconds.")
