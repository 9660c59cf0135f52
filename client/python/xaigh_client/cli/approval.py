"""Approval of an access request: collects the terms, shows all of them, asks, and sends them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rich.text import Text

from xaigh_client.cli import (
    approval_form,
    names,
    output,
    problems,
    prompts,
    proposal_sheet,
    questions,
)
from xaigh_client.cli import terms as terms_sheet
from xaigh_client.cli.output import Cell
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.questions import Draft, Question
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain
from xaigh_client.errors import FailedPreconditionError, InvalidArgumentError
from xaigh_client.types import ApproveAccessRequestResponse, Grant

_GRANTED = ApproveAccessRequestResponse.GRANTED


def by_options(
    session: Session,
    fixed: Mapping[str, Any],
    answers: Mapping[str, str],
    *,
    yes: bool,
    dry_run: bool,
) -> ApproveAccessRequestResponse | None:
    """Sends an approval that options made, after a look at all terms; None for a dry run."""
    given = {**fixed, **approval_form.terms(answers, session.now())}
    send = session.client.access_requests.approve_access_request
    if dry_run or not yes:
        preview = send(**given, validate_only=True)
        show(session, preview, preview=True, as_json=session.as_json and dry_run)
        if dry_run:
            return None
        prompts.confirm(session, _question(preview), yes=yes)
    return send(**given)


def by_questions(
    session: Session, fixed: Mapping[str, Any], answers: Mapping[str, str], etag: str
) -> ApproveAccessRequestResponse:
    """Asks for what options left open, shows all terms, asks once more, and sends them.

    Answers are kept in a draft until they were sent. Raises UsageProblem where the request changed
    since it was shown: nobody answers twenty questions about an old revision.
    """
    ticket, environment = fixed["ticket_id"], fixed["environment"]
    dossier = session.client.access_requests.get_dossier(ticket_id=ticket)
    if dossier.access_request.etag != etag:
        raise UsageProblem(
            f"{ticket} changed since you were shown it: look again, xaigh requests dossier {ticket}"
        )
    asked = approval_form.questions(
        dossier,
        environment,
        now=session.now,
        organization_id=partial(names.organization_id, session),
    )
    draft = questions.draft(session, f"approve-{ticket}-{environment}", answers)
    try:
        questions.ask_all(session, asked, draft)
        reply = _agree(session, fixed, asked, draft)
    except BaseException:
        session.note(f"Your answers are kept in {draft.file}; the same command offers them.")
        raise
    draft.forget()
    return reply


def show(
    session: Session,
    reply: ApproveAccessRequestResponse,
    *,
    preview: bool = False,
    as_json: bool = False,
) -> None:
    """Prints what an approval did, or would do, with every term and the next command."""
    if as_json:
        output.emit_json(session, reply)
        return
    where = session.err if preview else session.out
    where.print(Text(_headline(reply, preview=preview), style="bold"))
    if reply.HasField("proposal"):
        proposal_sheet.show(session, reply.proposal, to=where)
        if not preview:
            identity = reply.proposal.proposal_id
            session.note(f"Next: another operator runs xaigh proposals confirm {identity}")
    elif reply.HasField("grant"):
        show_grant(session, reply.grant, preview=preview)


def show_grant(session: Session, grant: Grant, *, preview: bool = False) -> None:
    """Prints a grant that a decision made, or would make, with every term and the next command."""
    where = session.err if preview else session.out
    facts = [
        ("grant", grant.grant_id),
        ("environment", grant.environment),
        ("organization", _organization(session, grant)),
    ]
    output.facts(session, "", facts, to=where)
    terms_sheet.show(session, "Terms", grant.terms, to=where)
    if not preview:
        name = plain(grant.organization_name) or "NAME"
        session.note(
            "No key was made. Next: xaigh keys issue "
            f'{grant.grant_id} --name "{name} {grant.environment}"'
        )


def _organization(session: Session, grant: Grant) -> Cell:
    if grant.organization_id:
        return names.of(session, grant)
    return Text(f"new: {plain(grant.organization_name)}", style="yellow")


def _agree(
    session: Session, fixed: Mapping[str, Any], asked: list[Question], draft: Draft
) -> ApproveAccessRequestResponse:
    """Shows the terms and changes answers until the operator says yes and the server agrees."""
    send = session.client.access_requests.approve_access_request
    while True:
        given = {**fixed, **approval_form.terms(draft.answers, session.now())}
        try:
            preview = send(**given, validate_only=True)
            show(session, preview, preview=True)
            if questions.change(session, asked, draft, _question(preview)):
                return send(**given)
        except (FailedPreconditionError, InvalidArgumentError) as error:
            problems.show(session, error)
            questions.change(session, asked, draft, "Try again?")


def _company(reply: ApproveAccessRequestResponse) -> str:
    return plain(reply.access_request.form.company_name)


def _environment(reply: ApproveAccessRequestResponse) -> str:
    part = reply.proposal if reply.HasField("proposal") else reply.grant
    return part.environment


def _question(preview: ApproveAccessRequestResponse) -> str:
    verb = "Open" if preview.outcome == _GRANTED else "Propose"
    return f"{verb} {_environment(preview)} to {_company(preview)} on these terms?"


def _headline(reply: ApproveAccessRequestResponse, *, preview: bool) -> str:
    environment, company = _environment(reply), _company(reply)
    if reply.outcome == _GRANTED:
        verb = "This would open" if preview else "You opened"
        return f"{verb} {environment} to {company}."
    verb = "This would propose" if preview else "You proposed"
    return f"{verb} {environment} for {company}; another operator has to confirm it."
