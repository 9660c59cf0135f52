"""Names and addresses under which callers reach this very server: never a callback's.

A callback to the server itself would let one caller make requests with the server's address as the
peer, and an endpoint answer its own events. Three sources: the setting `public_names`, the names of
the TLS certificate, and the addresses of this machine, which no list has to hold.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xaigh_server.net import addresses
from xaigh_server.net.addresses import IpAddress

_DISCARD = 9  # any port: nothing is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHosts:
    """`names` are lower-case, `*.` at the front standing for one label. Addresses of this machine
    count without being in `addresses`."""

    names: frozenset[str] = frozenset()
    addresses: frozenset[IpAddress] = frozenset()

    def has_name(self, host: str) -> bool:
        """Whether the lower-case ASCII name is one of the server's."""
        _, _, parent = host.partition(".")
        return host in self.names or f"*.{parent}" in self.names

    def has_address(self, address: IpAddress) -> bool:
        """Whether the address is one of the server's. Loopback has a rule of its own."""
        return address in self.addresses or _is_of_this_machine(address)


def own_hosts(listed: Iterable[str], certificate: Path | None = None) -> OwnHosts:
    """Returns the hosts in a setting and in a PEM file with a certificate chain.

    Raises OSError or ValueError for a file that holds no certificate.
    """
    texts = [*listed, *(_certified(certificate) if certificate else ())]
    found = {text: addresses.parse(text.strip("[]")) for text in texts}
    return OwnHosts(
        names=frozenset(text.lower().rstrip(".") for text, each in found.items() if each is None),
        addresses=frozenset(each for each in found.values() if each is not None),
    )


def _certified(path: Path) -> list[str]:
    from cryptography import x509

    leaf = x509.load_pem_x509_certificates(path.read_bytes())[0]
    with suppress(x509.ExtensionNotFound):
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = names.get_values_for_type(x509.IPAddress)
        return [*names.get_values_for_type(x509.DNSName), *map(str, found)]
    return []


def _is_of_this_machine(address: IpAddress) -> bool:
    """Asks the routing table: a machine reaches its own address from that very address."""
    if addresses.is_loopback(address):
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect((str(address), _DISCARD))  # UDP: chooses a route and sends nothing
        return addresses.parse(str(probe.getsockname()[0])) == address
    return False
