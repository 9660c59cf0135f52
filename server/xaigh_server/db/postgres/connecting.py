"""Opener of connections to PostgreSQL, with the limits of time that every one of them has.

A server that is stopped, cut off or failing over must never hold a call: connecting, waiting for a
lock, and every statement have a limit on the server, and `tcp_user_timeout` ends a connection whose
packets nobody acknowledges. `watchdog.py` adds a limit on this side.

The limits are in an order: `lock` < `statement` < `silence`, and `read` < `answer`. What takes the
server too long is refused by it before its connection counts as dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper

UnitConnection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
UnitCursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]
ReadConnection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]
ReadCursor: TypeAlias = psycopg.AsyncCursor[tuple[Any, ...]]

_PREPARED = 512  # statements that a connection keeps; the server has fewer


class _BigInt(Int8Dumper):
    """Sends every int as a bigint: by its size, one statement would be prepared several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLimits:
    """How long one database may be waited for, in seconds."""

    turn: float = 5.0
    """How long a call waits for its turn on this side: for its partition, and for a connection."""

    lock: float = 2.5
    """How long a unit waits on the server for its partition's lock."""

    statement: float = 3.0
    """How long the server runs one statement, its waiting for a lock included."""

    silence: float = 3.25
    """How long the server may owe an answer before the connection counts as dead."""

    read: float = 1.2
    """How long the server runs the statement of a point read."""

    answer: float = 1.5
    """How long a connection may owe the answer to a point read before another one is asked."""

    idle: float = 10.0
    """How long the server keeps a transaction whose next statement doesn't come."""

    unacknowledged: float = 2.0
    """How long the kernel waits for the other machine to acknowledge a packet."""

    connect: float = 3.0
    """How long opening a connection may take, for each host of the URL."""


class Connector:
    """Opens connections of one database."""

    def __init__(self, url: str, limits: WaitLimits) -> None:
        self._url = f"postgresql://{url.partition('://')[2]}"  # without the name of a driver
        self._limits = limits

    def connect(self) -> UnitConnection:
        """Opens a connection for the units and reads of one thread."""
        connection = psycopg.Connection.connect(
            self._url, cursor_factory=psycopg.RawCursor, **self._options()
        )
        _prepare(connection)
        return connection

    async def connect_reader(self) -> ReadConnection:
        """Opens a connection that reads single statements, each a transaction of its own."""
        limit = _milliseconds(self._limits.read)
        options = self._options(
            lock_timeout=limit, statement_timeout=limit, default_transaction_read_only="on"
        )
        if conninfo_to_dict(self._url).get("target_session_attrs") == "read-write":
            # The driver would take the connection, which may only read, for one to a standby.
            options["target_session_attrs"] = "primary"
        connection = await psycopg.AsyncConnection.connect(
            self._url, cursor_factory=psycopg.AsyncRawCursor, **options
        )
        _prepare(connection)
        return connection

    def _options(self, **more: object) -> dict[str, Any]:
        """`more` are settings of the server, beside or instead of those of every connection."""
        limits = self._limits
        server = {
            "timezone": "UTC",
            "lock_timeout": _milliseconds(limits.lock),
            "statement_timeout": _milliseconds(limits.statement),
            "idle_in_transaction_session_timeout": _milliseconds(limits.idle),
            # A machine of ours that is gone must not hold a lock.
            "tcp_keepalives_idle": 5,
            "tcp_keepalives_interval": 2,
            "tcp_keepalives_count": 3,
            **more,
        }
        return {
            "autocommit": True,
            "prepare_threshold": 0,
            "application_name": "xaigh-server",
            "connect_timeout": round(limits.connect),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": _milliseconds(limits.unacknowledged),
            "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
        }


def socket_of(connection: UnitConnection | ReadConnection | None) -> int:
    """Returns the file descriptor of a connection, -1 where it has ended."""
    try:
        return -1 if connection is None else connection.fileno()
    except psycopg.OperationalError:
        return -1


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _prepare(connection: UnitConnection | ReadConnection) -> None:
    connection.prepared_max = _PREPARED
    connection.adapters.register_dumper(int, _BigInt)
