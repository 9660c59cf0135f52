"""Approvals: what an approval of one environment must have, and what it makes of the ticket.

Production with a high-risk scope takes two operators: the first one proposes, another confirms.
The functions are pure: each returns the new ticket and raises where a rule is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xaigh_server.access.model import (
    EnvironmentDecision,
    EnvironmentReview,
    Proposal,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.access.review import (
    close,
    transition,
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
    """The approval lacks preconditions; `preconditions` lists them."""

    reason = "REVIEW_INCOMPLETE"

    def __init__(self, missing: Sequence[PreconditionViolation]) -> None:
        super().__init__(
            "The review is incomplete: " + " ".join(each.description for each in missing),
            preconditions=missing,
            metadata={"missing": " ".join(each.subject for each in missing)},
        )


class RequestExceeded(DomainError):
    """The approval exceeds the request; `violations` lists the fields."""

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
class Evidence:
    """Counts of an organization's sandbox traffic. Production needs a replay and a recovery."""

    calls: int = 0
    idempotent_replays: int = 0
    recovered_errors: int = 0
    first_call_time: datetime | None = None
    last_call_time: datetime | None = None

    @property
    def sufficient(self) -> bool:
        """Whether the integration has replayed a write and recovered from an error."""
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
    """Result of an approval. `approved_by` is empty while it is only proposed."""

    ticket: Ticket
    approved_by: tuple[str, ...]
    solo: bool = False

    @property
    def proposed_only(self) -> bool:
        """Whether a second operator must still confirm."""
        return not self.approved_by


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


def missing_for(
    form: RequestForm, approval: Approval, evidence: Evidence, proposal: Proposal | None = None
) -> list[PreconditionViolation]:
    """Returns what an approval lacks, each with its remedy; empty if nothing.

    A waiver in the proposal was a founder's, so any operator may confirm it.
    """
    terms = approval.terms
    found = {finding.aspect for finding in terms.findings}
    lacks = [
        _precondition(f"findings.{aspect.value}", f"A finding on {aspect.value} is missing.")
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
    """Returns what production lacks beyond findings. `terms` is None for the dossier's forecast."""
    lacks: list[PreconditionViolation] = []
    if not form.failure_mode:
        text = "The request names no failureMode: ask the applicant to amend it."
        lacks.append(_precondition("failureMode", text))
    if terms is not None and not terms.rollback_plan:
        lacks.append(_precondition("rollbackPlan", "The approval has no rollbackPlan."))
    waiver = terms.evidence_waiver if terms is not None else ""
    if not evidence.sufficient and not waiver:
        text = (
            f"Sandbox traffic shows {evidence.idempotent_replays} replays and "
            f"{evidence.recovered_errors} recovered errors; one of each is needed, "
            "or a founder's evidenceWaiver."
        )
        lacks.append(_precondition("sandboxEvidence", text))
    elif waiver and operator is not None and operator.role is not Role.FOUNDER:
        lacks.append(
            _precondition("evidenceWaiver", "Only a founder can waive the sandbox evidence.")
        )
    return lacks


def _precondition(subject: str, description: str) -> PreconditionViolation:
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
    # The etag stays the same, so the second operator confirms what the first one reviewed.
    proposed = replace(_with(ticket, review), update_time=now, expire_time=now + idle)
    return Approved(ticket=proposed, approved_by=())


def _confirmed(
    ticket: Ticket, approval: Approval, proposal: Proposal, *, now: datetime, idle: timedelta
) -> Approved:
    if proposal.proposed_by == approval.operator.name:
        raise SecondOperatorRequired(proposal.proposed_by)
    if not _same(proposal.terms, approval.terms) or proposal.request_revision != ticket.revision:
        raise ProposalMismatch
    # The findings keep the name of the reviewer who made them.
    first = replace(approval, terms=proposal.terms)
    by = (proposal.proposed_by, approval.operator.name)
    return _granted(ticket, first, by, now=now, idle=idle)


def _same(proposed: GrantTerms, confirmed: GrantTerms) -> bool:
    """Whether two operators' terms are equal, reviewers' names aside."""

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
        closed = close(approved, TicketState.APPROVED, now=now)
        return Approved(ticket=closed, approved_by=by)
    moved = transition(approved, TicketState.IN_REVIEW, now=now, idle=idle)
    return Approved(ticket=moved, approved_by=by)


def _with(ticket: Ticket, review: EnvironmentReview) -> Ticket:
    reviews = tuple(
        review if each.environment is review.environment else each for each in ticket.reviews
    )
    return replace(ticket, reviews=reviews)
