"""In-memory counters of keys' calls, written in batches.

The counters are flushed every few seconds, which is the most that a SIGKILL loses, and at shutdown.
Unary writes in a business database commit their usage themselves (`db/usage_rows.py`).
The same batch carries each key's last use and last refusal. No authorization reads them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.keys.repository import KeyMarks, Keys
from xaigh_server.keys.usage_repository import UsageDay, UsageDays


class _Tally:
    """The calls of one key to one method on one day, under one tier."""

    __slots__ = ("count", "day", "method", "principal")

    def __init__(self, principal: KeyPrincipal, method: str, day: date) -> None:
        self.principal = principal
        self.method = method
        self.day = day
        self.count = 0


class UsageMeter:
    """Usage recorder. Counting never waits and never fails; used on one event loop."""

    def __init__(self, control: Database, *, clock: Callable[[], datetime]) -> None:
        self._control = control
        self._clock = clock
        self._counts: dict[tuple[str | date, ...], _Tally] = {}
        self._used: dict[str, datetime] = {}
        self._refused: dict[str, datetime] = {}
        self._writing = asyncio.Lock()

    def used(self, principal: KeyPrincipal, method: str, *, replayed: bool) -> None:
        """Records an answered call. A replay updates the last use and counts nothing."""
        now = self._clock()
        self._used[principal.key_id] = now
        if replayed:
            return
        day = now.date()
        name = (
            principal.organization_id,
            principal.key_id,
            principal.environment.value,
            principal.grant.tier,
            method,
            day,
        )
        tally = self._counts.get(name)
        if tally is None:
            tally = self._counts[name] = _Tally(principal, method, day)
        tally.count += 1

    def failed(self, principal: KeyPrincipal, method: str) -> None:
        """Records a refused call of a valid key."""
        self.refused(principal.key_id)

    def refused(self, key_id: str) -> None:
        """Records that an existing key was refused."""
        self._refused[key_id] = self._clock()

    async def flush(self) -> None:
        """Writes the counters, after a running flush.

        Counts that can't be written stay for the next flush.
        """
        async with self._writing:
            await self._flush()

    async def _flush(self) -> None:
        counts, used, refused = self._counts, self._used, self._refused
        if not counts and not used and not refused:
            return
        self._counts, self._used, self._refused = {}, {}, {}
        days = [_day(tally) for tally in counts.values()]
        marks = [
            KeyMarks(key_id=key_id, used=used.get(key_id), refused=refused.get(key_id))
            for key_id in sorted(used.keys() | refused.keys())
        ]

        def write(session: Session) -> None:
            UsageDays(session).add(days)
            Keys(session).mark(marks)

        try:
            await self._control.write(write, partition=Partition(CONTROL))
        except DatabaseUnavailable:
            for name, tally in counts.items():
                tally.count += self._counts[name].count if name in self._counts else 0
                self._counts[name] = tally
            # Marks recorded meanwhile are newer.
            self._used = {**used, **self._used}
            self._refused = {**refused, **self._refused}


def _day(tally: _Tally) -> UsageDay:
    principal = tally.principal
    return UsageDay(
        organization_id=principal.organization_id,
        key_id=principal.key_id,
        method=tally.method,
        day=tally.day,
        tier=principal.grant.tier,
        environment=principal.environment.value,
        billable=principal.environment.billable,
        count=tally.count,
    )
