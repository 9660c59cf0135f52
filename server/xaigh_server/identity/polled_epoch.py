"""The epoch where the engine can't tell cheaply that others have committed: read it each time."""

from __future__ import annotations

import asyncio

from sqlalchemy.util import await_only

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session
from xaigh_server.identity.epoch import read_epoch


class PolledEpoch:
    """Reads the epoch's row. Calls that wait for the same look-up share it.

    A look-up that began before a call isn't good enough for it: a bump may have come in between.
    So at most one is under way and one is to come, however many calls there are.
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
        """A unit of the control database reads the row in its transaction, others wait for a look.

        Units of PostgreSQL run in greenlets of the event loop, so they can wait. Nobody who looks
        ever waits for the lock of a business database, so two can't wait for one another.
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
        self._running, self._next = self._next, None  # it begins: later calls need another
        return await self._control.read(read_epoch)


def _seen(task: asyncio.Task[int]) -> None:
    """Marks a failure as noticed, also where every caller has gone."""
    if not task.cancelled():
        task.exception()
