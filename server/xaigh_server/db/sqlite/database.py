"""Database in one SQLite file: one writer thread, several reader threads, and an inline reader.

A point read costs 4 µs on the event loop's own thread, and 100 µs on another thread (17 µs a read
when 32 run). So point reads run on the event loop; lists and scans run on the reader threads.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import MetaData, text
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.executor import SerialExecutor, WorkItem
from xaigh_server.db.partition import Partition, check_partition
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.checked_connection import CheckedConnection, create_file
from xaigh_server.db.sqlite.errors import SqliteErrors
from xaigh_server.db.sqlite.reader import Reader
from xaigh_server.db.sqlite.writer import Writer
from xaigh_server.db.statements import Statements

T = TypeVar("T")

# Readers of a WAL file wait only for a recovery; the event loop doesn't wait for that either.
_LOOP_TIMEOUT = 0.05

# A writer waits for another process's lock by itself: SQLite's own waiting is not fair.
_LOCK_TIMEOUT = 0.001

_PROBE = text("PRAGMA schema_version")  # reads the file's first page


class SqliteDatabase:
    """Implements `Database` on one file."""

    dialect = "sqlite"

    def __init__(
        self,
        name: str,
        path: Path,
        metadata: MetaData,
        *,
        readers: int = 4,
        busy_timeout: float = 5.0,
    ) -> None:
        """`busy_timeout` is in seconds: how long a write waits for another process's lock."""
        self.name = name
        self.path = path
        self.metadata = metadata
        self._statements = Statements(SQLiteDialect_pysqlite())
        self._errors = SqliteErrors(metadata)
        self._writer = Writer(
            CheckedConnection(path, read_only=False, busy_timeout=_LOCK_TIMEOUT),
            self._statements,
            self._errors,
            busy_timeout=busy_timeout,
        )
        self._inline = self._reader(_LOOP_TIMEOUT)
        self._readers = [self._reader(busy_timeout) for _ in range(readers)]
        self._writes = SerialExecutor(f"{name}-write", [self._write])
        self._reads = SerialExecutor(f"{name}-read", [reader.serve for reader in self._readers])
        self._open = False

    async def start(self) -> None:
        create_file(self.path)
        self._writes.start()
        self._reads.start()
        self._open = True
        await self.write(lambda session: session.scalar(_PROBE), partition=Partition(self.name))

    async def close(self) -> None:
        if not self._open:
            return
        self._open = False
        await self._reads.close()
        await self._writes.close()
        for reader in (*self._readers, self._inline):
            reader.close()
        self._writer.close()  # last: the last connection folds the write-ahead file away

    async def ready(self) -> None:
        self.read_inline(lambda session: session.scalar(_PROBE))

    async def write(
        self,
        fn: Callable[[Session], T],
        *,
        partition: Partition | None = None,
        urgent: bool = False,
    ) -> T:
        check_partition(self.name, partition)
        self._check_open()
        value: T = await self._writes.submit(fn)
        return value

    async def read(self, fn: Callable[[Session], T]) -> T:
        self._check_open()
        value: T = await self._reads.submit(fn)
        return value

    async def point(self, fn: Callable[[Session], T]) -> T:
        return self.read_inline(fn)

    def read_inline(self, fn: Callable[[Session], T]) -> T:
        """Runs a read on the event loop's thread, without leaving it: point reads only."""
        self._check_open()
        value: T = self._inline.look(fn)
        return value

    def held(self) -> CheckedConnection:
        """A read-only connection of its own, for the loop's thread, to hold and to close."""
        return CheckedConnection(self.path, read_only=True, busy_timeout=_LOOP_TIMEOUT)

    def _reader(self, busy_timeout: float) -> Reader:
        handle = CheckedConnection(self.path, read_only=True, busy_timeout=busy_timeout)
        return Reader(handle, self._statements, self._errors)

    def _write(self, job: WorkItem) -> None:
        self._writer.serve(job, self._writes.queue)

    def _check_open(self) -> None:
        if not self._open:
            raise DatabaseUnavailable(f"the {self.name} database isn't open")
