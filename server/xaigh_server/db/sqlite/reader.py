"""Reader: runs reads of one database file, each on one consistent snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from xaigh_server.db.errors import DatabaseUnavailable, StoreError
from xaigh_server.db.executor import WorkItem, settle
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.checked_connection import CheckedConnection
from xaigh_server.db.sqlite.errors import SqliteErrors, spoils_connection
from xaigh_server.db.sqlite.session import SqliteSession
from xaigh_server.db.sqlite.tick import EventLoopTick
from xaigh_server.db.statements import Statements

T = TypeVar("T")


class Reader:
    """Runs reads on one connection that can't write. Used by one thread at a time."""

    def __init__(
        self, handle: CheckedConnection, statements: Statements, errors: SqliteErrors
    ) -> None:
        self._handle = handle
        self._statements = statements
        self._errors = errors
        self._connection: sqlite3.Connection | None = None
        self._turn = EventLoopTick(self._close_snapshot)

    def run(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` on one snapshot, as of its first statement, and returns its result."""
        connection = self._handle.connection()
        session = SqliteSession(connection, self._statements, self._errors)
        try:
            connection.execute("BEGIN")
            value = fn(session)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)
            raise self._errors.translate(error) from error
        except BaseException as error:
            self._give_up(error.__cause__)
            raise
        finally:
            session.end()
        return value

    def look(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` on the event loop's thread and returns its result.

        All calls of one turn share a snapshot, as of the first of them: to begin and end a
        snapshot costs as much as to read a row by its key.
        """
        if self._turn.begins():
            self._open_snapshot()
        assert self._connection is not None
        session = SqliteSession(self._connection, self._statements, self._errors)
        try:
            return fn(session)
        except (sqlite3.Error, StoreError) as error:
            self._turn.cancel()
            self._give_up(error if isinstance(error, sqlite3.Error) else error.__cause__)
            raise
        finally:
            session.end()

    def _open_snapshot(self) -> None:
        try:
            connection = self._handle.connection()
            if connection.in_transaction:  # left by a loop that stopped in the middle of a turn
                connection.execute("ROLLBACK")
            connection.execute("BEGIN")
        except (sqlite3.Error, DatabaseUnavailable) as error:
            self._turn.cancel()
            self._give_up(error)
            if isinstance(error, sqlite3.Error):
                raise self._errors.translate(error) from error
            raise
        self._connection = connection

    def _close_snapshot(self) -> None:
        with suppress(sqlite3.Error):
            self._handle.roll_back()

    def serve(self, job: WorkItem) -> None:
        """Runs one item and completes its future."""
        try:
            job.value = self.run(job.fn)
        except BaseException as error:  # whatever it is belongs to the caller, not to this thread
            job.error = error
        settle([job])

    def close(self) -> None:
        self._handle.close()

    def _give_up(self, error: BaseException | None) -> None:
        with suppress(sqlite3.Error, DatabaseUnavailable):
            if spoils_connection(error):
                self._handle.close()
            else:
                self._handle.roll_back()
