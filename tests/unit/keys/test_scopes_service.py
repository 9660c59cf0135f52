"""The public list of scopes: what each opens, how risky that is, and whether it can be granted."""

from typing import Any

import pytest
from tests.harness.call import METHODS

from xaigh.keys.v1 import scopes_service_pb2 as api
from xaigh_server.identity.scopes import ProductFamily, RoutePattern
from xaigh_server.keys.scopes_service import ScopesService
from xaigh_server.rpc.scope_catalogue import ScopeRoutes, read_catalogue

FAMILY = ProductFamily(
    name="games",
    launched=False,
    routes={
        "read": (
            RoutePattern(methods=frozenset({"GET"}), path="/v1/games/scores", publishable=True),
            RoutePattern(methods=frozenset({"GET"}), path="/v1/games/*"),
        )
    },
)


@pytest.fixture
def scopes() -> dict[str, Any]:
    """The scopes by name, as a call lists them."""
    catalogue = read_catalogue(METHODS, [FAMILY])
    service = ScopesService(catalogue, ScopeRoutes(METHODS, catalogue))
    reply = service.list_scopes(api.ListScopesRequest(), None)  # type: ignore[arg-type]  # not used
    assert [each.name for each in reply.scopes] == sorted(each.name for each in reply.scopes)
    return {each.name: each for each in reply.scopes}


def _routes(scope: Any) -> list[tuple[str, str, bool]]:
    return [(each.route, each.risk, each.publishable) for each in scope.routes]


def test_a_scope_of_our_own(scopes: dict[str, Any]) -> None:
    """Summary, audience and risk are those of the protos."""
    writing = scopes["jobs:write"]
    assert (writing.audience, writing.mintable, writing.high_risk) == ("INTEGRATOR", True, True)
    assert "real people" in writing.summary
    assert ("POST /v1/jobs/post", "HIGH", False) in _routes(writing)
    assert ("GET /v1/published-jobs", "LOW", True) in _routes(scopes["jobs:read"])
    assert ("GET /v1/jobs/{job_id}", "LOW", False) in _routes(scopes["jobs:read"])


def test_a_scope_of_operators_is_not_for_integrators(scopes: dict[str, Any]) -> None:
    """It is listed, so that a page can explain it, and can't be granted."""
    assert (scopes["keys:read"].audience, scopes["keys:read"].mintable) == ("OPERATOR", False)


def test_a_scope_of_another_product(scopes: dict[str, Any]) -> None:
    """Its routes are those of the settings; before the launch it can't be granted."""
    reading = scopes["games:read"]
    assert not reading.mintable
    assert _routes(reading) == [
        ("GET /v1/games/scores", "LOW", True),
        ("GET /v1/games/*", "LOW", False),
    ]
