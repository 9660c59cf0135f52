"""`xaigh ats integrations`: creates, activates and lists integrations."""

from __future__ import annotations

from typing import Annotated

import typer

from xaigh.ats.v1.ats_sync_service_pb2 import DeactivateIntegrationRequest
from xaigh.ats.v1.integration_pb2 import AtsIntegration, MassCloseGuard
from xaigh.jobs.v1.ats_job_link_pb2 import AtsJobLink
from xaigh_client.cli import names, output, prompts
from xaigh_client.cli.commands import Limit, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import words

app = group("integrations", "Make and activate integrations.")

Id = Annotated[str, typer.Argument(metavar="INTEGRATION", help="The integration, int_…")]
Environment = Annotated[
    str, typer.Option("--environment", "-e", help="sandbox or production; operators only.")
]
Organization = Annotated[
    str, typer.Option("--organization", help="Its organization, by id or name.")
]
Etag = Annotated[str, typer.Option("--etag", help="As `show` printed it with the change.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]
Note = Annotated[str, typer.Option("--note", help="Kept in the audit log.")]
_COLUMNS = (
    Column(title="Integration"),
    Column(title="State"),
    Column(title="Provider"),
    Column(title="Board", keep=1),
    Column(title="Name", keep=3, wraps=True),
    Column(title="Employers", keep=2, wraps=True),
    Column(title="Organization", keep=4, wraps=True),
)


WAITS = (
    "It waits for an operator of the gateway, who activates it: xaigh ats integrations activate "
    "INTEGRATION. Nothing is needed from you, and a sync works from then on."
)


@command(app, "list")
def list_(
    session: Session,
    environment: Environment = "",
    organization: Annotated[
        str, typer.Option("--organization", help="By id or name; operators only.")
    ] = "",
    state: Annotated[str, typer.Option("--state", help="As pending; operators only.")] = "",
    limit: Limit = 50,
) -> None:
    """List integrations: your own, or as an operator everybody's.

    Example: xaigh ats integrations list -e sandbox --state pending
    """
    if session.is_operator:
        if not environment:
            raise UsageProblem("operators say --environment: there are two databases")
        everybody = session.client.support.list_organization_integrations(
            organization_id=names.organization_id(session, organization) or "-",
            environment=environment,
            state=AtsIntegration.State.Value(state.upper()) if state else None,
            page_size=min(limit, 200),
        )
        found = limited(everybody, limit)
    else:
        found = limited(session.client.ats.list_integrations(page_size=min(limit, 200)), limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            one.integration_id,
            output.state(output.enum_name(one, "state")),
            words(output.enum_name(one, "provider")),
            one.board,
            one.display_name,
            ", ".join(one.employer_user_ids),
            names.of(session, one),
        ]
        for one in found
    ]
    output.table(session, _COLUMNS, rows, empty="No integrations.")


@command(app, "show")
def show(session: Session, integration: Id, environment: Environment = "") -> None:
    """Show an integration, and the change of it that waits: your own, or as an operator any.

    Example: xaigh ats integrations show int_1 -e production
    """
    if not session.is_operator:
        _show(session, session.client.ats.get_integration(integration_id=integration))
        return
    if not environment:
        raise UsageProblem("operators say --environment: there are two databases")
    everybody = session.client.support.list_organization_integrations(
        organization_id="-", environment=environment, page_size=200
    )
    for one in everybody:
        if one.integration_id == integration:
            _show(session, one)
            return
    raise UsageProblem(f"{environment} has no integration {integration}")


@command(app, "create")
def create(
    session: Session,
    provider: Annotated[str, typer.Option("--provider", "-p", help="As greenhouse.")],
    employer: Annotated[Repeated, typer.Option("--employer", help="Repeatable.")] = None,
    board: Annotated[str, typer.Option("--board", help="As the provider names it.")] = "",
    name: Annotated[str, typer.Option("--name", help="A name for people.")] = "",
) -> None:
    """Make an integration. In production it syncs once an operator has activated it.

    Example: xaigh ats integrations create -p greenhouse --board acme --employer employer_1
    """
    made = session.client.ats.create_integration(
        integration={
            "provider": provider.upper(),
            "employer_user_ids": employer or [],
            "board": board or None,
            "display_name": name or None,
        }
    )
    _show(session, made)
    if made.state == AtsIntegration.PENDING:
        session.note(WAITS)


@command(app, "activate")
def activate(
    session: Session,
    integration: Id,
    environment: Environment,
    organization: Organization,
    etag: Annotated[str, typer.Option("--etag", help="Refuse if it changed since.")] = "",
    note: Note = "",
    yes: Yes = False,
) -> None:
    """Activate an integration: from then on a sync writes its employers' jobs, and nothing else.

    Example: xaigh ats integrations activate int_1 -e production --organization org_1
    """
    if environment == "production":
        session.warn("Nobody posts jobs for its employers over the API any more.")
        prompts.confirm(session, f"Activate {integration} in production?", yes=yes)
    made = session.client.ats.activate_integration(
        organization_id=names.organization_id(session, organization),
        integration_id=integration,
        environment=environment,
        etag=etag or None,
        note=note or None,
    )
    _show(session, made)


@command(app, "apply-change")
def apply_change(
    session: Session,
    integration: Id,
    environment: Environment,
    organization: Organization,
    etag: Etag,
    note: Note = "",
    yes: Yes = False,
) -> None:
    """Put the pending change of an integration in force.

    Example: xaigh ats integrations apply-change int_1 -e production --organization org_1 --etag E
    """
    prompts.confirm(session, f"Apply the change of {integration} in {environment}?", yes=yes)
    changed = session.client.ats.apply_integration_change(
        organization_id=names.organization_id(session, organization),
        integration_id=integration,
        environment=environment,
        etag=etag,
        note=note or None,
    )
    _show(session, changed)


@command(app, "discard-change")
def discard_change(
    session: Session,
    integration: Id,
    environment: Environment,
    organization: Organization,
    etag: Etag,
    reason: Reason = "",
    yes: Yes = False,
) -> None:
    """Drop the pending change of an integration: its terms stay.

    Example: xaigh ats integrations discard-change int_1 -e production --organization org_1 --etag E
    """
    reason = _reason(session, reason)
    prompts.confirm(session, f"Discard the change of {integration} in {environment}?", yes=yes)
    kept = session.client.ats.discard_integration_change(
        organization_id=names.organization_id(session, organization),
        integration_id=integration,
        environment=environment,
        etag=etag,
        reason=reason,
    )
    _show(session, kept)


@command(app, "deactivate")
def deactivate(
    session: Session,
    integration: Id,
    environment: Environment,
    organization: Organization,
    mirrors: Annotated[str, typer.Option("--mirrors", help="keep or close: its open roles.")],
    reason: Reason = "",
    yes: Yes = False,
) -> None:
    """Stop an integration, and keep its open roles as they are or close them.

    Example: xaigh ats integrations deactivate int_1 -e sandbox --organization org_1 --mirrors close
    """
    if mirrors not in ("keep", "close"):
        raise UsageProblem("--mirrors is keep or close")
    reason = _reason(session, reason)
    closes = ", and close its open roles" if mirrors == "close" else ""
    prompts.confirm(session, f"Deactivate {integration} in {environment}{closes}?", yes=yes)
    stopped = session.client.ats.deactivate_integration(
        organization_id=names.organization_id(session, organization),
        integration_id=integration,
        environment=environment,
        mirrors=DeactivateIntegrationRequest.Mirrors.Value(mirrors.upper()),
        reason=reason,
    )
    _show(session, stopped)


def only_one(session: Session, provider: str | None) -> str:
    """The id of the provider's only integration. Raises UsageProblem for none or several."""
    found = list(
        session.client.ats.list_integrations(
            provider=AtsJobLink.Provider.Value(provider or ""), page_size=200
        )
    )
    if len(found) == 1:
        return found[0].integration_id
    if not found:
        named = words(provider or "")
        raise UsageProblem(
            f"no integration of {named}; make one first: xaigh ats integrations create "
            f"--provider {named} --employer EMPLOYER"
        )
    names = ", ".join(one.integration_id for one in found)
    raise UsageProblem(f"several integrations; say --integration or --employer: {names}")


def _reason(session: Session, given: str) -> str:
    reason = given or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("this needs --reason: it is kept in the audit log")
    return reason


def _show(session: Session, one: AtsIntegration) -> None:
    if session.as_json:
        output.emit_json(session, one)
        return
    output.facts(
        session,
        f"{one.display_name or one.integration_id} · {words(output.enum_name(one, 'provider'))}",
        [
            ("id", one.integration_id),
            ("state", output.state(output.enum_name(one, "state"))),
            ("board", one.board),
            ("employers", ", ".join(one.employer_user_ids)),
            ("organization", names.of(session, one)),
            ("made", output.when_both(session, one, "create_time")),
            ("activated", output.when_both(session, one, "activate_time")),
            ("guard", _guard(one.guard)),
            ("applying", words(output.enum_name(one, "apply_mode"))),
            ("forwards to", one.forward_target),
            ("etag", one.etag),
        ],
    )
    if one.HasField("pending_change"):
        _show_change(session, one)


def _show_change(session: Session, one: AtsIntegration) -> None:
    """All terms of the pending change, changed or not."""
    change = one.pending_change
    output.facts(
        session,
        "A change waits for an operator",
        [
            ("board", change.board),
            ("employers", ", ".join(change.employer_user_ids)),
            ("guard", _guard(change.guard)),
            ("applying", words(output.enum_name(change, "apply_mode"))),
            ("forwards to", change.forward_target),
            ("asked for", output.when_both(session, change, "propose_time")),
        ],
    )


def _guard(guard: MassCloseGuard) -> str:
    return f"{guard.min_roles} roles and {guard.percent} %"
