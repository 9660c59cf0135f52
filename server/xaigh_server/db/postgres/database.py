"""A database on a PostgreSQL server.

Writes are serial here too: each takes one advisory lock of the database before its first statement
and holds it until its commit is visible. Under READ COMMITTED every statement then sees all
earlier commits and none in between, which is what a unit sees on SQLite: read-then-write is exact
without FOR UPDATE, and two units can't deadlock. The audit chain would order commits anyway.

Reads are REPEATABLE READ and read-only: one snapshot, and they wait for no writer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import Partition, check_partition
from xaigh_server.db.postgres.errors import is_retryable, translate
from xaigh_server.db.postgres.session import PostgresSession
from xaigh_server.db.session import Session
from xaigh_server.db.statements import Statements

T = TypeVar("T")

_ATTEMPTS = 5
_LOCK = "SELECT pg_advisory_xact_lock(7236278102894181921)"  # an arbitrary number, ours for ever
_DRIVER_ERRORS = (DBAPIError, PoolTimeoutError, OSError, asyncio.TimeoutError)


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
        busy_timeout: float = 5.0,
    ) -> None:
        """`busy_timeout` is in seconds: how long a write waits for its turn, and any call for a
        connection.
        """
        self.name = name
        self.metadata = metadata
        self.engine = _engine(url, connections, busy_timeout)
        self._statements = Statements(self.engine.dialect)
        self._running: set[asyncio.Task[Any]] = set()
        self._open = False

    async def start(self) -> None:
        self._open = True
        await self.ready()

    async def close(self) -> None:
        self._open = False
        if self._running:
            await asyncio.wait(self._running)
        await self.engine.dispose()

    async def ready(self) -> None:
        await self.read(lambda session: session.scalar(select(1)))

    async def write(self, fn: Callable[[Session], T], *, partition: Partition | None = None) -> T:
        check_partition(self.name, partition)
        return await self._to_its_end(self._write(fn))

    async def read(self, fn: Callable[[Session], T]) -> T:
        return await self._to_its_end(self._attempt(lambda connection: self._read(connection, fn)))

    async def point(self, fn: Callable[[Session], T]) -> T:
        return await self.read(fn)

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs work in a task of its own: a cancelled statement would cost the connection."""
        if not self._open:
            work.close()
            raise DatabaseUnavailable(f"the {self.name} database isn't open")
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also when its caller has gone

    async def _write(self, fn: Callable[[Session], T]) -> T:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._attempt(lambda connection: self._unit(connection, fn))
            except _LostRace:
                continue
        return await self._attempt(lambda connection: self._unit(connection, fn))

    async def _attempt(self, work: Callable[[Connection], T]) -> T:
        try:
            async with self.engine.connect() as connection:
                return await connection.run_sync(work)
        except _DRIVER_ERRORS as error:
            raise translate(error) from error

    def _unit(self, connection: Connection, fn: Callable[[Session], T]) -> T:
        session = PostgresSession(connection, self._statements)
        try:
            with connection.begin():
                connection.exec_driver_sql(_LOCK)
                value = fn(session)
                if session.failure is not None:
                    raise session.failure
            return value
        except Exception as error:
            if session.lost_race or is_retryable(error):
                raise _LostRace("the server undid the transaction for another's sake") from error
            raise
        finally:
            session.end()

    def _read(self, connection: Connection, fn: Callable[[Session], T]) -> T:
        connection = connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        session = PostgresSession(connection, self._statements)
        try:
            with connection.begin():
                return fn(session)
        finally:
            session.end()


class _LostRace(DatabaseUnavailable):
    """A deadlock or a serialization failure: by a client of the database that isn't ours."""


def _engine(url: str, connections: int, busy_timeout: float) -> AsyncEngine:
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=busy_timeout,
        pool_pre_ping=True,  # a restarted server costs no call
        hide_parameters=True,  # a logged error shows the statement, not its parameters
        connect_args={
            "timeout": busy_timeout,
            "prepared_statement_cache_size": 512,
            "server_settings": {
                "application_name": "xaigh-server",
                "lock_timeout": str(int(busy_timeout * 1000)),
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
            },
        },
    )
