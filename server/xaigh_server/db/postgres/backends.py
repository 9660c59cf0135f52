"""Backends: the processes of the server, one behind each connection.

A connection that went silent leaves a backend that knows nothing of it. Its transaction holds the
lock of a partition, and in the middle of a pipeline no time limit of the server ends it. So the
connection that takes its place ends it, by its process id and the time of its start: after a
failover another server may have given the same id to somebody else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from xaigh_server.db.postgres.connecting import ReadConnection, UnitConnection

_GREET: LiteralString = """
SELECT own.pid, own.backend_start, pg_terminate_backend(lost.pid)
  FROM pg_stat_activity own
  LEFT JOIN pg_stat_activity lost
    ON lost.pid = $1::integer AND lost.backend_start = $2::timestamptz
 WHERE own.pid = pg_backend_pid()
"""


class PostgresBackend(NamedTuple):
    """One process of one server."""

    pid: int
    started: datetime


def greet(connection: UnitConnection, lost: PostgresBackend | None) -> PostgresBackend:
    """Returns the backend of a new connection, and ends the one that it replaces."""
    return _backend(connection.execute(_GREET, lost or (None, None), prepare=False).fetchone())


async def greet_reader(connection: ReadConnection, lost: PostgresBackend | None) -> PostgresBackend:
    """The same for a connection of point reads."""
    cursor = await connection.execute(_GREET, lost or (None, None), prepare=False)
    return _backend(await cursor.fetchone())


def _backend(row: tuple[Any, ...] | None) -> PostgresBackend:
    assert row is not None, "a backend sees itself"
    return PostgresBackend(row[0], row[1])
