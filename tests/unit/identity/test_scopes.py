"""The catalogue of scopes."""

from dataclasses import replace

import pytest

from xaigh_server.identity.errors import ScopeNotMintable, ScopeUnknown
from xaigh_server.identity.scopes import (
    ROLE_SCOPES,
    SHIPPED_FAMILIES,
    Audience,
    Catalogue,
    ProductFamily,
    RoutePattern,
    Scope,
    check_roles,
)

OWN = [
    Scope(name="jobs:read", audience=Audience.INTEGRATOR, summary="Read."),
    Scope(name="jobs:write", audience=Audience.INTEGRATOR, summary="Write.", high_risk=True),
    Scope(name="access:review", audience=Audience.OPERATOR, summary="Review."),
]
CATALOGUE = Catalogue(OWN, SHIPPED_FAMILIES)


def test_products_join_the_catalogue() -> None:
    """Each family brings a scope for each of its verbs."""
    names = [scope.name for scope in CATALOGUE.all()]
    assert names[:3] == ["jobs:read", "jobs:write", "access:review"]
    assert {"nature:read", "nature:write", "payroll:read", "situational:write"} <= set(names)


@pytest.mark.parametrize("name", ["nature:read", "nature:write", "jobs:read"])
def test_mintable(name: str) -> None:
    """Scopes of integrators whose product is launched."""
    CATALOGUE.require_mintable([name])


@pytest.mark.parametrize("name", ["payroll:read", "careers:write", "access:review"])
def test_not_mintable(name: str) -> None:
    """Unlaunched products, and scopes that aren't for integrators."""
    with pytest.raises(ScopeNotMintable) as caught:
        CATALOGUE.require_mintable(["jobs:read", name])
    assert caught.value.metadata == {"scopes": name}


@pytest.mark.parametrize("name", ["jobs:*", "jobs:delete", "*", "", "JOBS:READ", "jobs"])
def test_unknown(name: str) -> None:
    """No wildcards, no folding of case; unknown comes before unmintable."""
    with pytest.raises(ScopeUnknown) as caught:
        CATALOGUE.require_mintable(["payroll:read", name], path="requestedScopes")
    assert [violation.path for violation in caught.value.violations] == ["requestedScopes"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/nature/trails", "nature:read"),
        ("GET", "/v1/nature/trails/7:photos", "nature:read"),
        ("POST", "/v1/nature/trails", "nature:write"),
        ("PATCH", "/v1/nature/trails/7", "nature:write"),
        ("DELETE", "/v1/nature/trails/7", "nature:write"),
        ("GET", "/v1/payroll/runs", "payroll:read"),
        ("PUT", "/v1/nature/trails/7", None),
        ("get", "/v1/nature/trails", None),
        ("GET", "/v1/nature", None),
        ("GET", "/v1/nature/", None),
        ("GET", "/v1/naturex/a", None),
        ("GET", "/v1/nature/../payroll/runs", None),
        ("GET", "/v1/nature/./a", None),
        ("GET", "/v1/nature//a", None),
        ("GET", "/v1/nature/%2e%2e/payroll", None),
        ("GET", "/v1/nature/a%2fb", None),
        ("GET", "/v1/nature\\a", None),
        ("GET", "/v1/nature/a?b", None),
        ("GET", "/v1/nature/a\n", None),
        ("GET", "//v1/nature/a", None),
        ("GET", "v1/nature/a", None),
    ],
)
def test_routes_of_products(method: str, path: str, scope: str | None) -> None:
    """A path that two servers could read differently belongs to no scope."""
    found = CATALOGUE.product_route(method, path)
    assert (None if found is None else found.scope) == scope


def test_a_route_is_publishable_where_any_pattern_says_so() -> None:
    """The scope can then be held by a publishable key; whole only where all of it is."""
    pattern = RoutePattern(methods=frozenset({"GET"}), path="/v1/parks/*")
    page = replace(pattern, path="/v1/parks/map", publishable=True)
    for patterns, whole in (((pattern, page), False), ((page,), True)):
        family = ProductFamily(name="parks", launched=True, routes={"read": patterns})
        catalogue = Catalogue(OWN, [family])
        scope = catalogue.get("parks:read")
        assert scope is not None
        assert (scope.publishable, scope.wholly_publishable) == (True, whole)
        found = catalogue.product_route("GET", "/v1/parks/map")
        assert found is not None and found.publishable
        other = catalogue.product_route("GET", "/v1/parks/list")
        assert other is None if whole else other is not None and not other.publishable


def test_routes_of_products_have_a_risk() -> None:
    """That of the scope, or by what the method does."""
    pattern = RoutePattern(methods=frozenset({"GET", "POST"}), path="/v1/parks/*")
    routes = {"read": (pattern,), "write": (pattern,)}
    risky = frozenset({"write"})
    family = ProductFamily(name="parks", launched=True, routes=routes, high_risk=risky)
    catalogue = Catalogue(OWN, [family])
    risks = [
        [each.risk for each in catalogue.product_routes(scope)]
        for scope in catalogue.all()
        if scope.family == "parks"
    ]
    assert risks == [["low", "medium"], ["high", "high"]]


def test_products_reach_no_employer() -> None:
    """Only where no scope of our own stands beside theirs."""
    assert CATALOGUE.of_products_alone(["nature:read", "nature:write"])
    assert not CATALOGUE.of_products_alone(["nature:read", "jobs:read"])
    assert not CATALOGUE.of_products_alone([])


def test_high_risk_is_told_by_name() -> None:
    """What needs two operators in production."""
    assert CATALOGUE.high_risk(["jobs:write", "jobs:read", "nature:write"]) == ("jobs:write",)


def test_a_name_comes_once() -> None:
    """A product can't take over a scope of the gate."""
    with pytest.raises(ValueError, match="twice"):
        Catalogue([*OWN, OWN[0]])


@pytest.mark.parametrize("name", ["jobs", "Jobs:read", "jobs:read:all", "jobs:*", "9a:read"])
def test_names_have_one_form(name: str) -> None:
    """family:verb, lower case."""
    with pytest.raises(ValueError, match="family:verb"):
        Scope(name=name, audience=Audience.INTEGRATOR, summary="")


def test_roles_may_hold_operators_scopes_only() -> None:
    """A typing error in the role table stops the start."""
    with pytest.raises(ValueError, match="no operator can hold"):
        check_roles(CATALOGUE)
    held = frozenset().union(*ROLE_SCOPES.values())
    check_roles(Catalogue(Scope(name=n, audience=Audience.OPERATOR, summary="") for n in held))
