"""Writer: runs the writes of one database file, one transaction at a time.

The writer thread commits up to 64 waiting units together, each under a savepoint of its own, since
the sync to disk is most of a write's cost. Each unit is still all or nothing, and its caller gets
no result before the commit that contains it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from xaigh_server.db.errors import DatabaseUnavailable, StoreError
from xaigh_server.db.executor import WorkItem, settle
from xaigh_server.db.sqlite.checked_connection import CheckedConnection
from xaigh_server.db.sqlite.errors import SqliteErrors, is_busy, spoils_connection
from xaigh_server.db.sqlite.session import SqliteSession
from xaigh_server.db.statements import Statements

_GROUP_UNITS = 64
_ASK_AGAIN_SECONDS = 0.001
_GROUP_SECONDS = 0.002  # a group takes no further unit after this time, since its first one waits


class Writer:
    """Runs jobs on the one connection that writes. Used by one thread."""

    def __init__(
        self,
        handle: CheckedConnection,
        statements: Statements,
        errors: SqliteErrors,
        *,
        busy_timeout: float,
    ) -> None:
        """`busy_timeout` is in seconds: how long a unit waits for the lock of another process. The
        timeout of `handle` is that of a single attempt."""
        self._handle = handle
        self._statements = statements
        self._errors = errors
        self._busy_timeout = busy_timeout
        self._contended = False

    def close(self) -> None:
        self._handle.close()

    def serve(self, job: WorkItem, queue: SimpleQueue[WorkItem | None]) -> None:
        """Runs an item and those queued behind it in one transaction; completes their futures."""
        jobs = [job]
        try:
            connection = self._begin(job)
            self._first(connection, job)
            if job.error is None:
                self._join(connection, jobs, queue)
                connection.execute("COMMIT")
        except (sqlite3.Error, DatabaseUnavailable) as error:
            self._lose(jobs, error)
        settle(jobs)

    def _begin(self, job: WorkItem) -> sqlite3.Connection:
        """Takes the write lock, within `busy_timeout`; the queueing counts, too, once a job has
        waited in vain.

        The writer tries a taken lock a thousand times a second. SQLite's own busy handler slows to
        ten times a second, and never gets the lock beside a process that writes without a pause.
        """
        until = self._busy_timeout + (job.submitted if self._contended else time.monotonic())
        while True:
            try:
                connection = self._handle.connection()
                connection.execute("BEGIN IMMEDIATE")
            except (sqlite3.Error, DatabaseUnavailable) as error:
                if not _is_busy(error) or time.monotonic() >= until:
                    raise
                time.sleep(_ASK_AGAIN_SECONDS)
            else:
                self._contended = False
                return connection

    def _first(self, connection: sqlite3.Connection, job: WorkItem) -> None:
        """Runs the first unit. It needs no savepoint: a failure rolls back the transaction."""
        try:
            job.value = self._unit(connection, job.fn)
        except BaseException as error:  # whatever it is belongs to the caller, not to this thread
            job.error = error
            self._roll_back(error)

    def _join(
        self,
        connection: sqlite3.Connection,
        jobs: list[WorkItem],
        queue: SimpleQueue[WorkItem | None],
    ) -> None:
        started = time.monotonic()
        while len(jobs) < _GROUP_UNITS and time.monotonic() - started < _GROUP_SECONDS:
            try:
                job = queue.get_nowait()
            except Empty:
                return
            if job is None:
                queue.put(None)  # the executor's thread must see the end of the queue
                return
            jobs.append(job)
            self._nested(connection, job)

    def _nested(self, connection: sqlite3.Connection, job: WorkItem) -> None:
        connection.execute("SAVEPOINT unit")
        try:
            job.value = self._unit(connection, job.fn)
        except DatabaseUnavailable:
            raise  # the whole transaction is in doubt
        except BaseException as error:  # as in _first
            job.error = error
            connection.execute("ROLLBACK TO SAVEPOINT unit")
        connection.execute("RELEASE SAVEPOINT unit")

    def _unit(self, connection: sqlite3.Connection, fn: Callable[[Any], Any]) -> Any:
        session = SqliteSession(connection, self._statements, self._errors)
        try:
            value = fn(session)
            if session.failure is not None:
                raise session.failure
            return value
        finally:
            session.end()

    def _lose(self, jobs: list[WorkItem], error: sqlite3.Error | DatabaseUnavailable) -> None:
        """Rolls the transaction back and fails all of its items."""
        self._contended = self._contended or _is_busy(error)
        self._roll_back(error)
        told = self._errors.translate(error) if isinstance(error, sqlite3.Error) else error
        if not isinstance(told, StoreError):
            told = DatabaseUnavailable(f"the transaction was lost: {told}")
        for job in jobs:
            job.value, job.error = None, told

    def _roll_back(self, error: BaseException) -> None:
        with suppress(sqlite3.Error):
            if spoils_connection(error) or spoils_connection(error.__cause__):
                self._handle.close()
            else:
                self._handle.roll_back()


def _is_busy(error: BaseException) -> bool:
    """Whether another process has the lock; a connection that can't be opened for it says why."""
    return is_busy(error.__cause__ if isinstance(error, DatabaseUnavailable) else error)
