"""Epoch on PostgreSQL: each look-up reads the row, since the engine has no cheap change counter."""

from __future__ import annotations

import asyncio

from sqlalchemy.util import await_only

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.identity.epoch import read_epoch


class PolledEpoch:
    """Reads the epoch's row. Calls that wait at the same time share a look-up.

    A look-up that began before a call could miss a bump that was committed in between. So for any
    number of calls at most one look-up runs, and one more is scheduled.
    """

    def __init__(self, control: Database) -> None:
        self._control = control
        self._running: asyncio.Task[int] | None = None
        self._next: asyncio.Task[int] | None = None

    async def current(self) -> int:
        if self._next is None:
            self._next = asyncio.create_task(self._look_up(self._running))
            self._next.add_done_callback(_seen)
        return await asyncio.shield(self._next)

    def has_moved(self, since: int, session: Session, database: str) -> bool:
        """Reads the row in the transaction of a control unit; other units await a look-up.

        Units of PostgreSQL run in greenlets of the event loop, so they can wait. A look-up never
        takes the lock of a business database, so there is no deadlock.
        """
        if database == self._control.name:
            return read_epoch(session) != since
        return await_only(self.current()) != since

    async def close(self) -> None:
        pending = [task for task in (self._running, self._next) if task is not None]
        if pending:
            await asyncio.wait(pending)

    async def _look_up(self, before: asyncio.Task[int] | None) -> int:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None  # from here on calls need a new look-up
        return await self._control.read(read_epoch)


def _seen(task: asyncio.Task[int]) -> None:
    """Marks a failure as noticed, also where every caller has gone."""
    if not task.cancelled():
        task.exception()
