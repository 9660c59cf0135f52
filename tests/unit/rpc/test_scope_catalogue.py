"""The catalogue of scopes: what the protos declare, checked against what is served."""

import pytest

from xaigh_server.identity.scopes import SHIPPED_FAMILIES, Audience, Catalogue, Scope
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.scope_catalogue import check_guards, read_catalogue, routes_by_scope
from xaigh_server.rpc.services import SERVICES

METHODS = read_methods(SERVICES)
CATALOGUE = read_catalogue(METHODS, SHIPPED_FAMILIES)
FAMILIES = {family.name for family in SHIPPED_FAMILIES}
OWN = [s.name for s in CATALOGUE.all() if s.mintable and s.family not in FAMILIES]


def test_every_scope_that_can_be_granted_opens_a_served_method() -> None:
    """With all methods implemented nothing is missing."""
    check_guards(CATALOGUE, METHODS, METHODS)


@pytest.mark.parametrize("scope", OWN)
def test_a_scope_whose_methods_are_not_served_stops_the_start(scope: str) -> None:
    """It would be granted and open nothing; the error names it."""
    served = [path for path, method in METHODS.items() if method.rule.scope != scope]
    with pytest.raises(ValueError, match=f"the scope {scope} can be granted but guards no method"):
        check_guards(CATALOGUE, METHODS, served)


def test_one_served_method_is_enough() -> None:
    """A scope needn't open all that it guards."""
    guarded = [path for path, method in METHODS.items() if method.rule.scope == "jobs:write"]
    served = [path for path in METHODS if path not in guarded[1:]]
    assert len(guarded) > 1
    check_guards(CATALOGUE, METHODS, served)


def test_scopes_of_operators_and_of_products_guard_nothing_here() -> None:
    """No integrator gets the first, and other servers check the second."""
    own = [
        Scope(name="keys:read", audience=Audience.OPERATOR, summary="K."),
        Scope(name="jobs:read", audience=Audience.INTEGRATOR, summary="J."),
    ]
    catalogue = Catalogue(own, SHIPPED_FAMILIES)
    served = [path for path, method in METHODS.items() if method.rule.scope == "jobs:read"]
    check_guards(catalogue, METHODS, served)


def test_routes_are_listed_by_the_scope_that_opens_them() -> None:
    """In their order; public methods and those of every key have no scope."""
    routes = routes_by_scope(METHODS)
    assert {method.rule.scope for method in routes["jobs:read"]} == {"jobs:read"}
    assert routes["applications:read"] == tuple(
        method for method in routes["jobs:read"] if method.rule.or_scope
    )
    assert sum(map(len, routes.values())) == sum(
        (method.rule.scope is not None) + (method.rule.or_scope is not None)
        for method in METHODS.values()
    )
    for methods in routes.values():
        assert [method.routes for method in methods] == sorted(each.routes for each in methods)
