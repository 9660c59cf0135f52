"""A database on a PostgreSQL server.

Writes of one partition are serial: each takes the partition's advisory lock before its first other
statement and holds it until its commit is visible. Under READ COMMITTED every statement then sees
all earlier commits of that partition and none in between, which is what a unit sees on SQLite:
read-then-write is exact without FOR UPDATE. The units of one partition also wait for one another in
this process, so that a busy partition occupies one connection and not all of them.

Reads are REPEATABLE READ and read-only: one snapshot, and they wait for no writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import MetaData, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.executor import SerialExecutor
from xaigh_server.db.partition import Partition, check_partition
from xaigh_server.db.postgres.backends import URGED_SECONDS, end_idle_holder
from xaigh_server.db.postgres.connecting import Connector, WaitLimits
from xaigh_server.db.postgres.point_reads import PointReads
from xaigh_server.db.postgres.turns import Turns
from xaigh_server.db.postgres.units import UnitThread, lock_number
from xaigh_server.db.postgres.watchdog import Wait, watch
from xaigh_server.db.session import Session
from xaigh_server.db.statements import Statements

T = TypeVar("T")


class PostgresDatabase:
    """Implements `Database` on one database of a server."""

    dialect = "postgresql"
    path = None

    def __init__(
        self,
        name: str,
        url: str,
        metadata: MetaData,
        *,
        connections: int = 8,
        limits: WaitLimits | None = None,
        waits: set[Wait] | None = None,
    ) -> None:
        """`connections` serve units and longer reads, and as many serve point reads.

        `waits` collects those of several databases: what one of them finds out helps the others.
        """
        self.name = name
        self.metadata = metadata
        self._limits = limits = limits or WaitLimits()
        self._waits = set() if waits is None else waits
        dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
        self._statements = Statements(dialect)
        connector = Connector(url, limits)
        self._points = PointReads(connector, self._statements, limits, connections=connections)
        self._threads = [UnitThread(connector, self._statements) for _ in range(connections)]
        self._units = SerialExecutor(f"{name}-unit", [each.serve for each in self._threads])
        self._turns = Turns(limits.turn)
        self._free = asyncio.Semaphore(connections)
        self._running: set[asyncio.Task[Any]] = set()
        self._watchdog: asyncio.Task[None] | None = None
        self._open = False

    async def start(self) -> None:
        if self._watchdog is None:
            self._units.start()
            limits = {each.wait: self._limits.silence for each in self._threads}
            limits |= dict.fromkeys(self._points.waits, self._limits.answer)
            self._waits |= limits.keys()
            self._watchdog = asyncio.create_task(watch(limits, self._waits))
        self._open = True
        await self.ready()

    async def close(self) -> None:
        self._open = False
        if self._running:
            await asyncio.wait(self._running)
        if self._watchdog is None:
            return
        await self._units.close()
        self._watchdog.cancel()
        with suppress(asyncio.CancelledError):
            await self._watchdog
        self._watchdog = None
        for each in self._threads:
            each.close()
        await self._points.close()

    async def ready(self) -> None:
        await self.read(lambda session: session.scalar(select(1)))

    async def write(
        self,
        fn: Callable[[Session], T],
        *,
        partition: Partition | None = None,
        urgent: bool = False,
    ) -> T:
        check_partition(self.name, partition)
        self._check_open()
        name = str(partition or Partition(self.name))
        writing = self._write(fn, name)
        return await self._to_its_end(self._urged(writing, name) if urgent else writing)

    async def read(self, fn: Callable[[Session], T]) -> T:
        self._check_open()
        return await self._to_its_end(self._submit(lambda thread: thread.read(fn)))

    async def point(self, fn: Callable[[Session], T]) -> T:
        self._check_open()
        return await self._points.run(fn)

    async def _write(self, fn: Callable[[Session], T], partition: str) -> T:
        lock = lock_number(partition)
        async with self._turns.of(partition):
            return await self._submit(lambda thread: thread.write(fn, lock))

    async def _urged(self, writing: Coroutine[Any, Any, T], partition: str) -> T:
        """Writes; meanwhile ends transactions of others that hold the lock and do nothing."""
        task = asyncio.create_task(writing)
        while not (await asyncio.wait([task], timeout=URGED_SECONDS))[0]:
            own = [each.pid for each in self._threads]
            with suppress(DatabaseUnavailable):
                await self._points.run(partial(end_idle_holder, lock_number(partition), own))
        return task.result()

    async def _submit(self, unit: Callable[[UnitThread], T]) -> T:
        """Runs a unit on a free connection. DatabaseUnavailable: none became free in time."""
        try:
            async with asyncio.timeout(self._limits.turn):
                await self._free.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("no connection became free in time") from error
        try:
            result: T = await self._units.submit(unit)
            return result
        finally:
            self._free.release()

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs work in a task of its own: a cancelled statement would cost the connection."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _check_open(self) -> None:
        if not self._open:
            raise DatabaseUnavailable(f"the {self.name} database isn't open")

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also when its caller has gone
