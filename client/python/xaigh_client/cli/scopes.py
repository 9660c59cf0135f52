"""Command `xaigh scopes`: what can be asked for, and what each scope opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from xaigh.keys.v1.scopes_service_pb2 import ListScopesResponse
from xaigh_client.cli import output
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

CatalogueScope = ListScopesResponse.CatalogueScope

_COLUMNS = (
    Column(title="Scope"),
    Column(title="For", keep=2),
    Column(title="Risk", keep=1),
    Column(title="Allows", wraps=True),
)


def scopes(
    session: Session,
    scope: Annotated[
        str, typer.Argument(metavar="[SCOPE]", help="Show what this one opens: jobs:read.")
    ] = "",
    all_: Annotated[
        bool, typer.Option("--all", help="Also those of operators and services, and not yet given.")
    ] = False,
) -> None:
    """List the scopes that a key can have. Needs no credential.

    Example: xaigh scopes jobs:write
    """
    found = session.client.scopes.list_scopes().scopes
    if scope:
        _show(session, _named(found, scope))
        return
    shown = [each for each in found if all_ or each.mintable]
    if session.as_json:
        output.emit_json(session, shown)
        return
    rows: list[list[Cell]] = [
        [each.name, _holder(each), _risk(each), each.summary] for each in shown
    ]
    output.table(session, _COLUMNS, rows, empty="No scopes.")


def _named(found: Iterable[CatalogueScope], name: str) -> CatalogueScope:
    for each in found:
        if each.name == name:
            return each
    raise UsageProblem(f"there is no scope {name}: `xaigh scopes --all` lists them")


def _show(session: Session, scope: CatalogueScope) -> None:
    if session.as_json:
        output.emit_json(session, scope)
        return
    output.facts(
        session,
        scope.name,
        [
            ("scope", scope.name),
            ("allows", scope.summary),
            ("for", _holder(scope)),
            ("risk", _risk(scope)),
            *((_risk_of(each), each.route) for each in scope.routes),
        ],
    )


def _holder(scope: CatalogueScope) -> str:
    if scope.audience == "INTEGRATOR" and not scope.mintable:
        return "integrators, later"
    return f"{scope.audience.lower()}s"


def _risk(scope: CatalogueScope) -> str:
    return "two operators in production" if scope.high_risk else ""


def _risk_of(route: CatalogueScope.Route) -> str:
    return f"{route.risk.lower()} risk" + (", browsers too" if route.publishable else "")
