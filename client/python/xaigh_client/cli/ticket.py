"""`xaigh ticket`: asks for access, follows the request, and opens the key that it leads to.

For applicants. It needs no credential: a ticket's status token opens it, and is kept in the state
folder.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from xaigh_client import keyformat
from xaigh_client.cli import (
    access_form,
    dossier,
    kept_tickets,
    key_destination,
    output,
    prompts,
    questions,
    sealed,
)
from xaigh_client.cli.commands import Repeated, Yes, command, group
from xaigh_client.cli.kept_tickets import KeptTicket
from xaigh_client.cli.output import Cell
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain
from xaigh_client.types import SubmitAccessRequestRequest, Ticket, TicketStatus

app = group("ticket", "Ask for access and follow the request. For applicants.")

TicketId = Annotated[
    str, typer.Argument(metavar="[TICKET]", help="The ticket, tkt_…; left out: your newest one.")
]
OfTicket = Annotated[str, typer.Option("--ticket", help="Left out: your newest one.")]
File = Annotated[str, typer.Option("--file", metavar="FILE", help="The form as JSON; - for stdin.")]
SealWith = Annotated[
    str,
    typer.Option(
        "--seal-with",
        metavar="FILE",
        help="Your age identity; made if there is none. Keys come sealed to it.",
    ),
]
Company = Annotated[str, typer.Option("--company")]
Contact = Annotated[str, typer.Option("--contact", help="Your name.")]
Email = Annotated[str, typer.Option("--email", help="Your address at the company.")]
UseCase = Annotated[str, typer.Option("--use-case", help="What the access is for.")]
Scope = Annotated[Repeated, typer.Option("--scope", help="As jobs:write; repeatable.")]
Volume = Annotated[str, typer.Option("--monthly-volume", help="Calls a month, as a guess.")]
Callback = Annotated[str, typer.Option("--callback", help="Where events go; https.")]
Failure = Annotated[str, typer.Option("--failure-mode", help="What operators cover when it fails.")]
DataClass = Annotated[Repeated, typer.Option("--data-class", help="Repeatable.")]
Environments = Annotated[
    Repeated, typer.Option("--environment", "-e", help="Left out: both; repeatable.")
]
KeyType = Annotated[Repeated, typer.Option("--key-type", help="sk, pk; repeatable.")]
Employer = Annotated[
    Repeated, typer.Option("--employer", help="That you speak for, by id; repeatable.")
]
SandboxCallback = Annotated[
    str, typer.Option("--sandbox-callback", help="Where events of the sandbox go instead.")
]


@command(app, "submit")
def submit(
    session: Session,
    file: File = "",
    company: Company = "",
    contact: Contact = "",
    email: Email = "",
    use_case: UseCase = "",
    scope: Scope = None,
    monthly_volume: Volume = "",
    callback: Callback = "",
    failure_mode: Failure = "",
    data_class: DataClass = None,
    environment: Environments = None,
    key_type: KeyType = None,
    employer: Employer = None,
    sandbox_callback: SandboxCallback = "",
    seal_with: SealWith = "",
    yes: Yes = False,
) -> None:
    """Ask for access: by questions, by options, or from a file. The reply is a ticket, not a key.

    The ticket's status token is kept in a file that only you may read, so that
    `xaigh ticket status` needs no arguments.

    Example: xaigh ticket submit

    Example: xaigh ticket submit --file request.json --seal-with me.agekey --yes
    """
    session.option_names = access_form.OPTION_NAMES
    given = _options(locals())
    form = access_form.read(session, file) if file else {}
    if session.interactive and not yes:
        _submit_by_questions(session, {**access_form.answers(form), **given}, form, seal_with)
    else:
        _submit(session, {**form, **access_form.members(given)}, seal_with)


@command(app, "status")
def status(session: Session, ticket: TicketId = "") -> None:
    """Show the state of your request, what was written, and what happens next."""
    kept = kept_tickets.find(session, ticket)
    _show(session, _read(session, kept), kept)


@command(app, "reply")
def reply(
    session: Session,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Left out: it is asked for.")] = "",
    ticket: OfTicket = "",
) -> None:
    """Answer the reviewers.

    Example: xaigh ticket reply "Leeds and Hull, nights alone."
    """
    kept = kept_tickets.find(session, ticket)
    text = text or prompts.ask(session, "Your answer")
    if not text:
        raise UsageProblem("an answer needs words")
    found = session.client.access_requests.reply_to_review(
        ticket_id=kept.ticket_id, text=text, status_token=kept.status_token
    )
    _show(session, found, kept)


@command(app, "amend")
def amend(
    session: Session,
    ticket: OfTicket = "",
    file: File = "",
    company: Company = "",
    contact: Contact = "",
    email: Email = "",
    use_case: UseCase = "",
    scope: Scope = None,
    monthly_volume: Volume = "",
    callback: Callback = "",
    failure_mode: Failure = "",
    data_class: DataClass = None,
    environment: Environments = None,
    key_type: KeyType = None,
    employer: Employer = None,
    sandbox_callback: SandboxCallback = "",
    seal_with: SealWith = "",
    yes: Yes = False,
) -> None:
    """Change your request. What you don't name stays; the review begins anew.

    Example: xaigh ticket amend --failure-mode "We call the employer."
    """
    session.option_names = access_form.OPTION_NAMES
    changed = access_form.members(_options(locals()))
    if file:
        changed = {**access_form.read(session, file), **changed}
    if seal_with:
        changed["sealTo"] = sealed.recipient(session, seal_with)
    if not changed:
        raise UsageProblem("say what changes, as --failure-mode TEXT or --file FILE")
    kept = kept_tickets.find(session, ticket)
    before = output.members(_read(session, kept).form)
    pairs = [(name, f"{before.get(name, 'none')} → {new}") for name, new in changed.items()]
    output.facts(session, "This changes", pairs, to=session.err)
    prompts.confirm(session, "Send the changed request?", yes=yes)
    found = session.client.access_requests.amend_access_request(
        ticket_id=kept.ticket_id,
        form=access_form.message({**before, **changed}),
        status_token=kept.status_token,
    )
    if seal_with:
        kept_tickets.keep_identity(session, kept, seal_with)
    _show(session, found, kept)


@command(app, "withdraw")
def withdraw(
    session: Session,
    ticket: TicketId = "",
    reason: Annotated[str, typer.Option("--reason", help="If you want to say.")] = "",
    yes: Yes = False,
) -> None:
    """Take your request back. Asking again makes a new one."""
    kept = kept_tickets.find(session, ticket)
    prompts.confirm(session, f"Withdraw {kept.ticket_id}?", yes=yes)
    found = session.client.access_requests.withdraw_access_request(
        ticket_id=kept.ticket_id, reason=reason or None, status_token=kept.status_token
    )
    _show(session, found, kept)


@command(app, "open")
def open_(
    session: Session,
    ticket: TicketId = "",
    identity: Annotated[
        str,
        typer.Option("--identity", "-i", metavar="FILE", help="Left out: that of --seal-with."),
    ] = "",
    key_id: Annotated[str, typer.Option("--key", help="Left out: the newest one.")] = "",
    out: key_destination.Out = "",
    pipe: key_destination.Pipe = "",
) -> None:
    """Fetch the key that was sealed to you, and open it. No operator has seen it.

    Example: xaigh ticket open --out northline.key
    """
    kept = kept_tickets.find(session, ticket)
    identity = identity or kept.identity
    if not identity:
        raise UsageProblem("--identity FILE: the age identity that the key was sealed to")
    destination = key_destination.prepare(out, pipe)
    try:
        text = sealed.fetch(session, kept.ticket_id, key_id, token=kept.status_token)
        key = sealed.unseal(text, identity)
    except BaseException:
        destination.discard()
        raise
    facts = keyformat.check(key)
    destination.write(session, key, key_id=facts.key_id if facts else "KEY_ID")


def _options(given: dict[str, Any]) -> dict[str, str]:
    """The answers that options gave, by the options' names."""
    found = {
        field.option: given.get(field.option.replace("-", "_")) for field in access_form.FIELDS
    }
    listed = {name: ", ".join(v) if isinstance(v, list) else v for name, v in found.items()}
    return {name: text for name, text in listed.items() if text}


def _submit_by_questions(
    session: Session, given: dict[str, str], form: dict[str, Any], seal_with: str
) -> None:
    asked = access_form.questions()
    draft = questions.draft(session, "ticket-submit", given)
    questions.ask_all(session, asked, draft)
    while True:
        questions.show(session, "Your request", asked, draft.answers)
        if questions.change(session, asked, draft, "Send it?"):
            break
    if not seal_with and "sealTo" not in form:
        own = str(session.state_folder / "age-identity.txt")
        prompts.hint(session, "A key can come sealed to an age identity: no operator sees it then.")
        seal_with = prompts.ask(session, "File of your age identity, made if new", default=own)
    _submit(session, {**form, **access_form.members(draft.answers)}, seal_with)
    draft.forget()


def _submit(session: Session, form: dict[str, Any], seal_with: str) -> None:
    if seal_with:
        form["sealTo"] = sealed.recipient(session, seal_with)
    request: SubmitAccessRequestRequest = access_form.message(form)
    made = session.client.access_requests.submit_access_request(
        **{field.name: getattr(request, field.name) for field in request.DESCRIPTOR.fields}
    )
    kept_tickets.keep(
        session,
        KeptTicket(
            ticket_id=made.ticket_id,
            status_token=made.status_token,
            address=session.resolve_profile().address,
            identity=seal_with,
        ),
    )
    _show_submitted(session, made)


def _show_submitted(session: Session, made: Ticket) -> None:
    if session.as_json:
        output.emit_json(session, made)
        return
    session.out.print(Text(f"Submitted as {made.ticket_id}."))
    if made.status_token:
        session.note(f"Its status token is kept in {kept_tickets.file(session)}.")
    else:
        session.warn("An earlier try submitted it, and its status token was lost: submit anew.")
    _next(session, made.next_steps)
    session.note("Follow it: xaigh ticket status")


def _read(session: Session, kept: KeptTicket) -> TicketStatus:
    return session.client.access_requests.get_ticket_status(
        ticket_id=kept.ticket_id, status_token=kept.status_token
    )


def _show(session: Session, found: TicketStatus, kept: KeptTicket) -> None:
    if session.as_json:
        output.emit_json(session, found)
        return
    output.facts(
        session,
        f"{found.form.company_name} · {found.ticket_id}",
        [
            ("ticket", found.ticket_id),
            ("state", output.state(output.enum_name(found, "state"))),
            ("denied because", found.denial_reason),
            *_environments(found),
            ("scopes", ", ".join(found.form.requested_scopes)),
            ("revision", str(found.revision)),
            ("submitted", output.when_both(session, found, "submitted_time")),
            ("changed", output.when_both(session, found, "update_time")),
            ("expires", output.when_both(session, found, "expire_time")),
        ],
    )
    dossier.show_thread(session, found.thread)
    _next(session, found.next_steps)
    if any(one.sealed_key_ids for one in found.environments):
        where = "" if kept.identity else " --identity FILE"
        session.note(f"A sealed key waits: xaigh ticket open{where} --out FILE")


def _environments(found: TicketStatus) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = []
    for one in found.environments:
        text = output.state(output.enum_name(one, "decision"))
        for key_id in one.sealed_key_ids:
            text.append(f"\nkey {key_id} waits, sealed")
        for condition in one.conditions:
            text.append(f"\ncondition: {plain(condition)}")
        lines.append((one.environment, text))
    return lines


def _next(session: Session, steps: Any) -> None:
    for step in steps:
        session.note(f"Next: {plain(step)}")
