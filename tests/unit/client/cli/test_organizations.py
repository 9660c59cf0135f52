"""`xaigh organizations`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import CommandRunner

from xaigh.organizations.v1.organization_pb2 import Organization
from xaigh.organizations.v1.organization_service_pb2 import ListOrganizationsResponse

NORTHLINE = Organization(
    organization_id="org_1",
    display_name="Northline",
    state=Organization.SUSPENDED,
    suspension_reason="unpaid",
    email_domains=["northline.example"],
)


def test_list_filters_by_state(cli: CommandRunner) -> None:
    """States are typed in small letters."""
    cli.script("ListOrganizations", ListOrganizationsResponse(organizations=[NORTHLINE]))
    (row,) = cli.run("organizations", "list", "--state", "suspended").rows
    assert row[:4] == ["org_1", "suspended", "Northline", "northline.example"]
    assert cli.sent("ListOrganizations")[0].state == Organization.SUSPENDED


def test_show_says_why_it_is_suspended(cli: CommandRunner) -> None:
    """The reason of the last suspension."""
    cli.script("GetOrganization", NORTHLINE)
    assert cli.run("organizations", "show", "org_1").facts["because"] == "unpaid"


def test_suspend_needs_a_reason(cli: CommandRunner) -> None:
    """Nothing is suspended without one."""
    cli.script("GetOrganization", NORTHLINE)
    assert cli.run("organizations", "suspend", "org_1", "--yes").code == 2
    assert cli.sent("SuspendOrganization") == []


def test_suspend_asks_by_the_organizations_name(cli: CommandRunner) -> None:
    """The name shows a mistyped id."""
    cli.script("GetOrganization", NORTHLINE)
    cli.script("SuspendOrganization", NORTHLINE)
    done = cli.run(
        "organizations", "suspend", "org_1", "--reason", "unpaid", stdin="yes\n", terminal=True
    )
    assert "Suspend Northline? [y/N]" in done.err
    assert cli.sent("SuspendOrganization")[0].reason == "unpaid"


def test_resume_takes_no_question(cli: CommandRunner) -> None:
    """A resumption takes no rights away."""
    cli.script("ResumeOrganization", Organization(organization_id="org_1"))
    assert cli.run("organizations", "resume", "org_1").code == 0
