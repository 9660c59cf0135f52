"""Own routes: which method of this server a call would reach, by its HTTP method and path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from google.protobuf.descriptor import ServiceDescriptor

from httprule.errors import InvalidArgument
from httprule.http_rules import rules_of
from httprule.routes import Match, Router
from xaigh_server.rpc.method import Method


class OwnRoutes:
    """The REST routes and the gRPC paths of the served methods."""

    def __init__(
        self, services: Iterable[ServiceDescriptor], methods: Mapping[str, Method]
    ) -> None:
        self._methods = methods
        self._router = Router.build(rules_of(services))

    def find(self, http_method: str, path: str) -> Method | None:
        """The method that answers a call, or None. `path` is as it was sent, without a query."""
        if http_method == "POST" and path in self._methods:
            return self._methods[path]
        try:
            found = self._router.match(http_method, path)
        except InvalidArgument:
            return None
        return self._methods[found.route.name] if isinstance(found, Match) else None
