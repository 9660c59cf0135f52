"""Handler of approvals: it makes a grant, or the proposal of one for a second operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh.access.v1 import grant_pb2
from xaigh_server.access.approval import Approval, Approved, Evidence, approve
from xaigh_server.access.grant_service import grant_to_pb
from xaigh_server.access.granting import Granting, GrantingRules, find_organization, operator_of
from xaigh_server.access.messages import any_ticket, ticket_to_pb
from xaigh_server.access.model import Ticket
from xaigh_server.access.proposal import Proposal
from xaigh_server.access.proposal_messages import proposal_for_audit, proposal_to_pb
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.review import noted
from xaigh_server.access.ticket_changes import expire_proposals, save_ticket
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.keys.grants import Aspect, Finding, GrantTerms
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Write
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

FindTicket = Callable[[str], Awaitable[Ticket | None]]
"""Reads a ticket before the transaction, for calls that need other databases or the network."""

_Reply = api.ApproveAccessRequestResponse


class ApprovalHandlers:
    """Answers `ApproveAccessRequest`. The approval names the etag of the reviewed ticket."""

    def __init__(self, *, rules: GrantingRules, find_ticket: FindTicket) -> None:
        self._rules = rules
        self._find_ticket = find_ticket

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"ApproveAccessRequest": Write(run=self.approve, prepare=self.look_outside)}

    async def look_outside(self, request: api.ApproveAccessRequestRequest, call: Call) -> Evidence:
        """Resolves the callback and reads the sandbox traffic of the organization it is for."""
        ticket = await self._find_ticket(request.ticket_id)
        if ticket is None:
            return Evidence()
        environment = Environment(request.environment)
        return await self._rules.look_outside(
            environment,
            request.organization_id or ticket.organization_id,
            request.callback_url or ticket.form.callback_for(environment),
            call,
        )

    def approve(self, request: api.ApproveAccessRequestRequest, unit: UnitOfWork) -> _Reply:
        old = any_ticket(request.ticket_id, unit)
        organization = find_organization(request.organization_id, old, unit)
        approval = Approval(
            environment=Environment(request.environment),
            terms=self._terms(request, old, operator_of(unit), unit),
            etag=request.etag,
            operator=operator_of(unit),
            organization_id=organization.organization_id if organization else "",
            organization_name=(
                organization.display_name if organization else old.form.company_name
            ),
        )
        approved = approve(
            old,
            approval,
            self._rules.circumstances(unit.prepared, old.ticket_id, unit),
            proposal_id="" if request.validate_only else unit.new_id("prp"),
        )
        if approved.proposal is not None:
            return _propose(request, old, approved, approved.proposal, unit)
        granting = Granting(
            old=old,
            approved=approved,
            environment=approval.environment,
            terms=approval.terms,
            organization=organization,
            organization_name=approval.organization_name,
            note=request.internal_note,
        )
        return _grant(granting, unit, rehearse=request.validate_only)

    def _terms(
        self,
        request: api.ApproveAccessRequestRequest,
        ticket: Ticket,
        operator: OperatorPrincipal,
        unit: UnitOfWork,
    ) -> GrantTerms:
        """Returns the grant's terms: the call's, completed from the form and the settings."""
        form, environment = ticket.form, Environment(request.environment)
        ends = get_time(request, "expire_time")
        if ends is not None and ends <= unit.now:
            raise FieldInvalid.at("expireTime", "Is past.")
        terms = GrantTerms(
            scopes=tuple(sorted(set(request.scopes or form.requested_scopes))),
            key_types=tuple(sorted(set(request.key_types or form.key_types))),
            tier=request.tier or self._rules.default_tier,
            employer_user_ids=tuple(sorted(set(request.employer_user_ids))),
            key_allowance=request.key_allowance or 2,
            callback_url=request.callback_url or form.callback_for(environment),
            expire_time=ends,
            conditions=tuple(request.conditions),
            rollback_plan=request.rollback_plan,
            findings=_findings(request, operator),
            evidence_waiver=request.evidence_waiver,
            domain_waiver=request.domain_waiver,
        )
        self._rules.check(terms, environment)
        return terms


def _grant(granting: Granting, unit: UnitOfWork, *, rehearse: bool) -> _Reply:
    reply = _Reply(
        outcome=_Reply.GRANTED,
        next_steps=["Issue keys from the grant by hand (IssueKey); approving never makes one."],
    )
    if rehearse:
        reply.grant.CopyFrom(grant_to_pb(granting.preview(unit), unit))
        reply.access_request.CopyFrom(ticket_to_pb(granting.old))
        unit.forget()
        return reply
    grant, ticket = granting.make(unit)
    reply.grant.CopyFrom(grant_to_pb(grant, unit))
    reply.access_request.CopyFrom(ticket_to_pb(ticket))
    return reply


def _propose(
    request: api.ApproveAccessRequestRequest,
    old: Ticket,
    approved: Approved,
    proposal: Proposal,
    unit: UnitOfWork,
) -> _Reply:
    reply = _Reply(outcome=_Reply.PROPOSED, proposal=proposal_to_pb(proposal))
    if request.validate_only:
        reply.next_steps.append("It would wait for another person, who confirms these terms.")
        reply.access_request.CopyFrom(ticket_to_pb(old))
        unit.forget()
        return reply
    ticket = noted(approved.ticket, proposal.proposed_by, request.internal_note, unit.now)
    expire_proposals(old.ticket_id, unit)
    Proposals(unit.session).add(proposal)
    save_ticket(old, ticket, unit)
    unit.audit(
        proposal.proposal_id,
        proposal.ticket_id,
        after=proposal_for_audit(proposal),
        action="proposal.made",
        organization_id=proposal.organization_id,
        environment=request.environment,
    )
    reply.next_steps.append(
        f"Another person has to confirm proposal {proposal.proposal_id} (ConfirmProposal, "
        f"xaigh proposals confirm {proposal.proposal_id})."
    )
    reply.access_request.CopyFrom(ticket_to_pb(ticket))
    return reply


def _findings(
    request: api.ApproveAccessRequestRequest, operator: OperatorPrincipal
) -> tuple[Finding, ...]:
    found: dict[Aspect, Finding] = {}
    for index, each in enumerate(request.findings):
        aspect = Aspect(grant_pb2.Finding.Aspect.Name(each.aspect))
        if aspect in found:
            text = f"A second finding on {aspect.value}; give one on each aspect."
            raise FieldInvalid.at(f"findings[{index}].aspect", text)
        found[aspect] = Finding(
            aspect=aspect, finding=each.finding, note=each.note, reviewer=operator.name
        )
    return tuple(found[aspect] for aspect in Aspect if aspect in found)
