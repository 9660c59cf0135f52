"""Has refusals that matter written down before they are answered."""

from __future__ import annotations

from typing import Protocol

from xaigh_server.errors import DomainError
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class DenialLog(Protocol):
    """Where refusals are written."""

    async def note(self, refusal: DomainError, call: Call) -> None:
        """Writes the refusal down if it matters. Never fails."""


class DeniedRequests:
    """Stands before Authenticate, so that it sees every refusal of a credential."""

    def __init__(self, book: DenialLog) -> None:
        self._book = book

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        try:
            return await call_next(request, call)
        except DomainError as refusal:
            await self._book.note(refusal, call)
            raise
