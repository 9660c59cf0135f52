"""Who calls. A principal is the outcome of a credential that was looked up and found good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xaigh_server.identity.cidr import ANYWHERE, Cidrs
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.scopes import Role


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
    """A person of ours, or an internal service."""

    operator_id: str
    credential_id: str
    name: str
    role: Role
    scopes: frozenset[str]
    expires_at: datetime | None = None


Principal = Anonymous | KeyPrincipal | OperatorPrincipal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The principal of a credential, and the epoch under which it was read.

    While the epoch stands and `expires_at` lies ahead, the credential's rights are these.
    """

    principal: KeyPrincipal | OperatorPrincipal
    epoch: int


ANONYMOUS = Anonymous()
