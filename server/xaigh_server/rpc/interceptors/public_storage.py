"""Interceptor that limits what public methods store for one peer address in a day.

Strangers call public methods, so what these write needs a bound that doesn't depend on anybody's
attention. A write costs its message and the rows around it before it runs. A read that leaves an
audit event costs those rows once it has succeeded.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from xaigh_server.identity.errors import PeerStorageSpent
from xaigh_server.identity.rate_limit.model import Limiter, Tier, peer_bucket
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply

ROWS_BYTES = 4096
"""What a call costs beyond its message: index entries, audit event, idempotency record."""


class PublicStorage:
    """Counts bytes by peer address. Stands behind `Validate`: a refused message stores nothing."""

    def __init__(self, limiter: Limiter, *, tier: Tier) -> None:
        self._limiter = limiter
        self._tier = tier

    async def __call__(self, call_next: Next, request: Any, call: Call) -> Reply:
        method = call.method
        if method.rule.access != "public" or (method.read_only and not method.rule.audit):
            return await call_next(request, call)
        bucket = peer_bucket(call.peer, "storage")
        if method.read_only:
            decision = await self._limiter.peek(bucket, self._tier)
        else:
            size = ROWS_BYTES + _size_of(request)
            decision = await self._limiter.hit(bucket, self._tier, size)
        if not decision.allowed:
            raise PeerStorageSpent(retry_after=decision.retry_after)
        reply = await call_next(request, call)
        if method.read_only:
            await self._limiter.hit(bucket, self._tier, ROWS_BYTES)
        return reply


def _size_of(request: object) -> int:
    return request.ByteSize() if isinstance(request, Message) else 0
