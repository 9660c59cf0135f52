"""Rules on IP addresses for outbound connections: only public unicast addresses are allowed.

The tables follow the IANA special-purpose registries. They don't come from the standard library,
whose answers change with the Python version. IPv6 forms that carry an IPv4 address (NAT64, 6to4,
Teredo) are refused whole: a router outside of this server decides where such a tunnel ends.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

IpAddress: TypeAlias = IPv4Address | IPv6Address

_V4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud platform's own"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "a sink of the name system"),
        ("192.52.193.0/24", "a multicast relay"),
        ("192.88.99.0/24", "a relay of IPv6 in IPv4"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "a sink of the name system"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)

# The first match classifies an address. Everything outside of global unicast comes last.
_V6 = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "IPv4 mapped into IPv6"),
        ("::ffff:0:0:0/96", "IPv4 translated into IPv6"),
        ("::/96", "IPv4 compatible with IPv6"),
        ("64:ff9b::/96", "IPv4 behind NAT64"),
        ("64:ff9b:1::/48", "IPv4 behind NAT64"),
        ("100::/64", "discarded"),
        ("100:0:0:1::/64", "discarded"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "IPv4 behind Teredo"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "IPv4 behind 6to4"),
        ("2620:4f:8000::/48", "a sink of the name system"),
        ("3ffe::/16", "a test network of the past"),
        ("3fff::/20", "for documentation"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_ISATAP = (0x00005EFE, 0x02005EFE)


def parse(text: str) -> IpAddress | None:
    """The address that a resolver returned, or None for what isn't one. Zones are kept."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def refusal(address: IpAddress, *, allow_loopback: bool = False) -> str:
    """Why the address is never connected to, in a few words; empty for one that is."""
    if allow_loopback and is_loopback(address):
        return ""
    if isinstance(address, IPv4Address):
        return next((what for network, what in _V4 if address in network), "")
    return _refusal_v6(address)


def is_loopback(address: IpAddress) -> bool:
    """127.0.0.0/8 and ::1, in no other spelling."""
    if isinstance(address, IPv4Address):
        return address.packed[0] == 127
    return address.packed == bytes(15) + b"\x01" and address.scope_id is None


def _refusal_v6(address: IPv6Address) -> str:
    if address.scope_id is not None:
        return "bound to a link"
    for network, what in _V6:
        if address in network:
            return what
    if address not in _GLOBAL_V6:
        return "outside of global unicast"
    if int.from_bytes(address.packed[8:12], "big") in _ISATAP:
        return "IPv4 behind ISATAP"
    return ""
