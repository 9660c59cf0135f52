"""What is remembered of jobs beside the jobs themselves, and for how long.

The log that watchers follow is thinned out rather than cut: no cursor ever goes stale. Sync events
are cut, where a deployment says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.purge import sweep
from xaigh_server.jobs.change_log import JobChangeLog

_BATCH = 500  # rows in one transaction: no write waits long behind one
_FOUND = 50_000  # superseded entries that one reading of the log looks for


class History:
    """Forgets what is too old, on the databases of the environments."""

    def __init__(
        self,
        databases: Sequence[Database],
        *,
        clock: Callable[[], datetime],
        changes: timedelta | None,
        sync_events: timedelta | None,
    ) -> None:
        """How long all changes, and sync events, are remembered; None is for ever."""
        self._databases = databases
        self._clock = clock
        self._changes = changes
        self._sync_events = sync_events

    async def sweep(self) -> int:
        """Forgets all that is due by now. Returns how many rows."""
        now, forgotten = self._clock(), 0
        for database in self._databases:
            if self._changes is not None:
                forgotten += await self._thin_out(database, now - self._changes)
            if self._sync_events is not None:
                forgotten += await self._cut(database, now - self._sync_events)
        return forgotten

    async def _thin_out(self, database: Database, before: datetime) -> int:
        forgotten, found = 0, _FOUND
        while found == _FOUND:
            superseded = await database.read(
                lambda session: JobChangeLog(session).superseded(before=before, limit=_FOUND)
            )
            found = len(superseded)
            for first in range(0, found, _BATCH):
                forgotten += await self._forget(database, superseded[first : first + _BATCH])
        return forgotten

    async def _forget(self, database: Database, sequences: Sequence[int]) -> int:
        return await database.write(
            lambda session: JobChangeLog(session).delete(sequences),
            partition=Partition(database.name),
        )

    async def _cut(self, database: Database, before: datetime) -> int:
        return await sweep(
            database, lambda session: SyncEvents(session).forget(before=before, limit=_BATCH)
        )
