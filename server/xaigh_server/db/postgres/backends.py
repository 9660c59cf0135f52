"""Backends: the processes of the server, one behind each connection.

A connection that went silent leaves a backend that knows nothing of it. Its transaction holds the
lock of a partition, and in the middle of a pipeline no time limit of the server ends it. So the
connection that takes its place ends it, by its process id and the time of its start: after a
failover another server may have given the same id to somebody else.

A process that stopped (a paused machine) leaves the same, with nobody to end it until the server's
own limit. What takes rights away doesn't wait for that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from sqlalchemy import text

from xaigh_server.db.postgres.connecting import ReadConnection, UnitConnection
from xaigh_server.db.session import Session

_GREET: LiteralString = """
SELECT own.pid, own.backend_start, pg_terminate_backend(lost.pid)
  FROM pg_stat_activity own
  LEFT JOIN pg_stat_activity lost
    ON lost.pid = $1::integer AND lost.backend_start = $2::timestamptz
 WHERE own.pid = pg_backend_pid()
"""


URGED_SECONDS = 0.05
"""How long a holder of a lock may do nothing, while a unit that is urgent waits for it."""

_END_IDLE_HOLDER = text(
    """
SELECT count(pg_terminate_backend(holder.pid))
  FROM pg_locks held
  JOIN pg_stat_activity holder ON holder.pid = held.pid
 WHERE held.locktype = 'advisory' AND held.objsubid = 1 AND held.granted
   AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (held.classid::bigint << 32) | held.objid::bigint = :lock
   AND holder.wait_event = 'ClientRead'
   AND greatest(holder.state_change, holder.query_start)
       < clock_timestamp() - make_interval(secs => :seconds)
   AND NOT held.pid::text = ANY(string_to_array(:own, ','))
"""
)


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


def end_idle_holder(lock: int, own: Collection[int], session: Session) -> int:
    """Ends the transaction that holds an advisory lock, where its client does nothing with it.

    `own` are the processes of this one's connections. Returns how many were ended: one or none.
    """
    pids = ",".join(str(each) for each in own)
    return int(session.scalar(_END_IDLE_HOLDER, lock=lock, seconds=URGED_SECONDS, own=pids))


def _backend(row: tuple[Any, ...] | None) -> PostgresBackend:
    assert row is not None, "a backend sees itself"
    return PostgresBackend(row[0], row[1])
