"""The review: each step of a ticket as a function from the old one to the new one.

A step checks what it needs, and raises a meaning; it writes nothing and asks no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xaigh_server.access.model import (
    EnvironmentDecision,
    EnvironmentReview,
    Message,
    MessageAuthor,
    Proposal,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.errors import (
    DomainError,
    FieldInvalid,
    FieldViolation,
    IllegalTransition,
    PreconditionViolation,
)
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.identity.scopes import Catalogue, Role
from xaigh_server.keys.grants import Aspect, GrantTerms
from xaigh_server.rpc.etags import check_etag


class ReviewIncomplete(DomainError):
    """The approval lacks something; each lack is listed."""

    reason = "REVIEW_INCOMPLETE"

    def __init__(self, missing: Sequence[PreconditionViolation]) -> None:
        super().__init__(
            "The review is incomplete: " + " ".join(each.description for each in missing),
            preconditions=missing,
            metadata={"missing": " ".join(each.subject for each in missing)},
        )


class RequestExceeded(DomainError):
    """The decision is wider than the request; each excess is listed by its field."""

    reason = "REQUEST_EXCEEDED"

    def __init__(self, faults: Sequence[FieldViolation]) -> None:
        super().__init__("The approval is wider than the request.", violations=faults)


class SecondOperatorRequired(DomainError):
    reason = "SECOND_OPERATOR_REQUIRED"

    def __init__(self, proposed_by: str) -> None:
        super().__init__(
            f"{proposed_by} proposed this approval; another operator has to confirm it.",
            metadata={"proposedBy": proposed_by},
        )


class ProposalMismatch(DomainError):
    reason = "PROPOSAL_MISMATCH"
    default_message = (
        "The approval differs from the proposal that waits; approve the same, or deny it."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """What a deployment chooses about its reviews."""

    idle: timedelta
    solo_approvals: bool
    default_tier: str
    allow_loopback_callbacks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an organization's sandbox traffic shows. Production needs one of each."""

    calls: int = 0
    idempotent_replays: int = 0
    recovered_errors: int = 0
    first_call_time: datetime | None = None
    last_call_time: datetime | None = None

    @property
    def sufficient(self) -> bool:
        """Whether the integration has shown that it can repeat a write and survive an error."""
        return self.idempotent_replays > 0 and self.recovered_errors > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What an operator sends to approve one environment."""

    environment: Environment
    terms: GrantTerms
    etag: str
    operator: OperatorPrincipal


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What came of it: the ticket after it, and who approved; empty while only proposed."""

    ticket: Ticket
    approved_by: tuple[str, ...]
    solo: bool = False

    @property
    def proposed_only(self) -> bool:
        """Whether a second operator has to confirm."""
        return not self.approved_by


# --- what the applicant does ------------------------------------------------------------------


def amend(ticket: Ticket, form: RequestForm, *, now: datetime, idle: timedelta) -> Ticket:
    """A new revision. The review of what isn't decided begins anew, and proposals fall."""
    ticket.require("amend")
    reviews = []
    for environment in form.environments:
        old = ticket.review_of(environment)
        kept = old if old is not None and old.decided else None
        reviews.append(kept or EnvironmentReview(environment=environment))
    dropped = [each for each in ticket.reviews if each.environment not in form.environments]
    reviews.extend(each for each in dropped if each.decided)
    return _moved(
        replace(
            ticket,
            form=form,
            revision=ticket.revision + 1,
            reviews=tuple(sorted(reviews, key=lambda each: _ORDER[each.environment])),
        ),
        TicketState.IN_REVIEW if ticket.assignee else TicketState.SUBMITTED,
        now=now,
        idle=idle,
    )


def withdraw(ticket: Ticket, *, reason: str, now: datetime) -> Ticket:
    """Takes a request back. Grants that exist stay."""
    ticket.require("withdraw")
    said = _said(ticket, MessageAuthor.APPLICANT, reason, now) if reason else ticket
    return _closed(said, TicketState.WITHDRAWN, now=now)


def reply(ticket: Ticket, *, text: str, now: datetime, idle: timedelta) -> Ticket:
    """Answers the reviewers: what needed information is in review again."""
    ticket.require("reply")
    said = _said(ticket, MessageAuthor.APPLICANT, text, now)
    return _moved(said, TicketState.IN_REVIEW, now=now, idle=idle)


def expire(ticket: Ticket, *, now: datetime) -> Ticket:
    """Ends a request that nobody moved. What is closed already stays as it was decided."""
    if not ticket.is_open:
        subject = f"Ticket {ticket.ticket_id}"
        raise IllegalTransition(subject, state=ticket.state.value, step="expire", allowed=())
    return _closed(ticket, TicketState.EXPIRED, now=now)


# --- what operators do ------------------------------------------------------------------------


def start_review(
    ticket: Ticket, *, operator: str, etag: str, note: str, now: datetime, idle: timedelta
) -> Ticket:
    """The operator takes the ticket on, also from another one."""
    ticket.require("startReview")
    check_etag(etag, ticket.etag)
    kept = noted(ticket, operator, note, now)
    return _moved(replace(kept, assignee=operator), TicketState.IN_REVIEW, now=now, idle=idle)


def request_info(
    ticket: Ticket,
    *,
    operator: str,
    question: str,
    etag: str,
    note: str,
    now: datetime,
    idle: timedelta,
) -> Ticket:
    """Asks the applicant something."""
    ticket.require("requestInfo")
    check_etag(etag, ticket.etag)
    asked = _said(ticket, MessageAuthor.REVIEWER, question, now, operator)
    kept = noted(asked, operator, note, now)
    return _moved(kept, TicketState.NEEDS_INFO, now=now, idle=idle)


def approve(
    ticket: Ticket,
    approval: Approval,
    *,
    evidence: Evidence,
    catalogue: Catalogue,
    solo_allowed: bool,
    now: datetime,
    idle: timedelta,
) -> Approved:
    """Approves one environment, or proposes it where production needs a second operator."""
    ticket.require("approve")
    check_etag(approval.etag, ticket.etag)
    review = ticket.review_of(approval.environment)
    if review is None:
        text = f"The request doesn't ask for {approval.environment}."
        raise RequestExceeded([FieldViolation(path="environment", description=text)])
    if review.decided:
        raise IllegalTransition(
            f"{approval.environment} of ticket {ticket.ticket_id}",
            state=review.decision.value,
            step="approve",
            allowed=(),
        )
    _check_width(ticket.form, approval.terms)
    catalogue.require_mintable(approval.terms.scopes)
    missing = missing_for(ticket.form, approval, evidence, review.proposal)
    if missing:
        raise ReviewIncomplete(missing)
    if not _needs_second(approval, catalogue):
        return _granted(ticket, approval, (approval.operator.name,), now=now, idle=idle)
    if review.proposal is not None:
        return _confirmed(ticket, approval, review.proposal, now=now, idle=idle)
    if solo_allowed:
        by = (approval.operator.name,)
        return replace(_granted(ticket, approval, by, now=now, idle=idle), solo=True)
    return _proposed(ticket, approval, now=now, idle=idle)


def deny(
    ticket: Ticket,
    *,
    operator: str,
    environment: Environment | None,
    etag: str,
    public_reason: str,
    note: str,
    now: datetime,
    idle: timedelta,
) -> Ticket:
    """Refuses one environment, or every one that isn't decided."""
    ticket.require("deny")
    check_etag(etag, ticket.etag)
    review = ticket.review_of(environment) if environment is not None else None
    if environment is not None and (review is None or review.decided):
        state = review.decision.value if review else "not asked for"
        subject = f"{environment} of ticket {ticket.ticket_id}"
        raise IllegalTransition(subject, state=state, step="deny", allowed=())
    reviews = tuple(
        each
        if each.decided or environment not in (None, each.environment)
        else EnvironmentReview(
            environment=each.environment,
            decision=EnvironmentDecision.DENIED,
            decided_by=operator,
            decided_time=now,
        )
        for each in ticket.reviews
    )
    said = _said(ticket, MessageAuthor.REVIEWER, public_reason, now, operator)
    denied = replace(noted(said, operator, note, now), reviews=reviews, denial_reason=public_reason)
    if all(each.decided for each in reviews):
        return _closed(denied, TicketState.DENIED, now=now)
    return _moved(denied, TicketState.IN_REVIEW, now=now, idle=idle)


def missing_for(
    form: RequestForm, approval: Approval, evidence: Evidence, proposal: Proposal | None = None
) -> list[PreconditionViolation]:
    """What an approval lacks, each with what would cure it. Empty: nothing.

    A waiver that was proposed is a founder's already, whoever confirms it.
    """
    terms = approval.terms
    found = {finding.aspect for finding in terms.findings}
    lacks = [
        _lack(f"findings.{aspect.value}", f"A finding on {aspect.value} is missing.")
        for aspect in Aspect
        if aspect not in found
    ]
    if approval.environment is Environment.PRODUCTION:
        waived = proposal is not None and proposal.terms.evidence_waiver == terms.evidence_waiver
        signer = None if waived else approval.operator
        lacks.extend(production_lacks(form, evidence, terms, signer))
    return lacks


def production_lacks(
    form: RequestForm,
    evidence: Evidence,
    terms: GrantTerms | None,
    operator: OperatorPrincipal | None,
) -> list[PreconditionViolation]:
    """What production needs beyond the findings. With `terms` None: what the dossier foresees."""
    lacks: list[PreconditionViolation] = []
    if not form.failure_mode:
        text = "The request names no failureMode: ask the applicant to amend it."
        lacks.append(_lack("failureMode", text))
    if terms is not None and not terms.rollback_plan:
        lacks.append(_lack("rollbackPlan", "The approval has no rollbackPlan."))
    waiver = terms.evidence_waiver if terms is not None else ""
    if not evidence.sufficient and not waiver:
        text = (
            f"Sandbox traffic shows {evidence.idempotent_replays} replays and "
            f"{evidence.recovered_errors} recovered errors; one of each is needed, "
            "or a founder's evidenceWaiver."
        )
        lacks.append(_lack("sandboxEvidence", text))
    elif waiver and operator is not None and operator.role is not Role.FOUNDER:
        lacks.append(_lack("evidenceWaiver", "Only a founder can waive the sandbox evidence."))
    return lacks


_ORDER = {Environment.SANDBOX: 0, Environment.PRODUCTION: 1}


def _lack(subject: str, description: str) -> PreconditionViolation:
    return PreconditionViolation(type="REVIEW", subject=subject, description=description)


def _check_width(form: RequestForm, terms: GrantTerms) -> None:
    faults = [
        *_excess("scopes", terms.scopes, form.requested_scopes),
        *_excess("keyTypes", terms.key_types, form.key_types),
    ]
    if faults:
        raise RequestExceeded(faults)
    if not terms.employer_user_ids:
        raise FieldInvalid.at("employerUserIds", "A grant needs at least one employer.")


def _excess(path: str, given: Iterable[str], asked: Iterable[str]) -> list[FieldViolation]:
    known = frozenset(asked)
    return [
        FieldViolation(path=f"{path}[{index}]", description=f"{value!r} wasn't asked for.")
        for index, value in enumerate(given)
        if value not in known
    ]


def _needs_second(approval: Approval, catalogue: Catalogue) -> bool:
    risky = catalogue.high_risk(approval.terms.scopes)
    return approval.environment is Environment.PRODUCTION and bool(risky)


def _proposed(ticket: Ticket, approval: Approval, *, now: datetime, idle: timedelta) -> Approved:
    proposal = Proposal(
        proposed_by=approval.operator.name,
        proposed_time=now,
        terms=approval.terms,
        request_revision=ticket.revision,
    )
    review = EnvironmentReview(
        environment=approval.environment,
        decision=EnvironmentDecision.PROPOSED,
        decided_by=approval.operator.name,
        decided_time=now,
        proposal=proposal,
    )
    # The etag stays: a second operator confirms the very revision that the first one reviewed.
    proposed = replace(_with(ticket, review), update_time=now, expire_time=now + idle)
    return Approved(ticket=proposed, approved_by=())


def _confirmed(
    ticket: Ticket, approval: Approval, proposal: Proposal, *, now: datetime, idle: timedelta
) -> Approved:
    if proposal.proposed_by == approval.operator.name:
        raise SecondOperatorRequired(proposal.proposed_by)
    if not _same(proposal.terms, approval.terms) or proposal.request_revision != ticket.revision:
        raise ProposalMismatch
    # The findings that were reviewed stand under the name of who found them.
    first = replace(approval, terms=proposal.terms)
    by = (proposal.proposed_by, approval.operator.name)
    return _granted(ticket, first, by, now=now, idle=idle)


def _same(proposed: GrantTerms, confirmed: GrantTerms) -> bool:
    """Whether two operators mean the same, whoever signed the findings."""

    def unsigned(terms: GrantTerms) -> GrantTerms:
        return replace(terms, findings=tuple(replace(each, reviewer="") for each in terms.findings))

    return unsigned(proposed) == unsigned(confirmed)


def _granted(
    ticket: Ticket,
    approval: Approval,
    by: tuple[str, ...],
    *,
    now: datetime,
    idle: timedelta,
) -> Approved:
    review = EnvironmentReview(
        environment=approval.environment,
        decision=EnvironmentDecision.APPROVED,
        decided_by=approval.operator.name,
        decided_time=now,
    )
    approved = _with(ticket, review)
    is_last = approval.environment is Environment.PRODUCTION
    if is_last or all(each.decided for each in approved.reviews):
        closed = _closed(approved, TicketState.APPROVED, now=now)
        return Approved(ticket=closed, approved_by=by)
    moved = _moved(approved, TicketState.IN_REVIEW, now=now, idle=idle)
    return Approved(ticket=moved, approved_by=by)


def _with(ticket: Ticket, review: EnvironmentReview) -> Ticket:
    reviews = tuple(
        review if each.environment is review.environment else each for each in ticket.reviews
    )
    return replace(ticket, reviews=reviews)


def _said(
    ticket: Ticket, voice: MessageAuthor, text: str, now: datetime, operator: str = ""
) -> Ticket:
    message = Message(voice=voice, text=text, time=now, operator=operator)
    return replace(ticket, thread=(*ticket.thread, message))


def noted(ticket: Ticket, operator: str, note: str, now: datetime) -> Ticket:
    """Adds a note that never leaves ops; an empty one adds nothing."""
    return _said(ticket, MessageAuthor.INTERNAL, note, now, operator) if note else ticket


def _moved(ticket: Ticket, state: TicketState, *, now: datetime, idle: timedelta) -> Ticket:
    return replace(
        ticket, state=state, version=ticket.version + 1, update_time=now, expire_time=now + idle
    )


def _closed(ticket: Ticket, state: TicketState, *, now: datetime) -> Ticket:
    return replace(
        ticket, state=state, version=ticket.version + 1, update_time=now, expire_time=None
    )
