"""Interceptor that records security-relevant refusals before they are answered."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Protocol, TypeAlias, cast

from xaigh_server.errors import DomainError
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource

Replies: TypeAlias = AsyncGenerator[Any, None]


class DenialLog(Protocol):
    """Log of denied requests."""

    async def note(self, refusal: DomainError, call: Call) -> None:
        """Records the refusal if it is security-relevant. Never raises."""


class DeniedRequests:
    """Runs around Authenticate, so that it sees every refusal of a credential."""

    def __init__(self, log: DenialLog) -> None:
        self._log = log

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        try:
            reply = await call_next(request, call)
        except DomainError as refusal:
            await self._log.note(refusal, call)
            raise
        return self._each(cast(Replies, reply), call) if call.method.server_streaming else reply

    async def _each(self, replies: Replies, call: Call) -> Replies:
        """Passes replies on; a refusal in the middle of a stream is recorded like any other."""
        try:
            async for reply in replies:
                yield reply
        except DomainError as refusal:
            await self._log.note(refusal, call)
            raise
        finally:
            await replies.aclose()
