"""`xaigh requests`: lists, shows and decides access requests."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

import typer
from rich.text import Text

from xaigh.access.v1.access_request_pb2 import AccessRequest
from xaigh_client.cli import (
    approval,
    approval_form,
    dossier,
    names,
    output,
    prompts,
    shown,
    times,
    waiting,
)
from xaigh_client.cli.commands import DryRun, Limit, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import words
from xaigh_client.errors import ConflictError

app = group("requests", "Review requests for access.")

Ticket = Annotated[str, typer.Argument(metavar="TICKET", help="The ticket, tkt_…")]
Note = Annotated[str, typer.Option("--note", help="A note that never leaves ops.")]
Etag = Annotated[
    str,
    typer.Option("--etag", help="The revision that you reviewed. Left out: the one shown to you."),
]
_OPEN = ("SUBMITTED", "IN_REVIEW", "NEEDS_INFO")
_COLUMNS = (
    Column(title="Ticket"),
    Column(title="State"),
    Column(title="Company", wraps=True),
    Column(title="Asks for", keep=2, wraps=True),
    Column(title="Decisions", keep=3),
    Column(title="Waiting", keep=1),
    Column(title="Assignee", keep=4),
)


@command(app, "list")
def list_(
    session: Session,
    state: Annotated[
        Repeated, typer.Option("--state", help="Only in this state; may be repeated.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    assignee: Annotated[str, typer.Option("--assignee", help="Only this operator's.")] = "",
    nobody: Annotated[bool, typer.Option("--nobody", help="Only those of nobody.")] = False,
    domain: Annotated[str, typer.Option("--domain", help="Only from this mail domain.")] = "",
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="Only for this one.")
    ] = "",
    waiting_for_me: Annotated[
        bool, typer.Option("--waiting-for-me", help="Only those that you can carry on, and how.")
    ] = False,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="SPAN", help="Only older ones, as 2d.")
    ] = "",
    limit: Limit = 50,
) -> None:
    """List requests, oldest first. Only open ones unless you say otherwise.

    Example: xaigh requests list --nobody --older-than 1d

    Example: xaigh requests list --waiting-for-me
    """
    if waiting_for_me:
        _list_waiting(session, limit)
        return
    before = session.now() - times.parse_span(older_than) if older_than else None
    states: Any = [one.upper().replace("-", "_") for one in state or ()] or ([] if all_ else _OPEN)
    found = limited(
        session.client.access_requests.list_access_requests(
            states=states,
            assignee="-" if nobody else assignee or None,
            email_domain=domain or None,
            environment=environment or None,
            submitted_before=before,
            page_size=min(limit, 200),
        ),
        limit,
    )
    if session.as_json:
        output.emit_json(session, found)
        return
    rows = [_row(session, request) for request in found]
    output.table(session, _COLUMNS, rows, empty="The queue is empty.")


@command(app, "next")
def next_(session: Session) -> int | None:
    """Show the oldest request that nobody has taken.

    Example: xaigh requests next && xaigh requests start TICKET
    """
    found = session.client.access_requests.list_access_requests(
        states=["SUBMITTED"], assignee="-", page_size=1
    )
    for request in found:
        _show(session, request)
        return None
    session.note("Nobody waits.")
    return 5


@command(app, "show")
def show(session: Session, ticket: Ticket) -> None:
    """Show a request with its thread and its notes."""
    _show(session, session.client.access_requests.get_access_request(ticket_id=ticket))


@command(app, "dossier")
def dossier_(
    session: Session,
    ticket: Ticket,
    probe: Annotated[
        bool, typer.Option("--probe", help="Connect to the callback now: TLS and redirects.")
    ] = False,
) -> None:
    """Show everything that a decision needs, on one page."""
    found = session.client.access_requests.get_dossier(ticket_id=ticket, probe_callback=probe)
    shown.remember(session, ticket, found.access_request.etag)
    if session.as_json:
        output.emit_json(session, found)
        return
    dossier.show(session, found)


@command(app, "start")
def start(session: Session, ticket: Ticket, note: Note = "", etag: Etag = "") -> None:
    """Take a request into review: you become its assignee."""
    seen = shown.find(session, ticket, etag)
    send = session.client.access_requests.start_review
    try:
        request = send(ticket_id=ticket, etag=seen or None, internal_note=note or None)
    except ConflictError:
        if etag or not seen:
            raise
        # Taking it on decides nothing. What changed has to be looked at before a decision.
        request = send(ticket_id=ticket, internal_note=note or None)
        session.warn(f"It changed since you were shown it: xaigh requests dossier {ticket}")
        seen = ""
    _own_step(session, request, seen)
    _done(session, request, f"You review {request.ticket_id} of {request.form.company_name} now.")


@command(app, "ask")
def ask(
    session: Session,
    ticket: Ticket,
    question: Annotated[str, typer.Argument(help="What the applicant reads.")],
    note: Note = "",
    etag: Etag = "",
) -> None:
    """Ask the applicant something. The request waits for the answer.

    Example: xaigh requests ask tkt_1 "Which sites will you staff?"
    """
    seen = shown.find(session, ticket, etag)
    request = session.client.access_requests.request_info(
        ticket_id=ticket, question=question, etag=seen or None, internal_note=note or None
    )
    _own_step(session, request, seen)
    _done(
        session,
        request,
        f"The question stands on {request.ticket_id}, where {request.form.contact_name} reads it; "
        "the request waits for the answer.",
    )


@command(app, "approve")
def approve(
    session: Session,
    ticket: Ticket,
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="sandbox or production.")
    ] = "sandbox",
    employer: Annotated[
        Repeated, typer.Option("--employer", help="That keys reach: your finding; repeatable.")
    ] = None,
    scope: Annotated[
        Repeated, typer.Option("--scope", help="Only these scopes; repeatable.")
    ] = None,
    key_type: Annotated[Repeated, typer.Option("--key-type", help="sk, pk; repeatable.")] = None,
    tier: Annotated[str, typer.Option("--tier", help="The tier of the rate limit.")] = "",
    allowance: Annotated[int, typer.Option("--allowance", min=0, help="How many keys.")] = 0,
    callback: Annotated[str, typer.Option("--callback", help="Where events go.")] = "",
    expires: Annotated[
        str, typer.Option("--expires", metavar="WHEN", help="2027-01-31, or 90d from now.")
    ] = "",
    condition: Annotated[
        Repeated, typer.Option("--condition", help="To be kept; repeatable.")
    ] = None,
    rollback: Annotated[str, typer.Option("--rollback-plan", help="Production needs it.")] = "",
    finding: Annotated[
        Repeated,
        typer.Option("--finding", metavar="ASPECT=FINDING: NOTE", help="One on each aspect."),
    ] = None,
    waiver: Annotated[
        str, typer.Option("--evidence-waiver", help="A founder's, instead of sandbox evidence.")
    ] = "",
    domain_waiver: Annotated[
        str, typer.Option("--domain-waiver", help="A founder's, instead of a proven domain.")
    ] = "",
    organization: Annotated[
        str,
        typer.Option(
            "--organization",
            help="By id or name. Left out, or new: the request's own.",
        ),
    ] = "",
    note: Note = "",
    etag: Etag = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Approve one environment. Makes a grant, or a proposal for a second operator; never a key.

    On a terminal it asks for what you leave out: organization, employers, scopes, tier, allowance,
    expiry, what production needs, and the five findings (data-class, employer-authority,
    requested-scopes, route-risk, integration-readiness). It shows all terms before it asks to send
    them. Look at the dossier first: the revision that you were shown is the one that you approve.

    Example: xaigh requests approve tkt_1 -e sandbox

    Example: xaigh requests approve tkt_1 --employer employer_1 --tier standard \\
    --finding 'route-risk=acceptable: one employer'
    """
    session.option_names = approval_form.OPTION_NAMES
    given = {
        "organization": names.organization_id(session, organization)
        if organization != approval_form.NEW
        else organization,
        "employer": ", ".join(employer or ()),
        "scope": ", ".join(scope or ()),
        "key-type": ", ".join(key_type or ()),
        "tier": tier,
        "allowance": str(allowance or ""),
        "callback": callback,
        "expires": expires,
        "condition": "; ".join(condition or ()),
        "rollback-plan": rollback,
        "evidence-waiver": waiver,
        "domain-waiver": domain_waiver,
        **approval_form.findings(finding or ()),
    }
    answers = {name: text for name, text in given.items() if text}
    seen = shown.require(session, ticket, etag, look="xaigh requests dossier")
    fixed = {
        "ticket_id": ticket,
        "environment": environment,
        "etag": seen,
        "internal_note": note or None,
    }
    reply = (
        approval.by_questions(session, fixed, answers, seen)
        if session.interactive and not yes and not dry_run
        else approval.by_options(session, fixed, answers, yes=yes, dry_run=dry_run)
    )
    if reply is not None:
        _own_step(session, reply.access_request, seen)
        approval.show(session, reply, as_json=session.as_json)


@command(app, "confirm", hidden=True)
def confirm(session: Session, ticket: Ticket) -> None:
    """Replaced by `xaigh proposals confirm`, which shows what it confirms."""
    raise UsageProblem(
        f"confirm a proposal by its own id: xaigh proposals list --ticket {ticket}, then "
        "xaigh proposals confirm PROPOSAL"
    )


@command(app, "deny")
def deny(
    session: Session,
    ticket: Ticket,
    reason: Annotated[str, typer.Option("--reason", help="What the applicant reads.")] = "",
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="Only this one. Left out: all undecided.")
    ] = "",
    note: Note = "",
    etag: Etag = "",
    yes: Yes = False,
) -> None:
    """Refuse a request, or one environment of it, with a reason that the applicant reads.

    Example: xaigh requests deny tkt_1 --reason "We couldn't confirm the employer."
    """
    reason = reason or prompts.ask(session, "Reason, for the applicant")
    if not reason:
        raise UsageProblem("a denial needs --reason: the applicant reads it")
    seen = shown.require(session, ticket, etag, look="xaigh requests dossier")
    what = environment or "every undecided environment"
    prompts.confirm(session, f"Deny {ticket} {what}? The applicant reads: {reason}", yes=yes)
    request = session.client.access_requests.deny_access_request(
        ticket_id=ticket,
        etag=seen,
        public_reason=reason,
        environment=environment or None,
        internal_note=note or None,
    )
    _own_step(session, request, seen)
    _done(session, request, f"Denied. {request.ticket_id} is {words(_state(request))}.")


def _list_waiting(session: Session, limit: int) -> None:
    found = limited(waiting.requests(session), limit)
    if session.as_json:
        output.emit_json(session, [request for request, _ in found])
        return
    columns = (*_COLUMNS, Column(title="You can"))
    rows = [[*_row(session, request), what] for request, what in found]
    output.table(session, columns, rows, empty="Nothing waits for you.")


def _state(request: AccessRequest) -> str:
    return output.enum_name(request, "state")


def _row(session: Session, request: AccessRequest) -> list[output.Cell]:
    waiting = session.now() - request.submitted_time.ToDatetime(UTC)
    decisions = [
        f"{review.environment} {words(output.enum_name(review, 'decision'))}"
        for review in request.reviews
    ]
    return [
        request.ticket_id,
        output.state(_state(request)),
        request.form.company_name,
        ", ".join(request.form.requested_scopes),
        ", ".join(decisions),
        output.when(session, request, "submitted_time")
        if session.exact
        else times.format_span(waiting),
        request.assignee,
    ]


def _own_step(session: Session, request: AccessRequest, seen: str) -> None:
    """Keeps the new etag after a step of one's own on the revision that was shown."""
    if seen:
        shown.remember(session, request.ticket_id, request.etag)


def _done(session: Session, request: AccessRequest, summary: str) -> None:
    if session.as_json:
        output.emit_json(session, request)
    else:
        session.out.print(Text(summary))


def _show(session: Session, request: AccessRequest) -> None:
    shown.remember(session, request.ticket_id, request.etag)
    if session.as_json:
        output.emit_json(session, request)
    else:
        dossier.show_request(session, request)
