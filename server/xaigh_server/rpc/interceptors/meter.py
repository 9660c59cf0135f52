"""Counts what was used, and what an organization's traffic shows about its integration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from xaigh_server.errors import DomainError
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class UsageRecorder(Protocol):
    """Keeps counts in memory and writes them in batches. Never waits, never fails."""

    def used(self, principal: KeyPrincipal, method: str, *, replayed: bool) -> None:
        """A call that was answered. A replay is traffic, but no usage."""

    def failed(self, principal: KeyPrincipal, method: str) -> None:
        """A call that came past the gate and was refused."""


class Meter:
    """Tells the ledgers how each call of a key ended."""

    def __init__(self, ledgers: Sequence[UsageRecorder]) -> None:
        self._ledgers = tuple(ledgers)

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        principal = call.principal
        if not isinstance(principal, KeyPrincipal):
            return await call_next(request, call)
        try:
            reply = await call_next(request, call)
        except DomainError:
            for ledger in self._ledgers:
                ledger.failed(principal, call.method.full_name)
            raise
        for ledger in self._ledgers:
            ledger.used(principal, call.method.full_name, replayed=call.replayed)
        return reply
