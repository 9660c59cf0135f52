"""`xaigh applications`: shows where applications stand, and decides what nobody can tell."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xaigh.applications.v1.application_pb2 import Application
from xaigh_client.cli import output, prompts, support
from xaigh_client.cli.commands import Limit, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import words

app = group("applications", "See where applications stand, and decide what nobody can tell.")

Id = Annotated[str, typer.Argument(metavar="APPLICATION", help="The application, app_…")]
_WHY = "it is kept with the application; no personal data"
_COLUMNS = (
    Column(title="Application"),
    Column(title="State"),
    Column(title="Why", keep=1, wraps=True),
    Column(title="Job", keep=2),
    Column(title="External id", keep=4),
    Column(title="Remote id", keep=5),
    Column(title="Attempts", keep=6, right=True),
    Column(title="Changed", keep=3),
)


@command(app, "list")
def list_(
    session: Session,
    job: Annotated[str, typer.Option("--job", help="The role that they are for.")] = "",
    state: Annotated[str, typer.Option("--state", help="As uncertain or forwarded.")] = "",
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 50,
) -> None:
    """List applications, newest first: of a job of yours, or as an operator an organization's.

    Example: xaigh applications list --job ats_1

    Example: xaigh applications list --organization - -e production --state uncertain
    """
    theirs = support.scope_of(session, organization, environment)
    filters: dict[str, Any] = {
        "job_id": job or None,
        "state": Application.State.Value(state.upper()) if state else None,
        "page_size": min(limit, 200),
    }
    if theirs is not None:
        found = limited(
            session.client.support.list_organization_applications(
                organization_id=theirs.organization_id, environment=theirs.environment, **filters
            ),
            limit,
        )
    elif job:
        found = limited(session.client.applications.list_applications(**filters), limit)
    else:
        raise UsageProblem("say --job: a key lists the applications of one role")
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            one.application_id,
            output.state(output.enum_name(one, "state")),
            _why(one),
            one.job_id,
            one.external_job_id,
            one.remote_id,
            str(one.attempt_count),
            output.when(session, one, "update_time"),
        ]
        for one in found
    ]
    columns, named = support.whose(session, theirs, _COLUMNS, rows, found)
    output.table(session, columns, named, empty="No applications.")


@command(app, "show")
def show(session: Session, application: Id) -> None:
    """Show where an application of your organization stands; never its personal data."""
    _print(session, session.client.applications.get_application(application_id=application))


@command(app, "resend")
def resend(
    session: Session,
    application: Id,
    organization: support.Organization = "",
    environment: support.Environment = "",
    reason: support.Reason = "",
    yes: Yes = False,
) -> None:
    """Send an uncertain, refused or failed application again: the client may get it twice.

    Example: xaigh applications resend app_1 --organization Northline -e production
    """
    scope = support.one_of(session, organization, environment)
    before = _find(session, scope, application)
    output.facts(session, application, _facts(session, before), to=session.err)
    why = support.reason_of(session, reason, _WHY)
    if before.state == Application.UNCERTAIN:
        session.warn("Nobody can tell whether the client has it: it may get it twice.")
    prompts.confirm(session, f"Send {application} again?", yes=yes)
    after = session.client.applications.resend_application(
        application_id=application, environment=scope.environment, etag=before.etag, reason=why
    )
    _print(session, after)


@command(app, "settle")
def settle(
    session: Session,
    application: Id,
    as_: Annotated[str, typer.Option("--as", help="Forwarded, refused or failed.")],
    remote_id: Annotated[str, typer.Option("--remote-id", help="Its id at the client's.")] = "",
    organization: support.Organization = "",
    environment: support.Environment = "",
    reason: support.Reason = "",
) -> None:
    """Say what became of an uncertain application, once you asked the client.

    Example: xaigh applications settle app_1 --as forwarded --organization Northline -e production
    """
    state = as_.upper()
    if state not in ("FORWARDED", "REFUSED", "FAILED"):
        raise UsageProblem("--as: forwarded, refused or failed")
    scope = support.one_of(session, organization, environment)
    before = _find(session, scope, application)
    after = session.client.applications.settle_application(
        application_id=application,
        environment=scope.environment,
        etag=before.etag,
        state=Application.State.Value(state),
        remote_id=remote_id or None,
        reason=support.reason_of(session, reason, _WHY),
    )
    _print(session, after)


@command(app, "secret")
def secret(
    session: Session,
    integration: Annotated[str, typer.Argument(metavar="INTEGRATION", help="Yours, int_…")],
    yes: Yes = False,
) -> None:
    """Make the secret that signs what an integration's target gets. It is shown once.

    The secret before signs beside the new one for a day.
    """
    prompts.confirm(session, f"Make a new secret for {integration}?", yes=yes)
    made = session.client.applications.rotate_forward_secret(integration_id=integration)
    if session.as_json:
        output.emit_json(session, made)
        return
    session.out.print(made.secret, soft_wrap=True)
    session.warn("Shown once: keep it where your receiver verifies signatures.")


def _find(session: Session, scope: support.Scope, application: str) -> Application:
    """An application of the organization. Raises UsageProblem where it has no such one."""
    found = session.client.support.list_organization_applications(
        organization_id=scope.organization_id, environment=scope.environment, page_size=200
    )
    for one in found:
        if one.application_id == application:
            return one
    raise UsageProblem(f"{scope.organization_id} has no application {application} there")


def _print(session: Session, one: Application) -> None:
    if session.as_json:
        output.emit_json(session, one)
        return
    output.facts(session, one.application_id, _facts(session, one))


def _facts(session: Session, one: Application) -> list[tuple[str, Cell]]:
    return [
        ("state", output.state(output.enum_name(one, "state"))),
        ("why", _why(one)),
        ("job", one.job_id),
        ("external id", one.external_job_id),
        ("remote id", one.remote_id),
        ("employer", one.employer_user_id),
        ("integration", one.integration_id),
        ("attempts", str(one.attempt_count)),
        ("note", one.note),
        ("taken", output.when_both(session, one, "create_time")),
        ("changed", output.when_both(session, one, "update_time")),
        ("ended", output.when_both(session, one, "final_time")),
        ("data erased", output.when_both(session, one, "erase_time")),
    ]


def _why(one: Application) -> str:
    status = f" ({one.target_status})" if one.target_status else ""
    return f"{words(output.enum_name(one, 'cause'))}{status}".strip()
