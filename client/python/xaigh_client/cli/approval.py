"""Approval of an access request: collects the terms, previews them, asks, and sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from xaigh.access.v1.access_request_pb2 import AccessRequest
from xaigh.access.v1.access_request_service_pb2 import ApproveAccessRequestResponse
from xaigh.access.v1.grant_pb2 import Finding
from xaigh.access.v1.proposal_pb2 import Proposal
from xaigh_client.cli import output, prompts
from xaigh_client.cli import terms as terms_sheet
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, words

_ASPECTS = {
    value.name.lower().replace("_", "-"): value.name
    for value in Finding.Aspect.DESCRIPTOR.values
    if value.number
}


def findings(session: Session, given: Sequence[str]) -> list[dict[str, str]]:
    """Parses findings, each `ASPECT=FINDING: NOTE`; prompts for missing ones on a terminal.

    Raises UsageProblem for an unknown aspect and for a text of another form.
    """
    found: dict[str, dict[str, str]] = {}
    for text in given:
        aspect, _, rest = text.partition("=")
        finding, _, note = rest.partition(": ")
        name = _ASPECTS.get(aspect.strip().lower().replace("_", "-"))
        if name is None:
            raise UsageProblem(f"no aspect {aspect!r}; there are: {', '.join(_ASPECTS)}")
        if not finding.strip() or not note.strip():
            raise UsageProblem(f"--finding {text!r}: write {aspect}=FINDING: NOTE")
        found[name] = {"aspect": name, "finding": finding.strip(), "note": note.strip()}
    for name in _ASPECTS.values():
        if name not in found and session.interactive:
            finding = prompts.ask(session, f"{words(name).capitalize()}: what did you find?")
            note = prompts.ask(session, "  What led to it?")
            if finding and note:
                found[name] = {"aspect": name, "finding": finding, "note": note}
    return list(found.values())


def open_proposal(request: AccessRequest, environment: str) -> Proposal:
    """The proposal that waits for another person. Raises UsageProblem where there is none."""
    for review in request.reviews:
        if review.environment == environment and review.HasField("proposal"):
            return review.proposal
    raise UsageProblem(f"nothing is proposed for {environment} of {request.ticket_id}")


def confirm(
    session: Session, proposal: Proposal, *, note: str | None, yes: bool, dry_run: bool
) -> None:
    """Confirms a proposal, after showing all of its terms and a confirmation."""
    send = session.client.proposals.confirm_proposal
    company = plain(proposal.organization_name)
    if dry_run or not yes:
        preview = send(proposal_id=proposal.proposal_id, etag=proposal.etag, validate_only=True)
        if session.as_json:
            if dry_run or not session.interactive:
                output.emit_json(session, preview)
        else:
            by = plain(proposal.proposed_by)
            headline = f"This would open {proposal.environment} to {company}, as {by} proposed."
            session.err.print(Text(headline, style="bold"))
            terms_sheet.show(session, "", preview.grant.terms)
        if dry_run:
            return
        prompts.confirm(session, f"Open {proposal.environment} to {company}?", yes=yes)
    reply = send(proposal_id=proposal.proposal_id, etag=proposal.etag, internal_note=note)
    if session.as_json:
        output.emit_json(session, reply)
        return
    session.out.print(Text(f"You opened {proposal.environment} to {company}.", style="bold"))
    terms_sheet.show(session, reply.grant.grant_id, reply.grant.terms)
    for step in reply.next_steps:
        session.note(f"Next: {plain(step)}")


def approve(
    session: Session,
    request: AccessRequest,
    terms: dict[str, Any],
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Sends an approval; for production after a preview (`validate_only`) and a confirmation."""
    send = session.client.access_requests.approve_access_request
    production = terms["environment"] == "production"
    if dry_run or (production and not yes):
        preview = send(**terms, validate_only=True)
        _show(session, request, terms["environment"], preview, preview=True)
        if dry_run:
            return
        company = plain(request.form.company_name)
        prompts.confirm(session, f"Open production to {company}?", yes=yes)
    _show(session, request, terms["environment"], send(**terms), preview=False)


def _show(
    session: Session,
    request: AccessRequest,
    environment: str,
    reply: ApproveAccessRequestResponse,
    *,
    preview: bool,
) -> None:
    if session.as_json:
        # Where an approval follows, its reply is the command's JSON and the preview isn't printed.
        if not preview or not session.interactive:
            output.emit_json(session, reply)
        return
    company = plain(request.form.company_name)
    proposed = reply.outcome == ApproveAccessRequestResponse.PROPOSED
    if proposed:
        verb = "would propose" if preview else "proposed"
        headline = f"{verb} {environment} for {company}; another operator has to confirm it"
    else:
        verb = "would open" if preview else "opened"
        headline = f"{verb} {environment} to {company}"
    where = session.err if preview else session.out
    where.print(Text(f"This {headline}." if preview else f"You {headline}.", style="bold"))
    if reply.HasField("grant"):
        terms_sheet.show(session, reply.grant.grant_id, reply.grant.terms)
    elif reply.HasField("proposal"):
        terms_sheet.show(session, "", reply.proposal.terms)
    for step in reply.next_steps:
        session.note(f"Next: {plain(step)}")
