"""Point reads: look-ups by key on the event loop, each a single statement in autocommit.

A call that reads one row waits for one round trip: no BEGIN, no COMMIT, no ping. A connection that
has ended, or that owes an answer for too long, is replaced, and the read repeated once: reads
repeat safely.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import psycopg
from sqlalchemy.util import greenlet_spawn

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.postgres.backends import PostgresBackend, greet_reader
from xaigh_server.db.postgres.connecting import (
    Connector,
    ReadConnection,
    ReadCursor,
    WaitLimits,
    socket_of,
)
from xaigh_server.db.postgres.errors import is_connection_lost, translate
from xaigh_server.db.postgres.session import PointSession
from xaigh_server.db.postgres.watchdog import Wait
from xaigh_server.db.session import Session
from xaigh_server.db.statements import Statements

T = TypeVar("T")


class PointReads:
    """A few held connections on which calls read by key."""

    def __init__(
        self,
        connector: Connector,
        statements: Statements,
        limits: WaitLimits,
        *,
        connections: int,
    ) -> None:
        self._connector = connector
        self._statements = statements
        self._limits = limits
        self._slots = [_Slot() for _ in range(connections)]
        self._free: asyncio.LifoQueue[_Slot] = asyncio.LifoQueue()
        for slot in self._slots:
            self._free.put_nowait(slot)

    async def run(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` and returns its result. DatabaseUnavailable: no answer on two connections."""
        slot = await self._take()
        try:
            try:
                return await self._attempt(slot, fn)
            except _Lost:
                return await self._attempt(slot, fn)
        except _Lost as lost:
            raise DatabaseUnavailable(f"PostgreSQL: {lost}") from lost.__cause__
        except psycopg.Error as error:
            raise translate(error) from error
        finally:
            self._free.put_nowait(slot)

    @property
    def waits(self) -> list[Wait]:
        """The waits of all connections, for a watchdog."""
        return [slot.wait for slot in self._slots]

    async def close(self) -> None:
        """Closes the connections."""
        for slot in self._slots:
            await slot.close()

    async def _take(self) -> _Slot:
        try:
            return self._free.get_nowait()
        except asyncio.QueueEmpty:
            try:
                return await asyncio.wait_for(self._free.get(), self._limits.turn)
            except TimeoutError as error:
                raise DatabaseUnavailable("no connection became free in time") from error

    async def _attempt(self, slot: _Slot, fn: Callable[[Session], T]) -> T:
        try:
            if slot.wait.suspect:
                slot.abandon()
            if slot.connection is None:
                await slot.hold(await self._connector.connect_reader())
            session = PointSession(slot.cursor, self._statements)
            try:
                with slot.wait:
                    value: T = await greenlet_spawn(fn, session)
                slot.wait.suspect = False
                return value
            finally:
                session.end()
        except asyncio.CancelledError:
            slot.abandon()  # an answer may be on its way, which nobody takes
            raise
        except psycopg.Error as error:
            if not is_connection_lost(error):
                raise
            slot.abandon()
            raise _Lost(str(error)) from error


class _Slot:
    """The place of one connection."""

    def __init__(self) -> None:
        self.connection: ReadConnection | None = None
        self.cursor: ReadCursor
        self._backend: PostgresBackend | None = None
        self.wait = Wait(self._socket)

    async def hold(self, connection: ReadConnection) -> None:
        """Keeps a connection for the reads to come, in the place of the one before."""
        self.connection, self.cursor = connection, connection.cursor(binary=True)
        with self.wait:
            self._backend = await greet_reader(connection, self._backend)
        self.wait.suspect = False

    def abandon(self) -> None:
        """Ends the connection at once, without a word to a server that may not listen."""
        if self.connection is not None:
            self.connection.pgconn.finish()
            self.connection = None

    async def close(self) -> None:
        if self.connection is not None:
            await self.connection.close()
            self.connection = None

    def _socket(self) -> int:
        return socket_of(self.connection)


class _Lost(Exception):
    """A connection ended or owes an answer: another one may do better."""
