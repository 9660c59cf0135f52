"""Watchdog: ends connections on which the server has owed an answer for too long.

A firewall that drops packets, a stopped server or a failover behind an address leave a connection
open and silent. The server's own time limits can't be heard then, and a blocked thread can't look
at a clock. So the event loop looks at all waits, and shuts the sockets of those that are overdue;
the thread's call then fails as for any lost connection.

What made one connection silent has mostly hit the others, too, so all of them are suspect then,
until they answer: one that is idle is replaced before its next use, and one that owes an answer
isn't waited for much longer. Calls don't find them out one after another.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from types import TracebackType

_LOOK_SECONDS = 0.25
_SUSPECT_SECONDS = 0.75  # how long a suspect connection may owe an answer


class Wait:
    """Times how long the server owes an answer on one connection. A context manager."""

    __slots__ = ("_lock", "_since", "_socket", "suspect")

    def __init__(self, socket_of: Callable[[], int]) -> None:
        """`socket_of` gives the connection's file descriptor, -1 for none; called during waits."""
        self._lock = threading.Lock()
        self._since: float | None = None
        self._socket = socket_of
        self.suspect = False
        """Whether the connection may be dead: it hasn't answered since another one was cut.

        Whoever gets an answer clears it.
        """

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
        """Shuts the connection's socket if its wait is longer than `limit` seconds, or suspect.

        An answer that has come, and that this busy process hasn't looked at yet, is no silence.
        """
        if self.suspect:
            limit = min(limit, _SUSPECT_SECONDS)
        with self._lock:
            if self._since is None or time.monotonic() - self._since < limit:
                return False
            number = self._socket()
            if number < 0 or _is_readable(number):
                return False
            with suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
                copy.shutdown(socket.SHUT_RDWR)
            return True


async def watch(limits: Mapping[Wait, float], everyone: Collection[Wait]) -> None:
    """Cuts waits that are longer than their limits, in seconds, until it is cancelled.

    `everyone` has the waits of all databases of this process, which are suspect after a cut.
    """
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        cut = [wait for wait, limit in limits.items() if wait.cut_if_overdue(limit)]
        if cut:
            for wait in everyone:
                wait.suspect = True


def _is_readable(number: int) -> bool:
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
