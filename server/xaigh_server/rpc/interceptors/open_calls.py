"""Interceptors that limit how many calls are open at a time: of an address, and streams of a key.

The connections of an address are limited by the HTTP server over REST. Over gRPC the core keeps
them from us, so what an address can hold there is bounded by its calls. Both count for one process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final, cast

from google.protobuf.message import Message

from httprule.connections import subscriber
from xaigh_server.identity.errors import AddressCallsSpent, KeyStreamsSpent, StreamsSpent
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource

RETRY_SECONDS: Final = 1.0


class CallsByAddress:
    """Limits the calls that one peer address has open, before its credential is looked at."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[str, int] = {}

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        peer = subscriber(call.peer)
        number = self._open.get(peer, 0)
        if number >= self._most:
            raise AddressCallsSpent(retry_after=RETRY_SECONDS)
        self._open[peer] = number + 1
        return await _held(call_next, request, call, lambda: _decrement(self._open, peer))


class StreamsByKey:
    """Limits the streams of one key, and those of the process. Behind `Authorize`."""

    def __init__(self, *, of_key: int, of_process: int) -> None:
        self._of_key = of_key
        self._of_process = of_process
        self._all = 0
        self._open: dict[str, int] = {}

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        if not call.method.streaming:
            return await call_next(request, call)
        principal = call.principal
        # Services and operators are ours: only the limit of the process is theirs.
        key = principal.key_id if isinstance(principal, KeyPrincipal) else ""
        if key and self._open.get(key, 0) >= self._of_key:
            raise KeyStreamsSpent(retry_after=RETRY_SECONDS)
        if self._all >= self._of_process:
            raise StreamsSpent(retry_after=RETRY_SECONDS)
        self._all += 1
        self._open[key] = self._open.get(key, 0) + 1
        return await _held(call_next, request, call, lambda: self._leave(key))

    def _leave(self, key: str) -> None:
        self._all -= 1
        _decrement(self._open, key)


async def _held(
    call_next: Next, request: RequestSource, call: Call, leave: Callable[[], None]
) -> Reply:
    """Runs a counted call; `leave` runs once, when its last reply has gone."""
    try:
        reply = await call_next(request, call)
    except BaseException:
        leave()
        raise
    if call.method.server_streaming:
        return _each(cast(AsyncIterator[Message], reply), leave)
    leave()
    return reply


async def _each(
    replies: AsyncIterator[Message], leave: Callable[[], None]
) -> AsyncIterator[Message]:
    try:
        async for reply in replies:
            yield reply
    finally:
        leave()


def _decrement(open_calls: dict[str, int], of: str) -> None:
    left = open_calls[of] - 1
    if left:
        open_calls[of] = left
    else:
        del open_calls[of]
