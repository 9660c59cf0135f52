"""What the parts of a process are handed rather than fetch: the time, and new names."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from xaigh_server.identity import base62


def now() -> datetime:
    """The clock of the process, in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A public id: 20 random characters behind a prefix."""
    return f"{prefix}_{base62.draw(20, _names.random)}"


class _Names(threading.local):
    """Randomness for ids, fetched in gulps: each thread has its own."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Throws away what was fetched."""
        self.random = base62.in_gulps(os.urandom)


_names = _Names()
os.register_at_fork(after_in_child=_names.renew)  # no two processes give out the same bytes


def request_ids() -> Callable[[], str]:
    """What names calls."""
    random = base62.in_gulps(os.urandom)
    return lambda: f"req_{base62.draw(20, random)}"
