"""Service that lists the catalogue of scopes, to anyone."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh.keys.v1 import scopes_service_pb2 as api
from xaigh_server.identity.scopes import Catalogue, Scope
from xaigh_server.rpc.handlers import Handler, Read
from xaigh_server.rpc.scope_catalogue import ScopeRoutes
from xaigh_server.rpc.unit_of_work import UnitOfWork


class ScopesService:
    """Answers xaigh.keys.v1.ScopesService. The catalogue of a running server never changes."""

    name = "xaigh.keys.v1.ScopesService"

    def __init__(self, catalogue: Catalogue, routes: ScopeRoutes) -> None:
        scopes = sorted(catalogue.all(), key=lambda scope: scope.name)
        self._listed = api.ListScopesResponse(
            scopes=[_scope_to_pb(scope, routes) for scope in scopes]
        )

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"ListScopes": Read(run=self.list_scopes)}

    def list_scopes(
        self, request: api.ListScopesRequest, unit: UnitOfWork
    ) -> api.ListScopesResponse:
        return self._listed


def _scope_to_pb(scope: Scope, routes: ScopeRoutes) -> api.ListScopesResponse.CatalogueScope:
    return api.ListScopesResponse.CatalogueScope(
        name=scope.name,
        audience=scope.audience.value,
        mintable=scope.mintable,
        high_risk=scope.high_risk,
        summary=scope.summary,
        routes=[
            api.ListScopesResponse.CatalogueScope.Route(
                route=each.route, risk=each.risk.upper(), publishable=each.publishable
            )
            for each in routes.of(scope)
        ],
    )
