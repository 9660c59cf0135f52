"""Forgets what batches of syncs were answered, once nobody can send them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from xaigh_server.ats.repository.runs import Runs
from xaigh_server.ats.runs import RESUMABLE
from xaigh_server.db.database import Database
from xaigh_server.db.purge import sweep

_BATCH = 100


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
                lambda session: Runs(session).forget_batches(before=before, limit=_BATCH),
            )
        return deleted
