"""Interceptor that records usage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from xaigh_server.errors import DomainError
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource


class UsageRecorder(Protocol):
    """Counts in memory and writes in batches. Never waits, never raises."""

    def used(self, principal: KeyPrincipal, method: str, *, replayed: bool) -> None:
        """Counts a call that was answered. A replay is traffic, but no usage."""

    def failed(self, principal: KeyPrincipal, method: str) -> None:
        """Counts an authorized call that was refused."""


class Meter:
    """Reports the end of each call by a key to the usage recorders."""

    def __init__(self, recorders: Sequence[UsageRecorder]) -> None:
        self._recorders = tuple(recorders)

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        principal = call.principal
        if not isinstance(principal, KeyPrincipal):
            return await call_next(request, call)
        try:
            reply = await call_next(request, call)
        except DomainError:
            for recorder in self._recorders:
                recorder.failed(principal, call.method.full_name)
            raise
        counted = call.replayed or call.metered  # a write commits its usage with its rows
        for recorder in self._recorders:
            recorder.used(principal, call.method.full_name, replayed=counted)
        return reply
