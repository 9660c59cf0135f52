"""Approvals: what an approval of one environment must have, and what it makes of the ticket.

Production with a high-risk scope takes two persons: the first one proposes, another confirms.
The functions are pure: each returns the new ticket and raises where a rule is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xaigh_server.access.model import (
    EnvironmentDecision,
    EnvironmentReview,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.access.ownership import ProofKind, ProofSet, unprovable
from xaigh_server.access.proposal import (
    LIFETIME,
    Proposal,
    ProposalClosed,
    ProposalOpen,
    ProposalState,
    SecondOperatorRequired,
)
from xaigh_server.access.review import close, transition
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
    """What an operator sends to approve one environment.

    An empty `organization_id` means a new organization, which takes `organization_name`.
    """

    environment: Environment
    terms: GrantTerms
    etag: str
    operator: OperatorPrincipal
    organization_id: str = ""
    organization_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Result of an approval or a confirmation: `proposal` is set where it was only proposed."""

    ticket: Ticket
    approved_by: tuple[str, ...]
    solo: bool = False
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What holds at the moment of a decision, apart from the ticket."""

    evidence: Evidence
    proofs: ProofSet
    catalogue: Catalogue
    solo_allowed: bool
    now: datetime
    idle: timedelta


def approve(
    ticket: Ticket, approval: Approval, holds: Circumstances, *, proposal_id: str
) -> Approved:
    """Approves one environment, or proposes it where production needs a second operator.

    `proposal_id` is the id of the proposal, if one is made.
    """
    ticket.require("approve")
    check_etag(approval.etag, ticket.etag)
    review = _undecided(ticket, approval.environment)
    if review.proposal is not None:
        raise ProposalOpen(review.proposal)
    signer = approval.operator
    _check_terms(ticket, approval.environment, approval.terms, holds, signer=signer)
    risky = holds.catalogue.high_risk(approval.terms.scopes)
    needs_second = approval.environment is Environment.PRODUCTION and bool(risky)
    if needs_second and not holds.solo_allowed:
        proposal = _proposal(ticket, approval, proposal_id, holds)
        proposed = _proposed(ticket, proposal, holds)
        return Approved(ticket=proposed, approved_by=(), proposal=proposal)
    by = (approval.operator.name,)
    granted = _granted(ticket, approval.environment, by=signer.name, holds=holds)
    return Approved(ticket=granted, approved_by=by, solo=needs_second)


def confirm(
    ticket: Ticket, proposal: Proposal, operator: OperatorPrincipal, holds: Circumstances
) -> Approved:
    """Approves what a proposal says, judged anew by what holds now.

    Raises `SecondOperatorRequired` for the person who proposed it, unless the settings allow one.
    """
    proposal.require_open()
    solo = proposal.is_by(operator)
    if solo and not holds.solo_allowed:
        raise SecondOperatorRequired(proposal.proposed_by)
    ticket.require("approve")
    _undecided(ticket, proposal.environment)
    if ticket.organization_id not in ("", proposal.organization_id):
        # Another organization than the proposer meant is never given a grant.
        raise ProposalClosed(proposal.closed(ProposalState.OUTDATED, now=holds.now))
    _check_terms(ticket, proposal.environment, proposal.terms, holds, signer=None)
    by = (proposal.proposed_by, operator.name)
    granted = _granted(ticket, proposal.environment, by=operator.name, holds=holds)
    return Approved(ticket=granted, approved_by=by, solo=solo)


def discard(ticket: Ticket, proposal: Proposal, *, now: datetime) -> Ticket:
    """Returns the ticket without the proposal; everything else stays."""
    left = ticket.without_proposals({proposal.proposal_id})
    return replace(left, version=ticket.version + 1, update_time=now)


def _undecided(ticket: Ticket, environment: Environment) -> EnvironmentReview:
    review = ticket.review_of(environment)
    if review is None:
        text = f"The request doesn't ask for {environment}."
        raise RequestExceeded([FieldViolation(path="environment", description=text)])
    if review.decided:
        raise IllegalTransition(
            f"{environment} of ticket {ticket.ticket_id}",
            state=review.decision.value,
            step="approve",
            allowed=(),
        )
    return review


def _check_terms(
    ticket: Ticket,
    environment: Environment,
    terms: GrantTerms,
    holds: Circumstances,
    *,
    signer: OperatorPrincipal | None,
) -> None:
    """Raises unless the terms may be granted now. `signer` signs a waiver; None: it was signed."""
    _check_width(ticket.form, terms, holds.catalogue)
    holds.catalogue.require_mintable(terms.scopes)
    missing = _missing(ticket.form, environment, terms, holds, signer)
    if terms.expire_time is not None and terms.expire_time <= holds.now:
        text = "The proposed end is past: discard the proposal and approve anew."
        missing.append(_precondition("expireTime", text))
    if missing:
        raise ReviewIncomplete(missing)


def _missing(
    form: RequestForm,
    environment: Environment,
    terms: GrantTerms,
    holds: Circumstances,
    signer: OperatorPrincipal | None,
) -> list[PreconditionViolation]:
    """Returns what an approval lacks, each with its remedy; empty if nothing."""
    found = {finding.aspect for finding in terms.findings}
    lacks = [
        _precondition(f"findings.{aspect.value}", f"A finding on {aspect.value} is missing.")
        for aspect in Aspect
        if aspect not in found
    ]
    if environment is Environment.PRODUCTION:
        lacks.extend(production_lacks(form, holds.evidence, holds.proofs, terms, signer))
    return lacks


def production_lacks(
    form: RequestForm,
    evidence: Evidence,
    proofs: ProofSet,
    terms: GrantTerms | None,
    operator: OperatorPrincipal | None,
) -> list[PreconditionViolation]:
    """Returns what production lacks beyond findings. `terms` is None for the dossier's forecast.

    `operator` signs a waiver; None: whoever proposed the terms has signed it.
    """
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
    return [*lacks, *_unowned(form, proofs, terms, operator)]


def _unowned(
    form: RequestForm,
    proofs: ProofSet,
    terms: GrantTerms | None,
    operator: OperatorPrincipal | None,
) -> Iterator[PreconditionViolation]:
    """Yields what of the request isn't proven to be the applicant's, and isn't waived."""
    callback = terms.callback_url if terms else form.callback_for(Environment.PRODUCTION)
    if not proofs.proves(ProofKind.CALLBACK, callback):
        text = (
            f"The callback {callback} isn't proven, or no longer: ask the applicant to call "
            "proveCallback."
        )
        yield _precondition("callbackProof", text)
    domain = form.email_domain
    waiver = terms.domain_waiver if terms is not None else ""
    if not proofs.proves(ProofKind.DOMAIN, domain) and not waiver:
        why = unprovable(domain) or "Ask the applicant to call proveDomain."
        text = f"The domain {domain} isn't proven; {why} Or a founder gives a domainWaiver."
        yield _precondition("domainProof", text)
    elif waiver and operator is not None and operator.role is not Role.FOUNDER:
        yield _precondition("domainWaiver", "Only a founder can waive the proof of the domain.")


def _precondition(subject: str, description: str) -> PreconditionViolation:
    return PreconditionViolation(type="REVIEW", subject=subject, description=description)


def _check_width(form: RequestForm, terms: GrantTerms, catalogue: Catalogue) -> None:
    faults = [
        *_excess("scopes", terms.scopes, form.requested_scopes),
        *_excess("keyTypes", terms.key_types, form.key_types),
    ]
    if faults:
        raise RequestExceeded(faults)
    if not terms.employer_user_ids and not catalogue.of_products_alone(terms.scopes):
        raise FieldInvalid.at(
            "employerUserIds", "A grant of our own scopes needs at least one employer."
        )


def _excess(path: str, given: Iterable[str], asked: Iterable[str]) -> list[FieldViolation]:
    known = frozenset(asked)
    return [
        FieldViolation(path=f"{path}[{index}]", description=f"{value!r} wasn't asked for.")
        for index, value in enumerate(given)
        if value not in known
    ]


def _proposal(
    ticket: Ticket, approval: Approval, proposal_id: str, holds: Circumstances
) -> Proposal:
    return Proposal(
        proposal_id=proposal_id,
        ticket_id=ticket.ticket_id,
        request_revision=ticket.revision,
        environment=approval.environment,
        organization_id=approval.organization_id,
        new_organization_name="" if approval.organization_id else approval.organization_name,
        organization_name=approval.organization_name,
        terms=approval.terms,
        proposed_by=approval.operator.name,
        person=approval.operator.person,
        create_time=holds.now,
        # Never after the ticket, so that the end of a ticket finds none open.
        expire_time=holds.now + min(LIFETIME, holds.idle),
    )


def _proposed(ticket: Ticket, proposal: Proposal, holds: Circumstances) -> Ticket:
    moved = transition(ticket, ticket.state, now=holds.now, idle=holds.idle)
    review = EnvironmentReview(environment=proposal.environment, proposal=proposal)
    return _with(moved, review)


def _granted(ticket: Ticket, environment: Environment, *, by: str, holds: Circumstances) -> Ticket:
    review = EnvironmentReview(
        environment=environment,
        decision=EnvironmentDecision.APPROVED,
        decided_by=by,
        decided_time=holds.now,
    )
    approved = _with(ticket, review)
    is_last = environment is Environment.PRODUCTION
    if is_last or all(each.decided for each in approved.reviews):
        return close(approved, TicketState.APPROVED, now=holds.now)
    return transition(approved, TicketState.IN_REVIEW, now=holds.now, idle=holds.idle)


def _with(ticket: Ticket, review: EnvironmentReview) -> Ticket:
    reviews = tuple(
        review if each.environment is review.environment else each for each in ticket.reviews
    )
    return replace(ticket, reviews=reviews)
