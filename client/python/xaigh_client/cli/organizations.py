"""`xaigh organizations`: lists, suspends and resumes organizations."""

from __future__ import annotations

from typing import Annotated

import typer

from xaigh.organizations.v1.organization_pb2 import Organization
from xaigh_client.cli import names, output, prompts
from xaigh_client.cli.commands import Limit, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain

app = group("organizations", "List, suspend and resume organizations.")

OrganizationName = Annotated[
    str, typer.Argument(metavar="ORGANIZATION", help="Its id, or its whole name.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]
_COLUMNS = (
    Column(title="Organization"),
    Column(title="State"),
    Column(title="Name", wraps=True),
    Column(title="Mail domains", keep=2, wraps=True),
    Column(title="Made", keep=1),
)


@command(app, "list")
def list_(
    session: Session,
    state: Annotated[str, typer.Option("--state", help="active or suspended.")] = "",
    domain: Annotated[str, typer.Option("--domain", help="With a contact in this domain.")] = "",
    limit: Limit = 50,
) -> None:
    """List organizations."""
    pager = session.client.organizations.list_organizations(
        state=Organization.State.Value(state.upper()) if state else None,
        email_domain=domain or None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            one.organization_id,
            output.state(output.enum_name(one, "state")),
            one.display_name,
            ", ".join(one.email_domains),
            output.when(session, one, "create_time"),
        ]
        for one in found
    ]
    output.table(session, _COLUMNS, rows, empty="No organizations.")


@command(app, "show")
def show(session: Session, organization: OrganizationName) -> None:
    """Show an organization."""
    wanted = names.organization_id(session, organization)
    _show(session, session.client.organizations.get_organization(organization_id=wanted))


@command(app, "suspend")
def suspend(
    session: Session, organization: OrganizationName, reason: Reason = "", yes: Yes = False
) -> None:
    """Suspend an organization: none of its keys works until it is resumed.

    Example: xaigh organizations suspend org_1 --reason "unpaid since March"
    """
    wanted = names.organization_id(session, organization)
    current = session.client.organizations.get_organization(organization_id=wanted)
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a suspension needs --reason: it is kept in the audit log")
    session.warn("All its keys, live ones too, are refused at once until it is resumed.")
    prompts.confirm(session, f"Suspend {plain(current.display_name)}?", yes=yes)
    changed = session.client.organizations.suspend_organization(
        organization_id=wanted, reason=reason
    )
    _show(session, changed)


@command(app, "resume")
def resume(session: Session, organization: OrganizationName, reason: Reason = "") -> None:
    """Resume an organization: keys that weren't revoked meanwhile work again."""
    wanted = names.organization_id(session, organization)
    changed = session.client.organizations.resume_organization(
        organization_id=wanted, reason=reason or None
    )
    _show(session, changed)


def _show(session: Session, organization: Organization) -> None:
    if session.as_json:
        output.emit_json(session, organization)
        return
    output.facts(
        session,
        f"{organization.display_name} · {organization.organization_id}",
        [
            ("id", organization.organization_id),
            ("name", organization.display_name),
            ("state", output.state(output.enum_name(organization, "state"))),
            ("because", organization.suspension_reason),
            ("mail domains", ", ".join(organization.email_domains)),
            ("made", output.when_both(session, organization, "create_time")),
            ("changed", output.when_both(session, organization, "update_time")),
        ],
    )
