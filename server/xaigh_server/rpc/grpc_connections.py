"""Connections of a gRPC port, as sockets of this process.

gRPC's core accepts every connection. It has no limit for an address and no way to close one. But
the kernel lists its sockets under /proc/self/fd, where this module finds and shuts them. Where
there is no /proc, nothing here has an effect.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import structlog

from httprule.connections import subscriber
from xaigh_server.log_events import LogEvent

_FILES = "/proc/self/fd"

_log = structlog.get_logger("xaigh.grpc")


class _Found(NamedTuple):
    """A socket: its file descriptor, and the peer's address and port, of a listening one none."""

    number: int
    peer: tuple[str, int] | None


class ConnectionShares:
    """Closes connections that an address has beyond its share, those that came last."""

    def __init__(
        self, *, per_address: int, port: Callable[[], int], exempt: Callable[[str], bool]
    ) -> None:
        """`exempt` tells addresses that many clients share, which have no share of their own."""
        self._per_address = per_address
        self._port = port
        self._exempt = exempt
        self._first_seen: dict[tuple[str, int], int] = {}
        self._passes = 0
        self._beyond: set[str] = set()

    async def enforce(self) -> None:
        """Looks once. Without enough open files for any address to be beyond, it costs nothing."""
        if _open_files() > self._per_address:
            await asyncio.to_thread(self.close_excess)

    def close_excess(self) -> int:
        """Shuts what is beyond the shares. Returns the number of connections."""
        self._passes += 1
        port = self._port()
        found = [each for each in _sockets(port) if each.peer is not None]
        seen = self._first_seen
        self._first_seen = {
            each.peer: seen.get(each.peer, self._passes) for each in found if each.peer is not None
        }
        excess = self._excess(found)
        for each in excess:
            _shut(each, port)
        self._tell(excess)
        return len(excess)

    def _excess(self, found: list[_Found]) -> list[_Found]:
        counts: Counter[str] = Counter()
        excess = []
        for each in sorted(found, key=self._age):
            address = each.peer[0] if each.peer is not None else ""
            if self._exempt(address):
                continue
            counts[subscriber(address)] += 1
            if counts[subscriber(address)] > self._per_address:
                excess.append(each)
        return excess

    def _age(self, each: _Found) -> int:
        return self._first_seen[each.peer] if each.peer is not None else 0

    def _tell(self, excess: list[_Found]) -> None:
        """Logs each address when it goes beyond its share, not while it stays there."""
        beyond = Counter(subscriber(each.peer[0]) for each in excess if each.peer is not None)
        for address in beyond.keys() - self._beyond:
            _log.warning(LogEvent.GRPC_SHARE_EXCEEDED, peer=address, number=beyond[address])
        self._beyond = set(beyond)


def hang_up(port: int) -> None:
    """Shuts the sockets of this process at a local port: the listening ones, then the rest.

    The library has no other way to close its connections without cancelling their calls.
    """
    for each in sorted(_sockets(port), key=lambda each: each.peer is not None):
        _shut(each, port)


def _open_files() -> int:
    with suppress(OSError):
        return len(os.listdir(_FILES))
    return 0


def _sockets(port: int) -> Iterator[_Found]:
    """The sockets at a local port. They belong to the library, so none is kept or closed."""
    numbers: list[str] = []
    with suppress(OSError):
        numbers = os.listdir(_FILES)
    for number in numbers:
        with suppress(OSError):  # closed by now
            if os.readlink(f"{_FILES}/{number}").startswith("socket:"):
                each = socket.socket(fileno=int(number))
                try:
                    if _is_at(each, port):
                        yield _Found(int(number), _peer(each))
                finally:
                    each.detach()


def _shut(found: _Found, port: int) -> None:
    """Shuts a socket, unless its descriptor has become another one's."""
    # The duplicate stays the same socket, whatever the library does meanwhile.
    with suppress(OSError), socket.socket(fileno=os.dup(found.number)) as each:
        if _is_at(each, port) and _peer(each) == found.peer:
            each.shutdown(socket.SHUT_RDWR)


def _is_at(each: socket.socket, port: int) -> bool:
    return each.family != socket.AF_UNIX and each.getsockname()[1] == port


def _peer(each: socket.socket) -> tuple[str, int] | None:
    if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return None
    host, port, *_ = each.getpeername()
    return str(host), int(port)
