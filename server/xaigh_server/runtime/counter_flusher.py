"""Flusher of the counters of all worker processes, called before each read of them.

Each process counts usage and sandbox evidence in memory and writes them every few seconds. A reader
of either asks this module first, so that it sees every call that has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.access.traffic import SandboxTraffic
from xaigh_server.runtime.worker_bus import WorkerBus

_USAGE, _TRAFFIC = "usage", "traffic"


class CounterFlusher:
    """The counts of calls, and the sandbox's evidence, as of now and of every process."""

    def __init__(
        self,
        bus: WorkerBus,
        *,
        flush_usage: Callable[[], Awaitable[None]],
        collect: Callable[[], Awaitable[None]],
        traffic: SandboxTraffic,
    ) -> None:
        self._bus = bus
        self._flush_usage = flush_usage
        self._collect = collect
        self._traffic = traffic
        bus.answers({_USAGE: _written(flush_usage), _TRAFFIC: _written(traffic.flush)})

    async def close_usage(self) -> None:
        """Returns when the usage of every call that has ended can be read."""
        await asyncio.gather(self._collect(), self._flush_usage(), self._bus.ask(_USAGE))

    async def evidence(self, organization_id: str) -> Evidence:
        """Returns the sandbox evidence of an organization, up to now."""
        await self._bus.ask(_TRAFFIC)
        return await self._traffic.evidence(organization_id)


def _written(flush: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[bytes]]:
    async def answer() -> bytes:
        await flush()
        return b"written"

    return answer
