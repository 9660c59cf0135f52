"""Watchdog: ends connections on which the server has owed an answer for too long.

A firewall that drops packets, a stopped server or a failover behind an address leave a connection
open and silent. The server's own time limits can't be heard then, and a blocked thread can't look
at a clock. So the event loop looks at all waits, and shuts the sockets of those that are overdue;
the thread's call then fails as for any lost connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType

_LOOK_SECONDS = 0.25


class Wait:
    """Times how long the server owes an answer on one connection. A context manager."""

    __slots__ = ("_lock", "_since", "_socket")

    def __init__(self, socket_of: Callable[[], int]) -> None:
        """`socket_of` gives the connection's file descriptor; called only during a wait."""
        self._lock = threading.Lock()
        self._since: float | None = None
        self._socket = socket_of

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:  # the socket isn't closed, and its number not reused, during a cut
            self._since = None

    def cut_if_overdue(self, limit: float) -> bool:
        """Shuts the connection's socket if its wait is longer than `limit` seconds."""
        with self._lock:
            if self._since is None or time.monotonic() - self._since < limit:
                return False
            with suppress(OSError), socket.socket(fileno=os.dup(self._socket())) as copy:
                copy.shutdown(socket.SHUT_RDWR)
            return True


async def watch(limits: Mapping[Wait, float]) -> None:
    """Cuts waits that are longer than their limits, in seconds, until it is cancelled."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        for wait, limit in limits.items():
            wait.cut_if_overdue(limit)
