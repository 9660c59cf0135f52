"""Limits of connections and bodies. Sizes are in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Limits of one connection, and of the number of `connections` of a server and of one address.

    `head_bytes` counts the request line and all headers; `head_seconds` is the time from the first
    byte of a head to its end. An unread rest of a body of up to `drain_bytes` is dropped to keep
    the connection. `linger_seconds` is the time from closing our half to closing the connection.
    A client that takes none of the bytes that wait for it is disconnected after `stall_seconds`.
    """

    head_bytes: int = 32 * 1024
    head_fields: int = 100
    head_seconds: float = 10.0
    keep_alive_seconds: float = 75.0
    drain_bytes: int = 64 * 1024
    linger_seconds: float = 2.0
    stall_seconds: float = 60.0
    connections: int = 10_000
    connections_per_address: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """Limits of a request body, after decompression.

    `body_bytes` bounds a body that is read whole, `message_bytes` one message of a request stream;
    a stream as a whole has no bound. `idle_seconds` and `stream_idle_seconds` are the longest waits
    for the next piece.
    """

    body_bytes: int = 32 * 1024 * 1024
    message_bytes: int = 32 * 1024 * 1024
    idle_seconds: float = 30.0
    stream_idle_seconds: float = 300.0
