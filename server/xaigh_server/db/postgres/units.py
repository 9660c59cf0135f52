"""Units of one connection: transactions that write under a partition's lock, and longer reads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.executor import WorkItem, settle
from xaigh_server.db.postgres.backends import PostgresBackend, greet
from xaigh_server.db.postgres.connecting import Connector, UnitConnection, socket_of
from xaigh_server.db.postgres.errors import is_connection_lost, is_retryable, translate
from xaigh_server.db.postgres.session import PostgresSession
from xaigh_server.db.postgres.watchdog import Wait
from xaigh_server.db.session import Session
from xaigh_server.db.statements import Statements

T = TypeVar("T")

_ATTEMPTS = 5
_LOCK = "SELECT pg_advisory_xact_lock($1)"
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def lock_number(name: str) -> int:
    """Returns the advisory lock of a partition. Two that share one merely wait for each other."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


class UnitThread:
    """One connection, and the thread that runs units on it, one after another."""

    def __init__(self, connector: Connector, statements: Statements) -> None:
        self._connector = connector
        self._statements = statements
        self._connection: UnitConnection | None = None
        self._backend: PostgresBackend | None = None
        self.wait = Wait(self._socket)

    @property
    def pid(self) -> int:
        """The process of the server behind the connection, 0 before the first one."""
        return 0 if self._backend is None else self._backend.pid

    def serve(self, job: WorkItem) -> None:
        """Runs an item, a function of this thread's `UnitThread`, and completes its future."""
        try:
            job.value = job.fn(self)
        except BaseException as error:  # whatever it is belongs to the caller, not to this thread
            job.error = error
        settle([job])

    def write(self, fn: Callable[[Session], T], lock: int) -> T:
        """Runs `fn` in a transaction that holds the lock, commits, and returns its result."""
        return self._repeated(lambda: self._transaction(fn, "BEGIN", lock))

    def read(self, fn: Callable[[Session], T]) -> T:
        """Runs `fn` on one snapshot, unable to write."""
        return self._repeated(lambda: self._transaction(fn, _SNAPSHOT, None))

    def close(self) -> None:
        """Closes the connection; the next unit opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _repeated(self, attempt: Callable[[], T]) -> T:
        """Repeats a unit whose transaction the server undid, or whose connection had ended.

        A unit is never repeated once its COMMIT was sent, since its outcome is unknown then.
        """
        for number in range(1, _ATTEMPTS + 1):
            try:
                return attempt()
            except _TryAgain as again:
                if number == _ATTEMPTS or (again.reconnect and number > 1):
                    raise translate(again.cause) from again.cause
        raise AssertionError("unreachable")

    def _transaction(self, fn: Callable[[Session], T], begin: str, lock: int | None) -> T:
        committing = False
        session: PostgresSession | None = None
        connection = self._connected()
        try:
            with ExitStack() as pipeline:
                piped = pipeline.enter_context(self._piped(connection))
                cursor = connection.cursor()
                cursor.execute(begin, prepare=False)
                if lock is not None:
                    cursor.execute(_LOCK, (lock,))
                session = PostgresSession(
                    connection,
                    self._statements,
                    sync=piped.sync,
                    leave=pipeline.close,
                    wait=self.wait,
                )
                value = fn(session)
                if session.failure is not None:
                    raise session.failure
                committing = True
                cursor.execute("COMMIT", prepare=False)
                pipeline.close()
            if cursor.statusmessage != "COMMIT":
                raise DatabaseUnavailable(f"the server answered COMMIT by {cursor.statusmessage}")
            return value
        except BaseException as error:
            self._roll_back(connection)
            cause = error if isinstance(error, psycopg.Error) else error.__cause__
            if isinstance(cause, psycopg.Error):
                self._give_up(cause, error, committing=committing)
            raise
        finally:
            if session is not None:
                session.end()

    def _give_up(self, cause: psycopg.Error, error: BaseException, *, committing: bool) -> None:
        """Raises `_TryAgain` where the unit can be repeated, or what the driver's error means."""
        lost = is_connection_lost(cause)
        if lost:
            self.close()
        if is_retryable(cause) or (lost and not committing):
            raise _TryAgain(cause, reconnect=lost) from error
        if lost:
            with suppress(DatabaseUnavailable):
                self._connected()  # now: the lost backend may hold the partition's lock
        if isinstance(error, psycopg.Error):
            raise translate(error) from error

    @contextmanager
    def _piped(self, connection: UnitConnection) -> Iterator[psycopg.Pipeline]:
        """Holds the connection in pipeline mode. Its end waits for all answers that are left."""
        mode = connection.pipeline()
        pipeline = mode.__enter__()
        try:
            yield pipeline
        finally:
            with self.wait:
                mode.__exit__(*sys.exc_info())
            self.wait.suspect = False

    def _connected(self) -> UnitConnection:
        if self.wait.suspect:
            self.close()
        if self._connection is None or self._connection.closed:
            try:
                self._connection = self._connector.connect()
                with self.wait:
                    self._backend = greet(self._connection, self._backend)
                self.wait.suspect = False
            except psycopg.Error as error:
                self.close()
                raise translate(error) from error
        return self._connection

    def _roll_back(self, connection: UnitConnection) -> None:
        """Ends a failed transaction; where that fails, too, the connection goes."""
        state = connection.pgconn.transaction_status
        if state in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            # By libpq's own call: the driver would forget its prepared statements.
            with self.wait:
                connection.pgconn.exec_(b"ROLLBACK")
            state = connection.pgconn.transaction_status
        if state != TransactionStatus.IDLE:
            self.close()

    def _socket(self) -> int:
        return socket_of(self._connection)


class _TryAgain(Exception):
    """A transaction of which nothing is kept, and that may succeed another time."""

    def __init__(self, cause: psycopg.Error, *, reconnect: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.reconnect = reconnect
