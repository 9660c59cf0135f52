"""Retention of idempotency records: deletes expired ones in small transactions.

Business rows, audit events and usage are kept for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from xaigh_server.db.database import Database
from xaigh_server.db.idempotency import IdempotencyRecords
from xaigh_server.db.purge import sweep

_BATCH = 500


class Retention:
    """Deletes expired idempotency records from some databases."""

    def __init__(self, databases: Sequence[Database], *, clock: Callable[[], datetime]) -> None:
        self._databases = databases
        self._clock = clock

    async def sweep(self) -> int:
        """Deletes all records that have expired. Returns how many."""
        now = self._clock()
        deleted = 0
        for database in self._databases:
            deleted += await sweep(
                database,
                lambda session: IdempotencyRecords(session).delete_expired(now=now, limit=_BATCH),
            )
        return deleted
