"""Connection to a database file, kept open and checked before each use.

SQLite goes on writing to a file after the file is deleted, and those rows are lost. So each use
compares the path with the open file. If the path is gone, the database is unavailable; if it holds
another file (a restored copy), the connection opens that one.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from xaigh_server.db.errors import DatabaseUnavailable

_CACHED_STATEMENTS = 512
_JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
_WRITER_CACHE_KIB = 16 * 1024  # what a large batch changes stays in memory until its commit
_CHECKPOINT_PAGES = 4000  # 16 MB: pages that change with every batch are copied once for several


class CheckedConnection:
    """One connection, for one thread at a time. Opens on first use; never makes a file."""

    def __init__(self, path: Path, *, read_only: bool, busy_timeout: float) -> None:
        """`busy_timeout` is in seconds: how long a statement waits for another's lock."""
        self.generation = 0  # grows with each file or connection opened
        self._path = os.fspath(path)
        self._read_only = read_only
        self._busy_timeout = busy_timeout
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def connection(self) -> sqlite3.Connection:
        """The open connection. DatabaseUnavailable: the file is gone or can't be opened."""
        try:
            found = os.stat(self._path)
        except OSError as error:
            raise DatabaseUnavailable(f"{self._path}: {error.strerror}") from error
        identity = (found.st_dev, found.st_ino)
        if self._connection is None or identity != self._identity:
            self.close()
            self._connection = self._open()
            self._identity = identity
            self.generation += 1
        return self._connection

    def roll_back(self) -> None:
        """Ends the transaction that is open, if one is. SQLite ends some by itself."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the connection; the next use opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                f"file:{quote(self._path)}?mode=rw",
                uri=True,
                timeout=self._busy_timeout,
                isolation_level=None,  # transactions are begun by us, not by the first INSERT
                check_same_thread=False,
                cached_statements=_CACHED_STATEMENTS,
            )
        except sqlite3.Error as error:
            raise DatabaseUnavailable(f"{self._path}: {error}") from error
        try:
            self._configure(connection)
        except sqlite3.Error as error:
            connection.close()
            raise DatabaseUnavailable(f"{self._path}: {error}") from error
        return connection

    def _configure(self, connection: sqlite3.Connection) -> None:
        if self._read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            connection.execute(f"PRAGMA journal_size_limit={_JOURNAL_LIMIT_BYTES}").fetchone()
            connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}").fetchone()
            connection.execute(f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA trusted_schema=OFF")


def create_file(path: Path) -> None:
    """Makes an empty database file that only its owner can read, unless one is there.

    SQLite gives its write-ahead files the same mode. Raises DatabaseUnavailable where the folder
    can't be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseUnavailable(f"{path}: {error.strerror}") from error
