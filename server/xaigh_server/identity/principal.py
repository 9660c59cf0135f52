"""Principals: authenticated callers, and the address ranges that they may call from."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.scopes import Role

MAX_BLOCKS = 100

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Cidrs:
    """An allowlist. An empty one allows every address."""

    blocks: tuple[_Network, ...] = ()

    @classmethod
    def parse(cls, texts: Sequence[str], *, path: str = "allowedCidrs") -> Cidrs:
        """Reads blocks (`203.0.113.0/24`) and single addresses. Raises FieldInvalid, naming each.

        A block with host bits set is refused: it is either a typing error or meant as a single
        address, and a guess could admit the wrong addresses.
        """
        blocks: list[_Network] = []
        violations: list[FieldViolation] = []
        for index, text in enumerate(texts):
            try:
                blocks.append(_unmapped(ipaddress.ip_network(text)))
            except ValueError:
                violations.append(
                    FieldViolation(
                        path=f"{path}[{index}]",
                        description="Not a CIDR block or an address, or host bits are set.",
                    )
                )
        if len(texts) > MAX_BLOCKS:
            description = f"At most {MAX_BLOCKS} blocks."
            violations.append(FieldViolation(path=path, description=description))
        if violations:
            raise FieldInvalid(violations)
        return cls(tuple(dict.fromkeys(blocks)))

    def texts(self) -> tuple[str, ...]:
        """The blocks in their canonical form, in the order given."""
        return tuple(str(block) for block in self.blocks)

    def allow(self, peer: str) -> bool:
        """Whether `peer`, an address without a port, is in a block. Unreadable peers are not."""
        if not self.blocks:
            return True
        try:
            address = _plain(ipaddress.ip_address(peer))
        except ValueError:
            return False
        return any(address.version == block.version and address in block for block in self.blocks)


ANYWHERE = Cidrs()


def _plain(address: _Address) -> _Address:
    """The IPv4 address within a mapped one: a dual-stack socket reports IPv4 peers so."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _unmapped(network: _Network) -> _Network:
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.IPv4Network((mapped, network.prefixlen - 96))
    return network


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous:
    """No credential was sent; enough for public methods alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFacts:
    """What a key may do: the facts of its grant's current revision."""

    id: str
    revision: int
    scopes: frozenset[str]
    employer_ids: frozenset[str]
    tier: str
    expires_at: datetime | None = None

    def covers(self, employer_ids: Iterable[str]) -> bool:
        """Whether all of the employers are on the grant: what every check by employer asks."""
        return self.employer_ids.issuperset(employer_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPrincipal:
    """An integrator's key. `scopes` are the key's own, never wider than its grant's.

    `deprecated_at` and `sunset_at` are set while the key is in the grace of its rotation: since
    when it is replaced, and when it ends.
    """

    key_id: str
    key_type: KeyType
    environment: Environment
    organization_id: str
    name: str
    scopes: frozenset[str]
    grant: GrantFacts
    origins: frozenset[str] = frozenset()
    cidrs: Cidrs = ANYWHERE
    expires_at: datetime | None = None
    deprecated_at: datetime | None = None
    sunset_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPrincipal:
    """A person of ours, or an internal service.

    `person` is the same for all operators of one person, who count as one where two have to agree.
    """

    operator_id: str
    credential_id: str
    name: str
    person: str
    role: Role
    scopes: frozenset[str]
    expires_at: datetime | None = None


Principal = Anonymous | KeyPrincipal | OperatorPrincipal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The principal of a credential, and the epoch under which it was read.

    The rights hold until the epoch changes or `expires_at` has passed. The epoch -1 never holds:
    the rights changed while they were read.
    """

    principal: KeyPrincipal | OperatorPrincipal
    epoch: int


ANONYMOUS = Anonymous()
