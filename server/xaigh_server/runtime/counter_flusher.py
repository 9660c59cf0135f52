"""Flusher of what all worker processes keep in memory, called before each read of it.

Each process keeps usage, sandbox evidence and ended calls in memory and writes them every few
seconds. A reader of any asks this module first, so that it sees every call that has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.traffic import SandboxTraffic
from xaigh_server.runtime.worker_bus import WorkerBus

_USAGE, _TRAFFIC, _CALLS = "usage", "traffic", "calls"


class CounterFlusher:
    """The counts of calls, and the sandbox's evidence, as of now and of every process."""

    def __init__(
        self,
        bus: WorkerBus,
        *,
        flush_usage: Callable[[], Awaitable[None]],
        collect: Callable[[], Awaitable[None]],
        traffic: SandboxTraffic,
        flush_calls: Callable[[], Awaitable[None]],
    ) -> None:
        self._bus = bus
        self._flush_usage = flush_usage
        self._collect = collect
        self._traffic = traffic
        self._flush_calls = flush_calls
        bus.answers(
            {
                _USAGE: _written(flush_usage),
                _TRAFFIC: _written(traffic.flush),
                _CALLS: _written(flush_calls),
            }
        )

    async def close_usage(self) -> None:
        """Returns when the usage of every call that has ended can be read."""
        await asyncio.gather(self._collect(), self._flush_usage(), self._bus.ask(_USAGE))

    async def close_calls(self) -> None:
        """Returns when every call that has ended is in the request log."""
        await asyncio.gather(self._flush_calls(), self._bus.ask(_CALLS))

    async def evidence(self, organization_id: str) -> Evidence:
        """Returns the sandbox evidence of an organization, up to now."""
        await self._bus.ask(_TRAFFIC)
        return await self._traffic.evidence(organization_id)


def _written(flush: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[bytes]]:
    async def answer() -> bytes:
        await flush()
        return b"written"

    return answer
