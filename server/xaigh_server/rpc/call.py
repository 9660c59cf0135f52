"""State of one call, which the interceptors fill in and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from xaigh_server.identity.principal import (
    ANONYMOUS,
    KeyPrincipal,
    OperatorPrincipal,
    Principal,
)
from xaigh_server.rpc.method import Method

Transport = Literal["grpc", "rest"]


@dataclass(frozen=True, slots=True)
class EmployersOf:
    """Employers that one call was about.

    Without one of those it `needs` a call is refused; without one that it `lists` its reply is
    smaller.
    """

    needs: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Call:
    """One call on either transport.

    `metadata` holds lower-case names in the order they came, repeated ones repeated. `peer` is an
    IP address in text, of the socket or of a trusted proxy's client. `deadline` is the seconds that
    the caller allows, None for no limit. Each interceptor sets its own part of the rest.
    """

    method: Method
    transport: Transport
    metadata: tuple[tuple[str, str], ...]
    peer: str
    received: datetime
    deadline: float | None = None
    query: str = field(default="", repr=False)
    """The raw query string of a REST call: a key in it is a leak, so it is never printed."""
    request_id: str = ""
    client_request_id: str = ""
    principal: Principal = ANONYMOUS
    epoch: int = -1
    """The epoch of credentials under which the principal was authorized; -1 before that."""
    environment: str = ""
    """`sandbox` or `production` once it is known; empty for calls on the control database."""
    idempotency_key: str = ""
    resource: str = ""
    """The ids in the request's path, once it is decoded; empty for a method without any."""
    employers: EmployersOf | None = None
    """The employers that the call was about, once a check has found them on the grant."""
    replayed: bool = False
    metered: bool = False
    """Whether its usage is committed with its write, so that nobody counts it again."""
    reply_metadata: list[tuple[str, str]] = field(default_factory=list)
    """Sent with the head of the reply, also with the head of an error."""
    detached: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    """Values of the request's fields with the option `detached`, by the name of the field. The
    message holds none of them."""
    encode: Callable[[Any], Any] | None = field(default=None, repr=False)
    """Encodes a reply for the transport. `Errors` runs it, so that a reply that can't be encoded is
    a failed call like any other."""

    @property
    def scope(self) -> str:
        """Whose call this is, and in which environment.

        Within it an idempotency key is unique and a page token is good: the organization of a key,
        an operator, or the address of a caller without a credential.
        """
        principal = self.principal
        if isinstance(principal, KeyPrincipal):
            return organization_scope(principal.environment, principal.organization_id)
        if isinstance(principal, OperatorPrincipal):
            return f"{self.environment or 'control'}/operator:{principal.operator_id}"
        return f"control/peer:{self.peer}"

    def header(self, name: str) -> str:
        """The first value of a header by its lower-case name, or an empty text."""
        for key, value in self.metadata:
            if key == name:
                return value
        return ""

    def headers(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.metadata if key == name]


def organization_scope(environment: str, organization_id: str) -> str:
    """Returns the scope of calls by an organization's keys."""
    return f"{environment}/organization:{organization_id}"
