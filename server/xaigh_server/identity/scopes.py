"""Catalogue of scopes: their names, audiences and risk, and the operator roles that have them.

The protos declare the server's own scopes; the settings declare those of other products.
No scope implies another: `jobs:write` can't read, and there are no wildcards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from xaigh_server.identity.errors import ScopeNotMintable, ScopeUnknown

_NAME = re.compile(r"[a-z][a-z0-9]{0,30}:[a-z][a-z0-9]{0,30}", re.ASCII)


Risk = Literal["low", "medium", "high"]


class Audience(StrEnum):
    """Kind of credential that can have a scope."""

    INTEGRATOR = "INTEGRATOR"
    OPERATOR = "OPERATOR"
    SERVICE = "SERVICE"


class Role(StrEnum):
    """Role of an operator. Its scopes follow from the role alone."""

    FOUNDER = "founder"
    API_OPS = "api_ops"
    AUDITOR = "auditor"
    SERVICE = "service"


ROLE_SCOPES: Mapping[Role, frozenset[str]] = {
    Role.FOUNDER: frozenset(
        {
            "access:review",
            "audit:read",
            "keys:read",
            "keys:write",
            "organizations:write",
            "support:read",
        }
    ),
    Role.API_OPS: frozenset(
        {
            "access:review",
            "audit:read",
            "keys:read",
            "keys:write",
            "organizations:write",
            "support:read",
        }
    ),
    Role.AUDITOR: frozenset({"audit:read", "keys:read"}),
    Role.SERVICE: frozenset(
        {
            "applications:read",
            "applications:write",
            "keys:verify",
            "operations:read",
            "operations:write",
        }
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One scope. `launched` is false where its product can't be reached yet.

    `publishable` says that a publishable key can carry it, since it guards a publishable method or
    route; such a key opens these alone. `wholly_publishable` says that it guards nothing else, so
    that the scope's name alone tells what such a key may do.
    """

    name: str
    audience: Audience
    summary: str
    high_risk: bool = False
    launched: bool = True
    publishable: bool = False
    wholly_publishable: bool = False

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"scope {self.name!r} isn't of the form family:verb")

    @property
    def family(self) -> str:
        """The first part of the name: `jobs`."""
        return self.name.partition(":")[0]

    @property
    def verb(self) -> str:
        """The second part of the name: `read`."""
        return self.name.partition(":")[2]

    @property
    def mintable(self) -> bool:
        """Whether a grant, and a key, can carry it."""
        return self.audience is Audience.INTEGRATOR and self.launched


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePattern:
    """Paths of another product: `/v1/nature/*` is everything below `/v1/nature/`."""

    methods: frozenset[str]
    path: str
    publishable: bool = False
    """Whether publishable keys may call it."""

    def matches(self, method: str, path: str) -> bool:
        """Whether the pattern covers a call. Paths that could be read in two ways never match."""
        if method not in self.methods or not _plain_path(path):
            return False
        if self.path.endswith("/*"):
            return path.startswith(self.path[:-1]) and len(path) >= len(self.path)
        return path == self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRoute:
    """A call of another product: the scope that guards it, and whether browsers may make it."""

    scope: str
    publishable: bool


class OpenedRoute(NamedTuple):
    """A route that a scope opens: `POST /v1/jobs/post`, its risk, and whether browsers may call."""

    route: str
    risk: Risk
    publishable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFamily:
    """A product on another server that accepts our keys: its routes, by verb."""

    name: str
    launched: bool
    routes: Mapping[str, Sequence[RoutePattern]]
    summary: str = ""
    high_risk: frozenset[str] = frozenset()

    def risk(self, verb: str, method: str) -> Risk:
        """The risk of a route: that of its scope; otherwise a GET's is low, a write's medium."""
        if verb in self.high_risk:
            return "high"
        return "low" if method == "GET" else "medium"


def _family(name: str, *, launched: bool) -> ProductFamily:
    path = f"/v1/{name}/*"
    return ProductFamily(
        name=name,
        launched=launched,
        routes={
            "read": (RoutePattern(methods=frozenset({"GET"}), path=path),),
            "write": (RoutePattern(methods=frozenset({"POST", "PATCH", "DELETE"}), path=path),),
        },
    )


SHIPPED_FAMILIES: tuple[ProductFamily, ...] = (
    _family("nature", launched=True),
    _family("payroll", launched=False),
    _family("careers", launched=False),
    _family("situational", launched=False),
)


class Catalogue:
    """All scopes of a deployment. Raises ValueError on a name that comes twice."""

    def __init__(self, own: Iterable[Scope], families: Iterable[ProductFamily] = ()) -> None:
        self.families = tuple(families)
        self._scopes: dict[str, Scope] = {}
        for scope in own:
            self._add(scope)
        for family in self.families:
            for scope in _scopes_of(family):
                self._add(scope)

    def __contains__(self, name: object) -> bool:
        return name in self._scopes

    def get(self, name: str) -> Scope | None:
        """The scope of that name, or None."""
        return self._scopes.get(name)

    def all(self) -> tuple[Scope, ...]:
        """Every scope: the gate's own first, each group in its order of declaration."""
        return tuple(self._scopes.values())

    def high_risk(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that need two operators in production, sorted."""
        return tuple(sorted(n for n in set(names) if n in self and self._scopes[n].high_risk))

    def require_known(self, names: Sequence[str], *, path: str = "scopes") -> None:
        """Raises ScopeUnknown for names that aren't in the catalogue."""
        unknown = [name for name in dict.fromkeys(names) if name not in self._scopes]
        if unknown:
            raise ScopeUnknown(unknown, path=path)

    def require_mintable(self, names: Sequence[str], *, path: str = "scopes") -> None:
        """Raises ScopeUnknown, then ScopeNotMintable for scopes that no key may carry."""
        self.require_known(names, path=path)
        refused = [name for name in dict.fromkeys(names) if not self._scopes[name].mintable]
        if refused:
            raise ScopeNotMintable(refused)

    def product_route(self, method: str, path: str) -> ProductRoute | None:
        """The route of another product, launched or not, that covers a call; None: there is none.

        `path` is as in the request line, without the query, never decoded. A call is publishable
        where any pattern that covers it is.
        """
        for family in self.families:
            for verb, patterns in family.routes.items():
                found = [pattern for pattern in patterns if pattern.matches(method, path)]
                if found:
                    return ProductRoute(
                        scope=f"{family.name}:{verb}",
                        publishable=any(pattern.publishable for pattern in found),
                    )
        return None

    def product_routes(self, scope: Scope) -> list[OpenedRoute]:
        """The routes that a scope of another product opens."""
        return [
            OpenedRoute(
                f"{method} {pattern.path}", family.risk(scope.verb, method), pattern.publishable
            )
            for family in self.families
            if family.name == scope.family
            for pattern in family.routes.get(scope.verb, ())
            for method in sorted(pattern.methods)
        ]

    def of_products_alone(self, names: Iterable[str]) -> bool:
        """Whether there are scopes, and each is another product's: they reach no employer here."""
        families = {family.name for family in self.families}
        found = [name.partition(":")[0] for name in names]
        return bool(found) and families.issuperset(found)

    def _add(self, scope: Scope) -> None:
        if scope.name in self._scopes:
            raise ValueError(f"scope {scope.name} is declared twice")
        self._scopes[scope.name] = scope


def check_roles(catalogue: Catalogue) -> None:
    """Raises ValueError if a role names a scope that doesn't exist or isn't for operators."""
    for role, names in ROLE_SCOPES.items():
        for name in sorted(names):
            scope = catalogue.get(name)
            if scope is None or scope.audience is Audience.INTEGRATOR:
                raise ValueError(f"role {role} names {name}, which no operator can hold")


def _scopes_of(family: ProductFamily) -> Iterable[Scope]:
    for verb, patterns in family.routes.items():
        reach = ", ".join(
            f"{'|'.join(sorted(pattern.methods))} {pattern.path}" for pattern in patterns
        )
        yield Scope(
            name=f"{family.name}:{verb}",
            audience=Audience.INTEGRATOR,
            summary=family.summary or f"Call {reach}.",
            high_risk=verb in family.high_risk,
            launched=family.launched,
            publishable=any(pattern.publishable for pattern in patterns),
            wholly_publishable=all(pattern.publishable for pattern in patterns),
        )


def _plain_path(path: str) -> bool:
    """Whether every server along the way reads the path alike: no dots, doubles or escapes."""
    if not path.startswith("/") or not path.isascii() or not path.isprintable():
        return False
    if any(character in path for character in "%\\?#; "):
        return False
    segments = path.split("/")[1:]
    return not any(segment in ("", ".", "..") for segment in segments)
