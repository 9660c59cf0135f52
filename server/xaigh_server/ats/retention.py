"""Retention of syncs and of the change log: periodic deletes of old rows.

The change log is thinned out rather than truncated, so no watcher's cursor becomes invalid. Sync
events are deleted if the settings say so, and stored replies once their run can't be resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.runs import RESUMABLE
from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.purge import sweep
from xaigh_server.jobs.change_log import JobChangeLog

_BATCH = 500  # rows in one transaction: no write waits long behind one
_BATCH_REPLIES = 100  # stored replies of batches in one transaction
_FOUND = 50_000  # superseded entries that one read of the log looks for


class History:
    """Deletes old changes and sync events, on the databases of the environments."""

    def __init__(
        self,
        databases: Sequence[Database],
        *,
        clock: Callable[[], datetime],
        changes: timedelta | None,
        sync_events: timedelta | None,
    ) -> None:
        """How long changes and sync events are kept; None is for ever."""
        self._databases = databases
        self._clock = clock
        self._changes = changes
        self._sync_events = sync_events

    async def sweep(self) -> int:
        """Deletes all that is due by now. Returns how many rows."""
        now, deleted = self._clock(), 0
        for database in self._databases:
            if self._changes is not None:
                deleted += await self._thin_out(database, now - self._changes)
            if self._sync_events is not None:
                deleted += await self._cut(database, now - self._sync_events)
        return deleted

    async def _thin_out(self, database: Database, before: datetime) -> int:
        deleted, found = 0, _FOUND
        while found == _FOUND:
            superseded = await database.read(
                lambda session: JobChangeLog(session).superseded(before=before, limit=_FOUND)
            )
            found = len(superseded)
            for first in range(0, found, _BATCH):
                deleted += await self._delete(database, superseded[first : first + _BATCH])
        return deleted

    async def _delete(self, database: Database, sequences: Sequence[int]) -> int:
        return await database.write(
            lambda session: JobChangeLog(session).delete(sequences),
            partition=Partition(database.name),
        )

    async def _cut(self, database: Database, before: datetime) -> int:
        return await sweep(
            database, lambda session: SyncEvents(session).forget(before=before, limit=_BATCH)
        )


class BatchRetention:
    """Deletes the answers of runs that can't be resumed any more. The runs themselves stay."""

    def __init__(self, databases: Sequence[Database], *, clock: Callable[[], datetime]) -> None:
        """`databases` are those of the environments."""
        self._databases = databases
        self._clock = clock

    async def sweep(self) -> int:
        """Deletes all that is due by now. Returns how many answers."""
        before = self._clock() - RESUMABLE
        deleted = 0
        for database in self._databases:
            deleted += await sweep(
                database,
                lambda session: Runs(session).forget_batches(before=before, limit=_BATCH_REPLIES),
            )
        return deleted
