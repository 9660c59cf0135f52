"""Names of organizations."""

from __future__ import annotations

import pytest
from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner

from xaigh_client.types import (
    Grant,
    ListGrantsResponse,
    ListOrganizationsResponse,
    Organization,
)

NORTHLINE = Organization(organization_id="org_1", display_name="Northline")


@pytest.fixture
def operator(cli: CommandRunner) -> CommandRunner:
    """An operator, who may read organizations."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    return cli


def test_a_name_stands_beside_the_id_and_is_looked_up_once(operator: CommandRunner) -> None:
    """However many rows there are."""
    grants = [Grant(grant_id=f"grt_{n}", organization_id="org_1") for n in range(3)]
    operator.script("ListGrants", ListGrantsResponse(grants=grants))
    operator.script("GetOrganization", NORTHLINE)
    rows = operator.run("grants", "list").rows
    assert [row[3] for row in rows] == ["Northline · org_1"] * 3
    assert len(operator.sent("GetOrganization")) == 1


def test_without_the_right_to_read_names_the_id_stands_alone(operator: CommandRunner) -> None:
    """The list itself goes on."""
    grant = Grant(grant_id="grt_1", organization_id="org_1")
    operator.script("ListGrants", ListGrantsResponse(grants=[grant]))
    (row,) = operator.run("grants", "list").rows
    assert row[3] == "org_1"


@pytest.mark.parametrize(("text", "sent"), [("northline", "org_1"), ("org_9", "org_9")])
def test_an_organization_is_named_or_given_by_id(
    operator: CommandRunner, text: str, sent: str
) -> None:
    """A name is found whatever its case."""
    operator.script("ListOrganizations", ListOrganizationsResponse(organizations=[NORTHLINE]))
    operator.script("ListGrants", ListGrantsResponse())
    operator.run("grants", "list", "--organization", text)
    assert operator.sent("ListGrants")[0].organization_id == sent


@pytest.mark.parametrize("step", ["show", "suspend", "resume"])
def test_a_step_takes_the_name(operator: CommandRunner, step: str) -> None:
    """As a list does."""
    operator.script("ListOrganizations", ListOrganizationsResponse(organizations=[NORTHLINE]))
    for method in ("GetOrganization", "SuspendOrganization", "ResumeOrganization"):
        operator.script(method, NORTHLINE)
    options = ("--reason", "unpaid") if step != "show" else ()
    yes = ("--yes",) if step == "suspend" else ()
    assert operator.run("organizations", step, "NorthLine", *options, *yes).code == 0
    (sent,) = operator.sent(f"{'Get' if step == 'show' else step.title()}Organization")
    assert sent.organization_id == "org_1"


@pytest.mark.parametrize("found", [[], [NORTHLINE, NORTHLINE]])
def test_an_unclear_name_is_wrong_usage(operator: CommandRunner, found: list[Organization]) -> None:
    """None, or several of that name: nothing is sent."""
    operator.script("ListOrganizations", ListOrganizationsResponse(organizations=found))
    done = operator.run("grants", "list", "--organization", "Northline")
    assert (done.code, operator.sent("ListGrants")) == (2, [])
