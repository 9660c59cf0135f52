"""Retention of the request log: deletes what is older than the setting, in small transactions.

On PostgreSQL it drops the table of a day at once, when the whole day is older.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from xaigh_server.db.database import Database
from xaigh_server.db.purge import sweep
from xaigh_server.request_log.repository import RequestLogs

_BATCH = 500


class RequestLogRetention:
    """Deletes old calls from the databases of the environments."""

    def __init__(
        self, databases: Sequence[Database], *, clock: Callable[[], datetime], keep: timedelta
    ) -> None:
        self._databases = databases
        self._clock = clock
        self._keep = keep

    async def sweep(self) -> int:
        """Deletes all that is due by now. Returns how many calls, on PostgreSQL how many days."""
        before, deleted = self._clock() - self._keep, 0
        for database in self._databases:
            deleted += await sweep(
                database,
                lambda session: RequestLogs(session).forget(before=before, limit=_BATCH),
            )
        return deleted
