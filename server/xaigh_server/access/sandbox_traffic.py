"""Keeps what integrations show in the sandbox, so that a review of production can see it.

Counts gather in memory and are written every few seconds; a reader asks for a flush first. What a
SIGKILL loses is at most those seconds of evidence, never a call's own effect.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from xaigh_server.access.review import Evidence
from xaigh_server.access.traffic_repository import Traffic, TrafficDelta
from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import KeyPrincipal


class SandboxTraffic:
    """A ledger of the sandbox alone, and the one reader that may look into it for a review."""

    def __init__(self, sandbox: Database, *, clock: Callable[[], datetime]) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._open: dict[tuple[str, str], TrafficDelta] = {}

    def used(self, principal: KeyPrincipal, method: str, *, replayed: bool) -> None:
        """A call that was answered."""
        self._note(principal, method, failed=False, replayed=replayed)

    def failed(self, principal: KeyPrincipal, method: str) -> None:
        """A call that came past the gate and was refused."""
        self._note(principal, method, failed=True, replayed=False)

    async def flush(self) -> None:
        """Writes what has gathered. What can't be written now is kept for the next time."""
        pending, self._open = self._open, {}
        if not pending:
            return
        try:
            await self._sandbox.write(
                lambda session: Traffic(session).add([*pending.values()]),
                partition=Partition(self._sandbox.name),
            )
        except DatabaseUnavailable:
            # Evidence only ever lacks something: a stretch that began meanwhile gives way.
            self._open.update(pending)

    async def evidence(self, organization_id: str) -> Evidence:
        """What an organization's traffic shows up to now."""
        await self.flush()
        return await self._sandbox.read(lambda session: Traffic(session).evidence(organization_id))

    def _note(self, principal: KeyPrincipal, method: str, *, failed: bool, replayed: bool) -> None:
        if principal.environment is not Environment.SANDBOX:
            return
        now = self._clock()
        key = (principal.organization_id, method)
        stretch = self._open.get(key)
        if stretch is None:
            stretch = self._open[key] = TrafficDelta(
                organization_id=key[0], method=method, first_time=now, last_time=now
            )
        stretch.note(failed=failed, replayed=replayed, now=now)
