"""`xaigh employers`: reads employers, their jobs and closeouts, and sets approval policies."""

from __future__ import annotations

from typing import Annotated

import typer

from xaigh.employers.v1.approval_policy_pb2 import ApprovalPolicy
from xaigh.employers.v1.employer_pb2 import Closeout, Employer, EmployerIntegration, EmployerJob
from xaigh.jobs.v1.job_pb2 import PublicationStatus
from xaigh_client.cli import names, output, prompts
from xaigh_client.cli.commands import Limit, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, words

app = group("employers", "Read employers and closeouts, and set approval policies.")

EmployerId = Annotated[str, typer.Argument(metavar="EMPLOYER", help="One of your grant's.")]
AnyEmployer = Annotated[str, typer.Argument(metavar="EMPLOYER", help="The employer's id.")]
_COLUMNS = (
    Column(title="Employer"),
    Column(title="Open", right=True),
    Column(title="Pending", right=True, keep=1),
    Column(title="Returned", right=True, keep=2),
    Column(title="Closeouts due", right=True, keep=3),
    Column(title="Integrations", keep=4, wraps=True),
)
_JOBS = (
    Column(title="Job"),
    Column(title="State"),
    Column(title="Title", wraps=True),
    Column(title="Filled", keep=2, right=True),
    Column(title="Starts", keep=3),
    Column(title="Changed", keep=1),
)
_CLOSEOUTS = (
    Column(title="Job"),
    Column(title="Closeout"),
    Column(title="Title", wraps=True),
    Column(title="Attendance", keep=2),
    Column(title="Payroll", keep=3),
    Column(title="Ended", keep=1),
)


@command(app, "list")
def list_(session: Session, limit: Limit = 50) -> None:
    """List the employers of your grant, with what waits at each."""
    found = limited(session.client.employers.list_employers(page_size=min(limit, 200)), limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            one.employer_user_id,
            str(one.open_jobs),
            str(one.pending_jobs),
            str(one.returned_jobs),
            str(one.due_closeouts),
            ", ".join(_integration(each) for each in one.integrations),
        ]
        for one in found
    ]
    output.table(session, _COLUMNS, rows, empty="No employers.")


@command(app, "show")
def show(session: Session, employer: EmployerId) -> None:
    """Show an employer: open jobs, what waits, closeouts due, and its integrations."""
    found = session.client.employers.get_employer(employer_user_id=employer)
    if session.as_json:
        output.emit_json(session, found)
        return
    output.facts(session, found.employer_user_id, _facts(found))


@command(app, "jobs")
def jobs(
    session: Session,
    employer: EmployerId,
    state: Annotated[
        str, typer.Option("--state", help="As open, closed, pending-approval or returned.")
    ] = "",
    limit: Limit = 50,
) -> None:
    """List an employer's jobs in short, newest first.

    Example: xaigh employers jobs employer_1 --state pending-approval
    """
    pager = session.client.employers.list_employer_jobs(
        employer_user_id=employer,
        state=PublicationStatus.State.Value(_value(state)) if state else None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            job.job_id,
            output.state(output.enum_name(job, "state")),
            job.title,
            f"{job.fill.slots_filled} of {job.slots}" if job.slots else "",
            output.when(session, job, "starts_at"),
            output.when(session, job, "update_time"),
        ]
        for job in found
    ]
    output.table(session, _JOBS, rows, empty="No jobs.")


@command(app, "closeouts")
def closeouts(
    session: Session,
    employer: EmployerId,
    state: Annotated[str, typer.Option("--state", help="As due or settled.")] = "",
    limit: Limit = 50,
) -> None:
    """List what is left to do of an employer's ended jobs: attendance and payroll."""
    pager = session.client.employers.list_closeouts(
        employer_user_id=employer,
        state=Closeout.State.Value(_value(state)) if state else None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows: list[list[Cell]] = [
        [
            one.job_id,
            output.state(output.enum_name(one, "state")),
            one.title,
            f"{one.attendance.checked_in} of {one.attendance.expected} came",
            words(output.enum_name(one.payroll_handoff, "state")),
            output.when(session, one, "end_time"),
        ]
        for one in found
    ]
    output.table(session, _CLOSEOUTS, rows, empty="No closeouts.")


@command(app, "policy")
def policy(
    session: Session,
    employer: AnyEmployer,
    organization: Annotated[
        str, typer.Option("--organization", help="Who posts: its id, or its whole name.")
    ] = "",
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="sandbox or production.")
    ] = "",
    approval: Annotated[
        str, typer.Option("--approval", help="required or off: set the policy.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")] = "",
    yes: Yes = False,
) -> None:
    """Show or set whether postings for an employer wait for an approval; for operators.

    Example: xaigh employers policy employer_1 --organization Northline -e production \\
    --approval required --reason "their lawyers ask for it"
    """
    if not organization or not environment:
        raise UsageProblem("a policy is of one organization and environment: name both")
    client = session.client.approval_policies
    organization_id = names.organization_id(session, organization)
    current = client.get_approval_policy(
        employer_user_id=employer, organization_id=organization_id, environment=environment
    )
    if not approval:
        _show_policy(session, current)
        return
    if approval not in ("required", "off"):
        raise UsageProblem("--approval is required or off")
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a policy needs --reason: it is kept in the audit log")
    what = "wait for an approval" if approval == "required" else "be open at once"
    prompts.confirm(session, f"Let new postings for {plain(employer)} {what}?", yes=yes)
    changed = client.set_approval_policy(
        employer_user_id=employer,
        organization_id=organization_id,
        environment=environment,
        approval_required=approval == "required",
        reason=reason,
        etag=current.etag,
    )
    _show_policy(session, changed)


def show_job(session: Session, job: EmployerJob) -> None:
    """Prints what an employer's list shows of a job."""
    if session.as_json:
        output.emit_json(session, job)
        return
    output.facts(
        session,
        f"{job.title} · {job.job_id}",
        [
            ("id", job.job_id),
            ("title", job.title),
            ("state", output.state(output.enum_name(job, "state"))),
            ("slots", str(job.slots or "")),
            ("starts", output.when_both(session, job, "starts_at")),
            ("ends", output.when_both(session, job, "ends_at")),
            ("changed", output.when_both(session, job, "update_time")),
        ],
    )


def _facts(employer: Employer) -> list[tuple[str, Cell]]:
    return [
        ("id", employer.employer_user_id),
        ("open jobs", str(employer.open_jobs)),
        ("new postings", "wait for an approval" if employer.approval_required else "are open"),
        ("pending", str(employer.pending_jobs)),
        ("returned", str(employer.returned_jobs)),
        ("closeouts due", str(employer.due_closeouts)),
        ("integrations", "\n".join(_integration(each) for each in employer.integrations)),
    ]


def _integration(integration: EmployerIntegration) -> str:
    state = words(output.enum_name(integration, "state"))
    provider = words(output.enum_name(integration, "provider"))
    stale = ", stale" if integration.stale else ""
    return f"{integration.integration_id} ({provider}, {state}{stale})"


def _show_policy(session: Session, policy: ApprovalPolicy) -> None:
    if session.as_json:
        output.emit_json(session, policy)
        return
    output.facts(
        session,
        f"Approval policy of {policy.employer_user_id}",
        [
            ("employer", policy.employer_user_id),
            ("organization", names.of(session, policy)),
            ("environment", policy.environment),
            ("approval", "required" if policy.approval_required else "off"),
            ("because", policy.reason),
            ("set by", policy.updated_by),
            ("set", output.when_both(session, policy, "update_time")),
        ],
    )


def _value(text: str) -> str:
    return text.upper().replace("-", "_")
