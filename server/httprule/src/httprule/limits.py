"""What a connection and a body may take. Sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What one connection may take.

    `head_bytes` counts the request line and all headers, `head_seconds` runs from the first byte of
    a head to its end. `drain_bytes` is how much of an unread body is dropped to keep a connection.
    `stall_seconds` is how long a reader may take none of the bytes that wait for it.
    """

    head_bytes: int = 32 * 1024
    head_fields: int = 100
    head_seconds: float = 10.0
    keep_alive_seconds: float = 75.0
    drain_bytes: int = 64 * 1024
    linger_seconds: float = 2.0
    stall_seconds: float = 60.0
    connections: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """What a body may take; sizes count after inflating.

    `body_bytes` bounds a body that is read whole; `message_bytes` one message of a request stream,
    whose sum has no bound. `idle_seconds` is the longest wait for the next piece.
    """

    body_bytes: int = 32 * 1024 * 1024
    message_bytes: int = 32 * 1024 * 1024
    idle_seconds: float = 30.0
    stream_idle_seconds: float = 300.0
