"""Approval of an access request: collects the terms, previews them, asks, and sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from xaigh.access.v1.access_request_pb2 import AccessRequest, EnvironmentReview, Finding, GrantTerms
from xaigh.access.v1.access_request_service_pb2 import ApproveAccessRequestResponse
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


def proposed_terms(request: AccessRequest, environment: str) -> dict[str, Any]:
    """The arguments of an approval that repeats what another operator proposed.

    Raises UsageProblem where nothing is proposed for the environment.
    """
    for review in request.reviews:
        if review.environment == environment and review.decision == EnvironmentReview.PROPOSED:
            return {
                "ticket_id": request.ticket_id,
                "environment": environment,
                "etag": request.etag,
                **_terms(review.proposal.terms),
            }
    raise UsageProblem(f"nothing is proposed for {environment} of {request.ticket_id}")


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


def _terms(terms: GrantTerms) -> dict[str, Any]:
    return {
        "scopes": list(terms.scopes),
        "key_types": list(terms.key_types),
        "tier": terms.tier or None,
        "employer_user_ids": list(terms.employer_user_ids),
        "key_allowance": terms.key_allowance,
        "callback_url": terms.callback_url or None,
        "expire_time": terms.expire_time if terms.HasField("expire_time") else None,
        "conditions": list(terms.conditions),
        "rollback_plan": terms.rollback_plan or None,
        "evidence_waiver": terms.evidence_waiver or None,
        "findings": [
            {
                "aspect": Finding.Aspect.Name(finding.aspect),
                "finding": finding.finding,
                "note": finding.note,
            }
            for finding in terms.findings
        ],
    }


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
    for step in reply.next_steps:
        session.note(f"Next: {plain(step)}")
