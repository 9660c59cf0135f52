"""Counts of a server's connections, in all and by the address of the peer."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network

from httprule.limits import ConnectionLimits


class ConnectionCounts:
    """Counts admitted connections. One that was refused counts for nothing while it is closed."""

    def __init__(
        self, limits: ConnectionLimits, *, exempt: Callable[[str], bool] = lambda _: False
    ) -> None:
        """`exempt` tells addresses that many clients share, which have no share of their own."""
        self._limits = limits
        self._exempt = exempt
        self._all = 0
        self._of: dict[str, int] = {}

    def admit(self, address: str) -> bool:
        """Counts a connection, or returns False where the server or the address has enough."""
        if self._all >= self._limits.connections:
            return False
        if not self._exempt(address):
            of = subscriber(address)
            number = self._of.get(of, 0)
            if number >= self._limits.connections_per_address:
                return False
            self._of[of] = number + 1
        self._all += 1
        return True

    def leave(self, address: str) -> None:
        """An admitted connection has ended."""
        self._all -= 1
        if self._exempt(address):
            return
        of = subscriber(address)
        left = self._of[of] - 1
        if left:
            self._of[of] = left
        else:
            del self._of[of]


def subscriber(address: str) -> str:
    """The part of an address that one subscriber holds: of IPv6 the /64, else the address."""
    if ":" not in address:
        return address
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))
