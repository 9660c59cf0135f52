"""`xaigh proposals`: lists, shows, confirms and discards what another operator proposed."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from xaigh_client.cli import approval, names, output, prompts, proposal_sheet, shown
from xaigh_client.cli.approval_form import OPTION_NAMES
from xaigh_client.cli.commands import DryRun, Limit, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, with_options
from xaigh_client.types import Dossier, Proposal

app = group("proposals", "Confirm or discard what another operator proposed.")

ProposalId = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal, prp_…")]
Etag = Annotated[
    str,
    typer.Option("--etag", help="Of what you were shown. Left out: as shown here."),
]
_COLUMNS = (
    Column(title="Proposal"),
    Column(title="State"),
    Column(title="Environment"),
    Column(title="Organization", wraps=True),
    Column(title="Ticket", keep=1),
    Column(title="Proposed by", keep=2),
    Column(title="Ends", keep=3),
    Column(title="Scopes", keep=4, wraps=True),
    Column(title="Employers", keep=5, wraps=True),
)


@command(app, "list")
def list_(
    session: Session,
    waiting: Annotated[
        bool, typer.Option("--waiting-for-me", help="Only those that you can confirm.")
    ] = False,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    ticket: Annotated[str, typer.Option("--ticket", help="Only of this ticket.")] = "",
    state: Annotated[Repeated, typer.Option("--state", help="As open; repeatable.")] = None,
    limit: Limit = 50,
) -> None:
    """List proposals, newest first. Only open ones unless you say otherwise.

    Example: xaigh proposals list --waiting-for-me
    """
    states: Any = [one.upper() for one in state or ()] or ([] if all_ or waiting else ["OPEN"])
    pager = session.client.proposals.list_proposals(
        states=states,
        ticket_id=ticket or None,
        waiting_for_me=waiting or None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    rows = [_row(session, one) for one in found]
    output.table(session, _COLUMNS, rows, empty="No proposals.")


@command(app, "show")
def show(session: Session, proposal: ProposalId) -> None:
    """Show all terms of a proposal, who proposed it, when it ends, and what changed since."""
    found = _shown(session, proposal)
    if session.as_json:
        output.emit_json(session, found)
        return
    _show(session, found)
    if found.state == Proposal.OPEN:
        session.note(f"Next: another operator runs xaigh proposals confirm {found.proposal_id}")


@command(app, "confirm")
def confirm(
    session: Session,
    proposal: ProposalId,
    note: Annotated[str, typer.Option("--note", help="A note that never leaves ops.")] = "",
    etag: Etag = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Open what another operator proposed, on exactly the terms that are shown. Never makes a key.

    It shows all terms and asks. With --yes it takes the etag of `xaigh proposals show`.

    Example: xaigh proposals confirm prp_1
    """
    if yes:
        etag = shown.require(session, proposal, etag, look="xaigh proposals show")
    elif not session.as_json:
        found = _shown(session, proposal)
        etag = _agreed(etag, found)
        _show(session, found, preview=True)
    else:
        etag = _agreed(etag, _shown(session, proposal))
    send = session.client.proposals.confirm_proposal
    if dry_run or not yes:
        # Judged now, before the question: nobody says yes to what the server refuses.
        preview = send(proposal_id=proposal, etag=etag, validate_only=True)
        if dry_run:
            if session.as_json:
                output.emit_json(session, preview)
            return
        grant = preview.grant
        whom = plain(grant.organization_name) or grant.organization_id
        prompts.confirm(session, f"Open {grant.environment} to {whom} on these terms?", yes=yes)
    reply = send(proposal_id=proposal, etag=etag, internal_note=note or None)
    if session.as_json:
        output.emit_json(session, reply)
        return
    whom = names.of(session, reply.grant)
    session.out.print(Text(f"You opened {reply.grant.environment} to {whom}.", style="bold"))
    approval.show_grant(session, reply.grant)


@command(app, "discard")
def discard(
    session: Session,
    proposal: ProposalId,
    reason: Annotated[str, typer.Option("--reason", help="For operators; never leaves ops.")] = "",
    etag: Etag = "",
    yes: Yes = False,
) -> None:
    """End a proposal, your own or another operator's, so that the environment can be decided anew.

    Example: xaigh proposals discard prp_1 --reason "the employers are wrong"
    """
    reason = reason or prompts.ask(session, "Reason, for the other operators")
    if not reason:
        raise UsageProblem("this needs --reason: it is kept in the audit log")
    if yes:
        etag = shown.require(session, proposal, etag, look="xaigh proposals show")
    else:
        found = _shown(session, proposal)
        etag = _agreed(etag, found)
        if not session.as_json:
            proposal_sheet.show(session, found, to=session.err)
    prompts.confirm(session, f"Discard {proposal}?", yes=yes)
    closed = session.client.proposals.discard_proposal(
        proposal_id=proposal, etag=etag, reason=reason
    )
    if session.as_json:
        output.emit_json(session, closed)
    else:
        session.out.print(Text(f"Discarded {closed.proposal_id} of {closed.ticket_id}."))


def _agreed(etag: str, found: Proposal) -> str:
    """The etag of what is shown now. Raises UsageProblem where another one was named."""
    if etag and etag != found.etag:
        raise UsageProblem(f"{found.proposal_id} has another etag by now: {found.etag}")
    return found.etag


def _shown(session: Session, proposal: str) -> Proposal:
    found = session.client.proposals.get_proposal(proposal_id=proposal)
    shown.remember(session, found.proposal_id, found.etag)
    return found


def _show(session: Session, found: Proposal, *, preview: bool = False) -> None:
    to = session.err if preview else session.out
    proposal_sheet.show(session, found, to=to)
    dossier = session.client.access_requests.get_dossier(ticket_id=found.ticket_id)
    output.facts(session, "Since it was proposed", _since(found, dossier), to=to)


def _since(found: Proposal, dossier: Dossier) -> list[tuple[str, Cell]]:
    """What differs between the moment of the proposal and now."""
    request, readiness = dossier.access_request, dossier.readiness
    same = request.revision == found.request_revision
    changed = [(change.field, f"{change.before} → {change.after}") for change in dossier.changes]
    lacks = with_options("\n".join(dossier.missing_for_production), OPTION_NAMES) or "nothing"
    waived = ", but for the waiver" if found.terms.evidence_waiver else ""
    return [
        ("request", "as it was reviewed" if same else f"revision {request.revision} by now"),
        *([] if same else changed),
        ("state of the ticket", output.state(output.enum_name(request, "state"))),
        (
            "sandbox traffic",
            f"{readiness.idempotent_replays} replays, "
            f"{readiness.recovered_errors} recovered errors",
        ),
        *([(f"production lacks{waived}", lacks)] if found.environment == "production" else []),
    ]


def _row(session: Session, one: Proposal) -> list[Cell]:
    return [
        one.proposal_id,
        output.state(output.enum_name(one, "state")),
        one.environment,
        proposal_sheet.organization(session, one),
        one.ticket_id,
        one.proposed_by,
        output.when(session, one, "expire_time"),
        ", ".join(one.terms.scopes),
        ", ".join(one.terms.employer_user_ids),
    ]
