"""`xaigh grants`: lists, simulates, narrows and revokes grants."""

from __future__ import annotations

from typing import Annotated

import typer

from xaigh.access.v1.grant_pb2 import Grant
from xaigh_client.cli import names, output, prompts, simulations, terms, times
from xaigh_client.cli.commands import Limit, OfOrganization, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain

app = group("grants", "List, simulate, narrow and revoke grants.")

GrantId = Annotated[str, typer.Argument(metavar="GRANT", help="The grant, grt_…")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]
_COLUMNS = (
    Column(title="Grant"),
    Column(title="State"),
    Column(title="Environment"),
    Column(title="Organization", keep=1, wraps=True),
    Column(title="Scopes", keep=4, wraps=True),
    Column(title="Keys", keep=2, right=True),
    Column(title="Tier", keep=5),
    Column(title="Made", keep=3),
)


@command(app, "list")
def list_(
    session: Session,
    organization: OfOrganization = "",
    environment: Annotated[str, typer.Option("--environment", "-e", help="Only in this one.")] = "",
    ticket: Annotated[str, typer.Option("--ticket", help="Only of this ticket.")] = "",
    state: Annotated[str, typer.Option("--state", help="Only in this state.")] = "",
    limit: Limit = 50,
) -> None:
    """List grants, newest first."""
    pager = session.client.grants.list_grants(
        organization_id=names.organization_id(session, organization) or None,
        environment=environment or None,
        ticket_id=ticket or None,
        state=Grant.State.Value(state.upper()) if state else None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            grant.grant_id,
            output.state(output.enum_name(grant, "state")),
            grant.environment,
            names.of(session, grant),
            ", ".join(grant.terms.scopes),
            f"{grant.keys_issued}/{grant.terms.key_allowance}",
            grant.terms.tier,
            output.when(session, grant, "create_time"),
        ]
        for grant in found
    ]
    output.table(session, _COLUMNS, rows, empty="No grants.")


@command(app, "show")
def show(session: Session, grant: GrantId) -> None:
    """Show a grant with its terms and findings."""
    _show(session, session.client.grants.get_grant(grant_id=grant))


@command(app, "simulate")
def simulate(
    session: Session,
    grant: GrantId,
    scope: Annotated[Repeated, typer.Option("--scope", help="The scopes that stay.")] = None,
    key_type: Annotated[Repeated, typer.Option("--key-type", help="The types that stay.")] = None,
    employer: Annotated[Repeated, typer.Option("--employer", help="Those that stay.")] = None,
) -> None:
    """Tell which calls of the last days a narrower grant would have refused. It changes nothing.

    Without any option: which scopes and employers were never used.

    Example: xaigh grants simulate grt_1 --scope jobs:read
    """
    found = session.client.grants.simulate_grant(
        grant_id=grant, scopes=scope, key_types=key_type, employer_user_ids=employer
    )
    if session.as_json:
        output.emit_json(session, found)
    else:
        simulations.show(session, found)


@command(app, "narrow")
def narrow(
    session: Session,
    grant: GrantId,
    reason: Reason,
    scope: Annotated[Repeated, typer.Option("--scope", help="The scopes that stay.")] = None,
    key_type: Annotated[Repeated, typer.Option("--key-type", help="The types that stay.")] = None,
    employer: Annotated[Repeated, typer.Option("--employer", help="Those that stay.")] = None,
    allowance: Annotated[int, typer.Option("--allowance", help="A lower one.")] = 0,
    expires: Annotated[
        str, typer.Option("--expires", metavar="WHEN", help="Earlier: 2027-01-31, or 30d.")
    ] = "",
    tier: Annotated[str, typer.Option("--tier", help="A lower one.")] = "",
    yes: Yes = False,
) -> None:
    """Make a grant narrower. Its keys obey before the command returns; nothing can widen.

    Example: xaigh grants narrow grt_1 --scope jobs:read --reason "they only read"
    """
    current = session.client.grants.get_grant(grant_id=grant)
    lost = sorted(set(current.terms.scopes) - set(scope or current.terms.scopes))
    if lost:
        session.warn(f"Keys of this grant lose {', '.join(lost)} at once.")
    prompts.confirm(session, f"Narrow {grant}, which has {_keys(current)}?", yes=yes)
    narrowed = session.client.grants.narrow_grant(
        grant_id=grant,
        etag=current.etag,
        reason=reason,
        scopes=scope,
        key_types=key_type,
        employer_user_ids=employer,
        key_allowance=allowance or None,
        expire_time=times.parse_time(expires, session.now()) if expires else None,
        tier=tier or None,
    )
    _show(session, narrowed)


@command(app, "revoke")
def revoke(session: Session, grant: GrantId, reason: Reason = "", yes: Yes = False) -> None:
    """Revoke a grant for good, and all its keys with it.

    Example: xaigh grants revoke grt_1 --reason "contract ended"
    """
    current = session.client.grants.get_grant(grant_id=grant)
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a revocation needs --reason: it is kept in the audit log")
    session.warn(f"{_keys(current).capitalize()} of {current.environment} stop at once, for good.")
    prompts.confirm(session, f"Revoke {grant} of {names.of(session, current)}?", yes=yes)
    revoked = session.client.grants.revoke_grant(grant_id=grant, reason=reason)
    if session.as_json:
        output.emit_json(session, revoked)
    else:
        session.out.print(f"Revoked {revoked.grant_id} and its keys.")


def _keys(grant: Grant) -> str:
    return count(grant.keys_issued, "key")


def _show(session: Session, grant: Grant) -> None:
    if session.as_json:
        output.emit_json(session, grant)
        return
    output.facts(
        session,
        f"{grant.grant_id} · {plain(grant.environment)}",
        [
            ("grant", grant.grant_id),
            ("state", output.state(output.enum_name(grant, "state"))),
            ("environment", grant.environment),
            ("organization", names.of(session, grant)),
            ("ticket", f"{grant.ticket_id}, revision {grant.request_revision}"),
            ("revision", str(grant.revision)),
            ("keys issued", f"{grant.keys_issued} of {grant.terms.key_allowance}"),
            ("approved by", ", then ".join(grant.approved_by)),
            ("made", output.when_both(session, grant, "create_time")),
            ("revoked", output.when_both(session, grant, "revoke_time")),
            ("because", grant.reason),
        ],
    )
    terms.show(session, "Terms", grant.terms)
