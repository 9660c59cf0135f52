"""Interceptor that counts running calls, and refuses new ones while the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

from google.protobuf.message import Message

from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import ShuttingDown
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class Drain:
    """Accepts calls until `close`, which waits for the running ones."""

    def __init__(self) -> None:
        self._running = 0
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def closed(self) -> bool:
        """Whether new calls are refused."""
        return self._closed

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        if self._closed:
            raise ShuttingDown
        self._enter()
        try:
            reply = await call_next(request, call)
        except BaseException:
            self._leave()
            raise
        if call.method.server_streaming:
            return self._each(cast(AsyncIterator[Message], reply))
        self._leave()
        return reply

    async def close(self, grace: float) -> bool:
        """Refuses new calls. Returns True if the running ones ended within `grace` seconds."""
        self._closed = True
        try:
            await asyncio.wait_for(self._idle.wait(), grace)
        except TimeoutError:
            return False
        return True

    async def _each(self, replies: AsyncIterator[Message]) -> AsyncIterator[Message]:
        try:
            async for reply in replies:
                yield reply
        finally:
            self._leave()

    def _enter(self) -> None:
        self._running += 1
        self._idle.clear()

    def _leave(self) -> None:
        self._running -= 1
        if not self._running:
            self._idle.set()
