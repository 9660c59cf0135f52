"""System clock and random ids: the functions of the operating system that are injected everywhere.

No other module asks the operating system for the time or for random ids, so tests can fix both.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from xaigh_server.identity import base62


def now() -> datetime:
    """Returns the current time in UTC."""
    return datetime.now(UTC)


def now_micros() -> int:
    """Returns the current time in microseconds since 1970."""
    return time.time_ns() // 1000


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
    """Returns a generator of request ids, `req_` and 20 characters. For one thread.

    The first 7 characters are the tenth of a second in which an id is made, the others are random.
    So ids of one second are neighbours in an index: the request log, which has a row for each call,
    writes a few of its pages and not one for each row.
    """
    random = base62.buffered_random(os.urandom)
    last, prefix = -1, ""

    def make() -> str:
        nonlocal last, prefix
        tenth = int(time.time() * 10)
        if tenth != last:
            last, prefix = tenth, f"req_{base62.encode(tenth, 7)}"
        return prefix + base62.random_string(13, random)

    return make
