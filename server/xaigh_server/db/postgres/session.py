"""Sessions on connections of psycopg: of a transaction in pipeline mode, and of single reads.

A unit's time on a network is the number of its round trips. In pipeline mode a statement is sent
without waiting for the answer to the one before. So a unit waits once for each read whose rows it
looks at, whatever it wrote before, and once for its commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy.util import await_only

from xaigh_server.db.postgres.connecting import ReadCursor, UnitConnection, UnitCursor
from xaigh_server.db.postgres.errors import translate
from xaigh_server.db.postgres.watchdog import Wait
from xaigh_server.db.session import BaseSession, Params
from xaigh_server.db.statements import PreparedStatement, Statements


class PostgresSession(BaseSession):
    """One transaction. The creator of the session begins and ends it."""

    __slots__ = ("_leave", "_sync", "_wait", "_writes", "connection")

    def __init__(
        self,
        connection: UnitConnection,
        statements: Statements,
        *,
        sync: Callable[[], None],
        leave: Callable[[], None],
        wait: Wait,
    ) -> None:
        """`sync` takes all answers of the pipeline, `leave` ends it; `wait` times each answer."""
        super().__init__(statements)
        self.connection = connection
        self._sync = sync
        self._leave = leave
        self._wait = wait
        self._writes = connection.cursor()

    @contextmanager
    def unpiped(self) -> Iterator[UnitConnection]:
        """Gives the connection, in its transaction, for a library's own statements: migrations.

        They are sent one by one, may take long, and have the driver's usual placeholders.
        """
        self._leave()
        self.connection.execute("SET LOCAL statement_timeout = 0")
        self.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        self.connection.cursor_factory = psycopg.Cursor
        try:
            yield self.connection
        finally:
            self.connection.cursor_factory = psycopg.RawCursor

    def _fetch(
        self, prepared: PreparedStatement, params: Params, *, first: bool
    ) -> Sequence[Sequence[Any]]:
        rows = self._ask(prepared, params)()
        return rows[:1] if first else rows

    def _ask(
        self, prepared: PreparedStatement, params: Params
    ) -> Callable[[], Sequence[Sequence[Any]]]:
        if self._failure is not None:
            raise self._failure
        cursor = self.connection.cursor(binary=True)
        try:
            with self._wait:
                cursor.execute(*prepared.bind(params))
        except psycopg.Error as error:
            raise self._fail(error) from error
        return lambda: self._rows(cursor, prepared)

    def _rows(self, cursor: UnitCursor, prepared: PreparedStatement) -> Sequence[Sequence[Any]]:
        if self._failure is not None:
            raise self._failure
        try:
            if cursor.pgresult is None:
                # Not by a flush alone, as the driver would: the server's transaction wouldn't count
                # as idle then, and no limit would end it where this process stops.
                with self._wait:
                    self._sync()
                self._wait.suspect = False
            rows = cursor.fetchall()
        except psycopg.ProgrammingError as error:
            if error.sqlstate is None and cursor.statusmessage and cursor.description is None:
                return ()  # a statement that returns no rows
            raise self._fail(error) from error
        except psycopg.Error as error:
            raise self._fail(error) from error
        if prepared.row is None:
            prepared.shape(tuple(column.name for column in cursor.description or ()))
        return rows

    def _execute(self, sql: str, values: tuple[Any, ...]) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            with self._wait:
                self._writes.execute(sql, values)
        except psycopg.Error as error:
            raise self._fail(error) from error

    def _execute_rows(
        self, prepared: PreparedStatement, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Runs an INSERT for many rows at once: the driver's work for a statement is most of it."""
        arranged = prepared.arranged(names, rows)
        if arranged is None:
            super()._execute_rows(prepared, names, rows)
            return
        whole, together = prepared.together(arranged)
        for values in together:
            self._execute(prepared.many_rows, tuple(values))
        for row in arranged[whole:]:
            self._execute(prepared.sql, row)

    def _fail(self, error: psycopg.Error) -> Exception:
        self._failure = translate(error)
        return self._failure


class PointSession(BaseSession):
    """Reads of one call by key, each a statement and a snapshot of its own, on the event loop.

    Runs in a greenlet of SQLAlchemy, so that a plain function can wait for an answer.
    """

    __slots__ = ("_cursor",)

    def __init__(self, cursor: ReadCursor, statements: Statements) -> None:
        super().__init__(statements)
        self._cursor = cursor

    def _fetch(
        self, prepared: PreparedStatement, params: Params, *, first: bool
    ) -> Sequence[Sequence[Any]]:
        if self._failure is not None:
            raise self._failure
        rows = await_only(self._send(*prepared.bind(params)))
        if prepared.row is None:
            prepared.shape(tuple(column.name for column in self._cursor.description or ()))
        return rows[:1] if first else rows

    def _execute(self, sql: str, values: tuple[Any, ...]) -> None:
        await_only(self._send(sql, values))

    async def _send(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        await self._cursor.execute(sql, values)
        result = self._cursor.pgresult  # its `description` would cost more than the rows
        return await self._cursor.fetchall() if result is not None and result.nfields else []
