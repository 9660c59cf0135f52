"""Client addresses: that of the socket, or the one that a trusted proxy forwards."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

_KEPT: Final = 4096


class Peers:
    """Reads `X-Forwarded-For` from the right, past every proxy in the trusted networks.

    Each proxy appends the address of its own client. So the first address that is not a trusted
    proxy's is the client's, and any client can have forged the ones on its left. Without trusted
    networks the header is ignored.
    """

    def __init__(self, trusted: tuple[str, ...] = ()) -> None:
        """`trusted` holds CIDR blocks. Raises `ValueError` for a malformed one."""
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(
            ip_network(block) for block in trusted
        )
        self._is_trusted = lru_cache(maxsize=_KEPT)(self._inside)

    def peer(self, socket_address: str, forwarded_for: str | None) -> str:
        """The client's address. The search ends before an entry that is no address."""
        if not self._networks or forwarded_for is None or not self._is_trusted(socket_address):
            return socket_address
        peer = socket_address
        for hop in reversed(forwarded_for.split(",")):
            address = _bare(hop)
            if address is None:
                return peer
            peer = address
            if not self._is_trusted(address):
                return peer
        return peer

    def _inside(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        if mapped is not None:
            address = mapped
        return any(
            address in network for network in self._networks if network.version == address.version
        )


def _bare(hop: str) -> str | None:
    """An address without its port and brackets; None for anything else."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
