"""`xaigh jobs`: lists, posts, approves, closes and watches jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf import json_format
from rich.text import Text

from xaigh.jobs.v1.job_pb2 import Job, PublicationStatus
from xaigh.jobs.v1.jobs_service_pb2 import PostJobRequest
from xaigh_client.cli import employers, output, prompts, support
from xaigh_client.cli.commands import Limit, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, words

app = group("jobs", "List, post, approve, close and watch jobs.")

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job, job_… or ats_…")]
Employer = Annotated[str, typer.Option("--employer", help="Only of this employer.")]
_COLUMNS = (
    Column(title="Job"),
    Column(title="State"),
    Column(title="Title", wraps=True),
    Column(title="Employer", keep=2),
    Column(title="Source", keep=3),
    Column(title="Slots", keep=4, right=True),
    Column(title="Changed", keep=1),
)


@command(app, "list")
def list_(
    session: Session,
    employer: Employer = "",
    state: Annotated[str, typer.Option("--state", help="As open, closed, pending-approval.")] = "",
    source: Annotated[str, typer.Option("--source", help="direct or client-ats.")] = "",
    integration: Annotated[str, typer.Option("--integration", help="Mirrors of this one.")] = "",
    reference: Annotated[str, typer.Option("--reference", help="With this reference.")] = "",
    organization: support.Organization = "",
    environment: support.Environment = "",
    limit: Limit = 50,
) -> None:
    """List jobs, newest first: your own, or as an operator an organization's.

    Example: xaigh jobs list --state open --source client-ats

    Example: xaigh jobs list --organization Northline -e sandbox
    """
    theirs = support.scope_of(session, organization, environment)
    filters: dict[str, Any] = {
        "employer_user_id": employer or None,
        "source": Job.Source.Value(_value(source)) if source else None,
        "state": PublicationStatus.State.Value(_value(state)) if state else None,
        "integration_id": integration or None,
        "external_reference": reference or None,
        "page_size": min(limit, 200),
    }
    if theirs is None:
        found = limited(session.client.jobs.list_jobs(**filters), limit)
    else:
        found = limited(
            session.client.support.list_organization_jobs(
                organization_id=theirs.organization_id, environment=theirs.environment, **filters
            ),
            limit,
        )
    if session.as_json:
        output.emit_json(session, found)
        return
    rows = [_row(session, job) for job in found]
    columns, named = support.whose(session, theirs, _COLUMNS, rows, found)
    output.table(session, columns, named, empty="No jobs.")


@command(app, "show")
def show(
    session: Session,
    job: JobId,
    organization: support.Organization = "",
    environment: support.Environment = "",
) -> None:
    """Show a job: one of your own, or as an operator one of an organization.

    Example: xaigh jobs show job_1 --organization Northline -e sandbox
    """
    theirs = support.scope_of(session, organization, environment)
    if theirs is None:
        _show(session, session.client.jobs.get_job(job_id=job))
        return
    found = session.client.support.list_organization_jobs(
        organization_id=theirs.organization_id, environment=theirs.environment, job_id=job
    )
    for one in found:
        _show(session, one)
        return
    raise UsageProblem(f"no such job in {theirs.environment}: {job}")


@command(app, "hold")
def hold(
    session: Session,
    job: JobId,
    organization: support.Organization = "",
    environment: support.Environment = "",
    reason: support.Reason = "",
) -> None:
    """Hold a job of an organization, as an operator: it neither publishes nor matches.

    Example: xaigh jobs hold job_1 --organization Northline -e production --reason "A complaint."
    """
    theirs = support.one_of(session, organization, environment)
    held = session.client.support.hold_job(
        organization_id=theirs.organization_id,
        job_id=job,
        environment=theirs.environment,
        reason=support.reason_of(session, reason, "the organization reads it"),
    )
    _show(session, held)


@command(app, "release")
def release(
    session: Session,
    job: JobId,
    organization: support.Organization = "",
    environment: support.Environment = "",
    reason: support.Reason = "",
) -> None:
    """Release the hold that an operator laid on a job."""
    theirs = support.one_of(session, organization, environment)
    released = session.client.support.release_job(
        organization_id=theirs.organization_id,
        job_id=job,
        environment=theirs.environment,
        reason=reason or None,
    )
    _show(session, released)


@command(app, "post")
def post(
    session: Session,
    employer: Annotated[str, typer.Option("--employer", help="One of your grant's.")] = "",
    title: Annotated[str, typer.Option("--title")] = "",
    slots: Annotated[int, typer.Option("--slots", min=0, help="How many workers.")] = 0,
    starts: Annotated[str, typer.Option("--starts", metavar="TIME", help="RFC 3339.")] = "",
    ends: Annotated[str, typer.Option("--ends", metavar="TIME", help="RFC 3339.")] = "",
    description: Annotated[str, typer.Option("--description")] = "",
    requirement: Annotated[Repeated, typer.Option("--requirement", help="Repeatable.")] = None,
    reference: Annotated[str, typer.Option("--reference", help="Your own id of it.")] = "",
    file: Annotated[
        str, typer.Option("--file", metavar="FILE", help="The request as JSON; - for stdin.")
    ] = "",
    idempotency_key: Annotated[
        str, typer.Option("--idempotency-key", help="The same one for a repeat of the same job.")
    ] = "",
) -> None:
    """Post a job. Options add to, and go before, what a file says.

    Example: xaigh jobs post --employer employer_1 --title "Closeout crew" --slots 12 \\
    --starts 2026-06-18T08:00:00Z
    """
    request = _read(session, file) if file else PostJobRequest()
    own: dict[str, Any] = {
        "employerUserId": employer,
        "title": title,
        "slots": slots,
        "startsAt": starts,
        "endsAt": ends,
        "description": description,
        "requirements": requirement,
        "externalReference": reference,
    }
    request = _merge(request, {name: value for name, value in own.items() if value})
    job = session.client.jobs.post_job(
        employer_user_id=request.employer_user_id,
        title=request.title,
        slots=request.slots,
        starts_at=request.starts_at,
        ends_at=request.ends_at if request.HasField("ends_at") else None,
        description=request.description or None,
        pay=request.pay if request.HasField("pay") else None,
        location=request.location if request.HasField("location") else None,
        requirements=list(request.requirements) or None,
        external_reference=request.external_reference or None,
        idempotency_key=idempotency_key or None,
    )
    _show(session, job)


@command(app, "close")
def close(
    session: Session,
    job: JobId,
    reason: Annotated[str, typer.Option("--reason", help="Shown with the job.")] = "",
    yes: Yes = False,
) -> None:
    """Close a direct job: nobody is matched to it any more."""
    current = session.client.jobs.get_job(job_id=job)
    prompts.confirm(session, f"Close {plain(current.job_content.title)}?", yes=yes)
    _show(
        session,
        session.client.jobs.close_job(job_id=job, reason=reason or None, etag=current.etag),
    )


@command(app, "approve")
def approve(
    session: Session,
    job: JobId,
    etag: Annotated[str, typer.Option("--etag", help="As `xaigh jobs show` printed it.")] = "",
    yes: Yes = False,
) -> None:
    """Approve a posting that waits: the job is open. Shows it first, unless you name its etag.

    Example: xaigh jobs approve job_1 --etag "…" --yes
    """
    if not etag:
        if yes or session.as_json:
            raise UsageProblem("you approve what you saw: add --etag, as `xaigh jobs show` has it")
        current = session.client.jobs.get_job(job_id=job)
        _show(session, current)
        etag = current.etag
    prompts.confirm(session, f"Approve {job}?", yes=yes)
    employers.show_job(session, session.client.employers.approve_posting(job_id=job, etag=etag))


@command(app, "return")
def return_(
    session: Session,
    job: JobId,
    reason: Annotated[str, typer.Option("--reason", help="What has to change.")] = "",
    etag: Annotated[str, typer.Option("--etag", help="As `xaigh jobs show` printed it.")] = "",
) -> None:
    """Return a posting that waits to its integrator.

    Example: xaigh jobs return job_1 --reason "Name the building in which the crew reports."
    """
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a returned posting needs --reason: it says what has to change")
    returned = session.client.employers.return_posting(job_id=job, reason=reason, etag=etag or None)
    employers.show_job(session, returned)


@command(app, "watch")
def watch(
    session: Session,
    employer: Employer = "",
    existing: Annotated[bool, typer.Option("--existing", help="Begin with what exists.")] = False,
    cursor: Annotated[str, typer.Option("--cursor", help="Go on behind this one.")] = "",
) -> None:
    """Print changes as they come, until you stop it. A lost connection is taken up again.

    Example: xaigh jobs watch --json | jq .job.jobId
    """
    stream = session.client.jobs.watch_jobs(
        cursor=cursor or None, employer_user_id=employer or None, include_existing=existing or None
    )
    with stream:
        for change in stream:
            if session.as_json:
                output.emit_line(session, change)
            elif change.HasField("job"):
                kind = output.enum_name(change, "kind")
                text = Text(f"{words(kind):20}", style="bold").append(f"{change.job.job_id}  ")
                session.out.print(text.append(plain(change.job.job_content.title)), soft_wrap=True)


@command(app, "workforce")
def workforce(
    session: Session,
    employer: Annotated[str, typer.Argument(metavar="EMPLOYER", help="One of your grant's.")],
) -> None:
    """Show how well an employer's jobs are filled and attended, as JSON."""
    output.emit_json(session, session.client.jobs.get_workforce_status(employer_user_id=employer))


def _value(text: str) -> str:
    return text.upper().replace("-", "_")


def _read(session: Session, file: str) -> PostJobRequest:
    text = session.stdin.read() if file == "-" else Path(file).read_text()
    try:
        members = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageProblem(f"{file} isn't JSON: {error}") from None
    return _merge(PostJobRequest(), members)


def _merge(request: PostJobRequest, members: dict[str, Any]) -> PostJobRequest:
    try:
        json_format.ParseDict(members, request)
    except json_format.ParseError as error:
        raise UsageProblem(f"this is no job: {error}") from None
    return request


def _row(session: Session, job: Job) -> list[Cell]:
    return [
        job.job_id,
        output.state(output.enum_name(job.publication_status, "state")),
        job.job_content.title,
        job.employer_user_id,
        words(output.enum_name(job, "source")),
        str(job.job_content.slots or ""),
        output.when(session, job, "update_time"),
    ]


def _show(session: Session, job: Job) -> None:
    if session.as_json:
        output.emit_json(session, job)
        return
    content, status = job.job_content, job.publication_status
    output.facts(
        session,
        f"{content.title} · {job.job_id}",
        [
            ("id", job.job_id),
            ("title", content.title),
            ("state", output.state(output.enum_name(status, "state"))),
            ("closed because", words(output.enum_name(status, "close_reason"))),
            ("returned because", status.return_reason),
            ("waits since", output.when_both(session, status, "submit_time")),
            ("source", words(output.enum_name(job, "source"))),
            ("employer", job.employer_user_id),
            ("slots", str(content.slots or "")),
            ("starts", output.when_both(session, content, "starts_at")),
            ("ends", output.when_both(session, content, "ends_at")),
            ("requirements", "\n".join(content.requirements)),
            ("description", content.description_text),
            ("posted", output.when_both(session, job, "create_time")),
            ("changed", output.when_both(session, job, "update_time")),
            ("etag", job.etag),
        ],
    )
