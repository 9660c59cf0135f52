"""Opener of connections to PostgreSQL, with the limits of time that every one of them has.

A server that is stopped, cut off or failing over must never hold a call: connecting, waiting for a
lock, and every statement have a limit on the server, and `tcp_user_timeout` ends a connection whose
packets nobody acknowledges. `watchdog.py` adds a limit on this side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
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

    silence: float = 4.0
    """How long the server may owe an answer before the connection counts as dead."""


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
        options = self._options("-c default_transaction_read_only=on")
        connection = await psycopg.AsyncConnection.connect(
            self._url, cursor_factory=psycopg.AsyncRawCursor, **options
        )
        _prepare(connection)
        return connection

    def _options(self, more: str = "") -> dict[str, Any]:
        limits = self._limits
        server = {
            "lock_timeout": limits.lock,
            "statement_timeout": limits.statement,
            "idle_in_transaction_session_timeout": 60,
        }
        stated = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in server.items())
        return {
            "autocommit": True,
            "prepare_threshold": 0,
            "application_name": "xaigh-server",
            "connect_timeout": max(2, round(limits.silence)),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": int(limits.silence * 1000),
            "options": f"-c timezone=UTC {stated} {more}".strip(),
        }


def _prepare(connection: UnitConnection | ReadConnection) -> None:
    connection.prepared_max = _PREPARED
    connection.adapters.register_dumper(int, _BigInt)
