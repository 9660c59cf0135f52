"""System clock and random ids: the functions of the operating system that are injected everywhere.

No other module asks the operating system for the time or for random ids, so tests can fix both.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from xaigh_server.identity import base62


def now() -> datetime:
    """Returns the current time in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """Returns a public id: the prefix, `_` and 20 random base62 characters."""
    return f"{prefix}_{base62.random_string(20, _buffer.random)}"


class _Buffer(threading.local):
    """Buffered randomness for ids, one buffer per thread."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Drops the buffer and starts another one."""
        self.random = base62.buffered_random(os.urandom)


_buffer = _Buffer()
os.register_at_fork(after_in_child=_buffer.renew)  # a fork must not reuse its parent's bytes


def request_ids() -> Callable[[], str]:
    """Returns a generator of request ids, `req_` and 20 characters. For one thread."""
    random = base62.buffered_random(os.urandom)
    return lambda: f"req_{base62.random_string(20, random)}"
