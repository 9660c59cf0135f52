"""Builder of the scope catalogue, from protos and settings, checked against the served methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xaigh.options.v1 import options_pb2 as options
from xaigh_server.identity.scopes import (
    Audience,
    Catalogue,
    OpenedRoute,
    ProductFamily,
    Scope,
    check_roles,
)
from xaigh_server.rpc.method import Method


def read_catalogue(methods: Mapping[str, Method], families: Iterable[ProductFamily]) -> Catalogue:
    """Every scope of the deployment. Raises ValueError, naming it, for one that makes no sense."""
    publishable = {method.rule.scope for method in methods.values() if method.rule.publishable}
    secret = {method.rule.scope for method in methods.values() if not method.rule.publishable}
    own: list[Scope] = []
    for value in options.Scope.DESCRIPTOR.values:
        if value.number == 0:
            continue
        spec = value.GetOptions().Extensions[options.scope_spec]
        own.append(
            Scope(
                name=spec.name,
                audience=Audience(options.ScopeSpec.Audience.Name(spec.audience)),
                summary=spec.summary,
                high_risk=spec.high_risk,
                publishable=spec.name in publishable,
                wholly_publishable=spec.name in publishable - secret,
            )
        )
    catalogue = Catalogue(own, families)
    check_roles(catalogue)
    return catalogue


def check_guards(
    catalogue: Catalogue, methods: Mapping[str, Method], implemented: Iterable[str]
) -> None:
    """Raises ValueError for a scope that could be granted and would open nothing."""
    served = frozenset(implemented)
    guarding = {method.rule.scope for path, method in methods.items() if path in served}
    families = {family.name for family in catalogue.families}
    for scope in catalogue.all():
        if scope.mintable and scope.family not in families and scope.name not in guarding:
            raise ValueError(f"the scope {scope.name} can be granted but guards no method")


class ScopeRoutes:
    """Routes that scopes open: of the server's own methods, and of other products."""

    def __init__(self, methods: Mapping[str, Method], catalogue: Catalogue) -> None:
        self._methods = routes_by_scope(methods)
        self._catalogue = catalogue

    def of(self, scope: Scope) -> list[OpenedRoute]:
        """Returns the routes of a scope, in the order of routes."""
        own = [
            OpenedRoute(route, method.rule.risk, method.rule.publishable)
            for method in self._methods.get(scope.name, ())
            for route in method.routes
        ]
        return own or self._catalogue.product_routes(scope)


def routes_by_scope(methods: Mapping[str, Method]) -> Mapping[str, tuple[Method, ...]]:
    """The methods that each scope opens, in the order of their routes."""
    found: dict[str, list[Method]] = {}
    for method in methods.values():
        for scope in (method.rule.scope, method.rule.or_scope):
            if scope is not None:
                found.setdefault(scope, []).append(method)
    return {
        scope: tuple(sorted(each, key=lambda method: method.routes))
        for scope, each in found.items()
    }
