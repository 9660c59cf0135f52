"""Handlers of the review: queue, assign, ask, approve and deny."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.access import review
from xaigh_server.access.approval import Approval, Approved, Evidence, approve
from xaigh_server.access.grant_service import grant_to_pb, terms_for_audit
from xaigh_server.access.messages import any_ticket, ticket_for_audit, ticket_to_pb
from xaigh_server.access.model import Ticket, TicketState
from xaigh_server.access.repository import TicketFilter, Tickets
from xaigh_server.db.times import to_micros
from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.identity.rate_limit.model import Tiers
from xaigh_server.identity.scopes import Catalogue
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.grants import Aspect, Finding, Grant, GrantState, GrantTerms
from xaigh_server.net.url_guard import check_url
from xaigh_server.organizations.errors import OrganizationInactive
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

FindTicket = Callable[[str], Awaitable[Ticket | None]]
"""Reads a ticket before the transaction, for calls that need other databases or the network."""

ReadEvidence = Callable[[str], Awaitable[Evidence]]
"""Reads an organization's sandbox traffic: the only read across databases."""


class ReviewHandlers:
    """Handles operators' calls. A decision names the etag of the reviewed ticket."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        tiers: Tiers,
        paging: Paging,
        evidence: ReadEvidence,
        rules: review.ReviewRules,
        find_ticket: FindTicket,
    ) -> None:
        self._catalogue = catalogue
        self._tiers = tiers
        self._paging = paging
        self._evidence = evidence
        self._rules = rules
        self._find_ticket = find_ticket

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name; dossier.py has GetDossier."""
        return {
            "ListAccessRequests": Read(run=self.queue),
            "GetAccessRequest": Read(run=self.get),
            "StartReview": Write(run=self.start),
            "RequestInfo": Write(run=self.ask),
            "ApproveAccessRequest": Write(run=self.approve, prepare=self.read_evidence),
            "DenyAccessRequest": Write(run=self.deny),
        }

    def queue(
        self, request: api.ListAccessRequestsRequest, unit: UnitOfWork
    ) -> api.ListAccessRequestsResponse:
        page = self._paging.page(request, unit.call)
        wanted = TicketFilter(
            states=[TicketState(pb.AccessRequest.State.Name(each)) for each in request.states],
            assignee=request.assignee,
            email_domain=request.email_domain,
            submitted_before=get_time(request, "submitted_before"),
            environment=request.environment,
        )
        after: Any = page.cursor
        found = Tickets(unit.session).queue(wanted, after=after, limit=page.size + 1)
        page_rows, token = self._paging.cut(
            found, page, lambda each: (to_micros(each.submitted_time), each.ticket_id)
        )
        return api.ListAccessRequestsResponse(
            access_requests=[ticket_to_pb(each) for each in page_rows], next_page_token=token
        )

    def get(self, request: api.GetAccessRequestRequest, unit: UnitOfWork) -> pb.AccessRequest:
        return ticket_to_pb(any_ticket(request.ticket_id, unit))

    def start(self, request: api.StartReviewRequest, unit: UnitOfWork) -> pb.AccessRequest:
        old = any_ticket(request.ticket_id, unit)
        new = review.start_review(
            old,
            operator=_operator(unit).name,
            etag=request.etag,
            note=request.internal_note,
            now=unit.now,
            idle=self._rules.idle,
        )
        return _saved(old, new, unit)

    def ask(self, request: api.RequestInfoRequest, unit: UnitOfWork) -> pb.AccessRequest:
        old = any_ticket(request.ticket_id, unit)
        new = review.request_info(
            old,
            operator=_operator(unit).name,
            question=request.question,
            etag=request.etag,
            note=request.internal_note,
            now=unit.now,
            idle=self._rules.idle,
        )
        _emit_ticket("ticket.needs_info", new, unit)
        return _saved(old, new, unit)

    async def read_evidence(self, request: api.ApproveAccessRequestRequest, call: Call) -> Evidence:
        """Reads the organization's sandbox traffic before the transaction."""
        if request.environment != Environment.PRODUCTION:
            return Evidence()
        ticket = await self._find_ticket(request.ticket_id)
        if ticket is None or not ticket.organization_id:
            return Evidence()
        return await self._evidence(ticket.organization_id)

    def approve(
        self, request: api.ApproveAccessRequestRequest, unit: UnitOfWork
    ) -> api.ApproveAccessRequestResponse:
        old = any_ticket(request.ticket_id, unit)
        operator = _operator(unit)
        organization = _organization(request.organization_id, old, unit)
        approval = Approval(
            environment=Environment(request.environment),
            terms=self._terms(request, old, operator, unit),
            etag=request.etag,
            operator=operator,
        )
        approved = approve(
            old,
            approval,
            evidence=unit.prepared,
            catalogue=self._catalogue,
            solo_allowed=self._rules.solo_approvals,
            now=unit.now,
            idle=self._rules.idle,
        )
        response = api.ApproveAccessRequestResponse(
            outcome=api.ApproveAccessRequestResponse.GRANTED,
            next_steps=["Issue keys from the grant by hand; approving never makes one."],
        )
        if approved.proposed_only:
            response = api.ApproveAccessRequestResponse(
                outcome=api.ApproveAccessRequestResponse.PROPOSED,
                next_steps=["Another operator has to approve the same terms on the same etag."],
            )
        if request.validate_only:
            response.access_request.CopyFrom(ticket_to_pb(old))
            unit.forget()
        elif approved.proposed_only:
            self._propose(request, old, approved, approval, unit, response)
        else:
            tenant = _tenant(organization, old, unit)
            self._grant(request, old, approved, approval, tenant, unit, response)
        return response

    def _propose(
        self,
        request: api.ApproveAccessRequestRequest,
        old: Ticket,
        approved: Approved,
        approval: Approval,
        unit: UnitOfWork,
        response: api.ApproveAccessRequestResponse,
    ) -> None:
        ticket = _with_note(approved.ticket, request.internal_note, unit)
        Tickets(unit.session).save(old, ticket)
        unit.audit(
            ticket.ticket_id,
            after=terms_for_audit(approval.terms),
            action="ticket.approval_proposed",
            organization_id=ticket.organization_id,
            environment=request.environment,
        )
        response.access_request.CopyFrom(ticket_to_pb(ticket))

    def _grant(
        self,
        request: api.ApproveAccessRequestRequest,
        old: Ticket,
        approved: Approved,
        approval: Approval,
        organization: Organization,
        unit: UnitOfWork,
        response: api.ApproveAccessRequestResponse,
    ) -> None:
        grant = _new_grant(approved, approval, old, organization, unit)
        ticket = _with_note(
            _with_grant(approved.ticket, grant, organization), request.internal_note, unit
        )
        Grants(unit.session).add(grant)
        Tickets(unit.session).save(old, ticket)
        unit.audit(
            ticket.ticket_id,
            grant.grant_id,
            after=terms_for_audit(grant.terms) | {"approvedBy": list(grant.approved_by)},
            reason="solo approval, as the settings allow" if approved.solo else "",
            organization_id=organization.organization_id,
            environment=grant.environment.value,
        )
        _emit_ticket("ticket.approved", ticket, unit, grant)
        response.grant.CopyFrom(grant_to_pb(grant, unit))
        response.access_request.CopyFrom(ticket_to_pb(ticket))

    def deny(self, request: api.DenyAccessRequestRequest, unit: UnitOfWork) -> pb.AccessRequest:
        old = any_ticket(request.ticket_id, unit)
        new = review.deny(
            old,
            operator=_operator(unit).name,
            environment=Environment(request.environment) if request.environment else None,
            etag=request.etag,
            public_reason=request.public_reason,
            note=request.internal_note,
            now=unit.now,
            idle=self._rules.idle,
        )
        _emit_ticket("ticket.denied", new, unit)
        return _saved(old, new, unit, reason=request.public_reason)

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
        tier = request.tier or self._rules.default_tier
        self._tiers.require(tier)
        callback = request.callback_url or form.callback_for(environment)
        check_url(
            callback,
            environment=environment,
            allow_loopback=self._rules.allow_loopback_callbacks,
            own=self._rules.own_hosts,
            field="callbackUrl",
        )
        return GrantTerms(
            scopes=tuple(sorted(set(request.scopes or form.requested_scopes))),
            key_types=tuple(sorted(set(request.key_types or form.key_types))),
            tier=tier,
            employer_user_ids=tuple(sorted(set(request.employer_user_ids))),
            key_allowance=request.key_allowance or 2,
            callback_url=callback,
            expire_time=ends,
            conditions=tuple(request.conditions),
            rollback_plan=request.rollback_plan,
            findings=_findings(request, operator),
            evidence_waiver=request.evidence_waiver,
        )


def _organization(organization_id: str, ticket: Ticket, unit: UnitOfWork) -> Organization | None:
    """Returns the organization named by the call or the ticket; None for a new one."""
    if organization_id and ticket.organization_id not in ("", organization_id):
        text = f"The request belongs to {ticket.organization_id} already."
        raise FieldInvalid.at("organizationId", text)
    wanted = organization_id or ticket.organization_id
    if not wanted:
        return None
    found = Organizations(unit.session).get(wanted)
    if found is None:
        raise FieldInvalid.at("organizationId", "No such organization.")
    if found.state is not OrganizationState.ACTIVE:
        raise OrganizationInactive(wanted)
    return found


def _tenant(found: Organization | None, ticket: Ticket, unit: UnitOfWork) -> Organization:
    """Adds the ticket's mail domain to the organization; creates the organization if None."""
    domain = ticket.form.email_domain
    if found is not None:
        Organizations(unit.session).add_domains(found.organization_id, (domain,))
        return found
    made = Organization(
        organization_id=unit.new_id("org"),
        display_name=ticket.form.company_name,
        state=OrganizationState.ACTIVE,
        create_time=unit.now,
        update_time=unit.now,
        email_domains=(domain,),
    )
    Organizations(unit.session).add(made)
    return made


def _operator(unit: UnitOfWork) -> OperatorPrincipal:
    principal = unit.call.principal
    assert isinstance(principal, OperatorPrincipal)  # the rule of these methods says so
    return principal


def _saved(old: Ticket, new: Ticket, unit: UnitOfWork, *, reason: str = "") -> pb.AccessRequest:
    Tickets(unit.session).save(old, new)
    unit.audit(
        new.ticket_id,
        before=ticket_for_audit(old),
        after=ticket_for_audit(new),
        reason=reason,
        organization_id=new.organization_id,
    )
    return ticket_to_pb(new)


def _findings(
    request: api.ApproveAccessRequestRequest, operator: OperatorPrincipal
) -> tuple[Finding, ...]:
    found: dict[Aspect, Finding] = {}
    for index, each in enumerate(request.findings):
        aspect = Aspect(pb.Finding.Aspect.Name(each.aspect))
        if aspect in found:
            text = f"A second finding on {aspect.value}; give one on each aspect."
            raise FieldInvalid.at(f"findings[{index}].aspect", text)
        found[aspect] = Finding(
            aspect=aspect, finding=each.finding, note=each.note, reviewer=operator.name
        )
    return tuple(found[aspect] for aspect in Aspect if aspect in found)


def _new_grant(
    approved: Approved,
    approval: Approval,
    ticket: Ticket,
    organization: Organization,
    unit: UnitOfWork,
) -> Grant:
    waiting = ticket.review_of(approval.environment)
    proposal = waiting.proposal if waiting is not None else None
    return Grant(
        grant_id=unit.new_id("grt"),
        revision=1,
        state=GrantState.ACTIVE,
        organization_id=organization.organization_id,
        ticket_id=ticket.ticket_id,
        request_revision=ticket.revision,
        environment=approval.environment,
        terms=proposal.terms if proposal is not None else approval.terms,
        seal_to=ticket.form.seal_to,
        approved_by=approved.approved_by,
        create_time=unit.now,
    )


def _with_grant(ticket: Ticket, grant: Grant, organization: Organization) -> Ticket:
    reviews = tuple(
        replace(each, grant_id=grant.grant_id) if each.environment is grant.environment else each
        for each in ticket.reviews
    )
    return replace(ticket, reviews=reviews, organization_id=organization.organization_id)


def _with_note(ticket: Ticket, note: str, unit: UnitOfWork) -> Ticket:
    return review.noted(ticket, _operator(unit).name, note, unit.now)


def _emit_ticket(
    event_type: str, ticket: Ticket, unit: UnitOfWork, grant: Grant | None = None
) -> None:
    payload = {"ticketId": ticket.ticket_id, "state": ticket.state.value}
    if grant is not None:
        payload |= {"grantId": grant.grant_id, "environment": grant.environment.value}
    unit.emit(
        event_type,
        payload,
        organization_id=ticket.organization_id,
        environment=grant.environment.value if grant is not None else "",
    )
