"""What each process counts apart, written down by all of them before anybody reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from xaigh_server.access.review import Evidence
from xaigh_server.access.sandbox_traffic import SandboxTraffic
from xaigh_server.runtime.worker_bus import WorkerBus

_USAGE, _TRAFFIC = "usage", "traffic"


class CounterFlusher:
    """The counts of calls, and the sandbox's evidence, as of now and of every process."""

    def __init__(
        self,
        siblings: WorkerBus,
        *,
        flush_usage: Callable[[], Awaitable[None]],
        traffic: SandboxTraffic,
    ) -> None:
        self._siblings = siblings
        self._flush_usage = flush_usage
        self._traffic = traffic
        siblings.answers({_USAGE: _written(flush_usage), _TRAFFIC: _written(traffic.flush)})

    async def close_usage(self) -> None:
        """Returns when what was counted up to now can be read."""
        await asyncio.gather(self._flush_usage(), self._siblings.ask(_USAGE))

    async def evidence(self, organization_id: str) -> Evidence:
        """What an organization's traffic in the sandbox shows up to now."""
        await self._siblings.ask(_TRAFFIC)
        return await self._traffic.evidence(organization_id)


def _written(flush: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[bytes]]:
    async def answer() -> bytes:
        await flush()
        return b"written"

    return answer
