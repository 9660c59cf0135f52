"""Service of proposals: list, get, confirm and discard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from xaigh.access.v1 import proposal_pb2 as pb
from xaigh.access.v1 import proposal_service_pb2 as api
from xaigh_server.access.approval import Evidence, ReviewIncomplete, confirm, discard
from xaigh_server.access.grant_service import grant_to_pb
from xaigh_server.access.granting import Granting, GrantingRules, find_organization, operator_of
from xaigh_server.access.messages import any_ticket, ticket_to_pb
from xaigh_server.access.proposal import Proposal, ProposalState
from xaigh_server.access.proposal_messages import proposal_to_pb
from xaigh_server.access.proposal_repository import ProposalFilter, Proposals
from xaigh_server.access.ticket_changes import close_proposal, save_ticket
from xaigh_server.db.times import to_micros
from xaigh_server.errors import NotFound, PreconditionViolation
from xaigh_server.identity.operator_repository import Operators
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork

FindProposal = Callable[[str], Awaitable[Proposal | None]]
"""Reads a proposal before the transaction, for what confirming it needs from outside."""


class ProposalService:
    """Answers xaigh.access.v1.ProposalService. Approvals make proposals."""

    name = "xaigh.access.v1.ProposalService"

    def __init__(
        self, *, rules: GrantingRules, paging: Paging, find_proposal: FindProposal
    ) -> None:
        self._rules = rules
        self._paging = paging
        self._find_proposal = find_proposal

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListProposals": Read(run=self.list_proposals),
            "GetProposal": Read(run=self.get_proposal),
            "ConfirmProposal": Write(run=self.confirm, prepare=self.look_outside),
            "DiscardProposal": Write(run=self.discard),
        }

    def list_proposals(
        self, request: api.ListProposalsRequest, unit: UnitOfWork
    ) -> api.ListProposalsResponse:
        page = self._paging.page(request, unit.call)
        wanted = ProposalFilter(
            now=unit.now,
            states=[ProposalState(pb.Proposal.State.Name(each)) for each in request.states],
            ticket_id=request.ticket_id,
            environment=request.environment,
            confirmable_by=operator_of(unit).person if request.waiting_for_me else "",
        )
        before: Any = page.cursor
        found = Proposals(unit.session).listing(wanted, before=before, limit=page.size + 1)
        shown, token = self._paging.fill(
            found,
            page,
            lambda each: (to_micros(each.create_time), each.proposal_id),
            lambda each: proposal_to_pb(each.at(unit.now)),
        )
        return api.ListProposalsResponse(proposals=shown, next_page_token=token)

    def get_proposal(self, request: api.GetProposalRequest, unit: UnitOfWork) -> pb.Proposal:
        return proposal_to_pb(_proposal(request.proposal_id, unit))

    async def look_outside(self, request: api.ConfirmProposalRequest, call: Call) -> Evidence:
        """Resolves the callback and reads the sandbox traffic of the proposal's organization."""
        proposal = await self._find_proposal(request.proposal_id)
        if proposal is None:
            return Evidence()
        return await self._rules.look_outside(
            proposal.environment, proposal.organization_id, proposal.terms.callback_url, call
        )

    def confirm(
        self, request: api.ConfirmProposalRequest, unit: UnitOfWork
    ) -> api.ConfirmProposalResponse:
        proposal = _proposal(request.proposal_id, unit)
        proposal.require_open()
        check_etag(request.etag, proposal.etag)
        _require_proposer(proposal, unit)
        granting = self._granting(proposal, request.internal_note, unit)
        if request.validate_only:
            unit.forget()
            return api.ConfirmProposalResponse(
                proposal=proposal_to_pb(proposal),
                grant=grant_to_pb(granting.preview(unit), unit),
                access_request=ticket_to_pb(granting.old),
                next_steps=["Confirming would make this grant, and no key."],
            )
        grant, ticket = granting.make(unit, settled=proposal.proposal_id)
        confirmed = proposal.closed(
            ProposalState.CONFIRMED,
            now=unit.now,
            by=operator_of(unit).name,
            grant_id=grant.grant_id,
        )
        close_proposal(confirmed, unit, organization_id=grant.organization_id)
        return api.ConfirmProposalResponse(
            proposal=proposal_to_pb(confirmed),
            grant=grant_to_pb(grant, unit),
            access_request=ticket_to_pb(ticket),
            next_steps=["Issue keys from the grant by hand (IssueKey); confirming makes none."],
        )

    def _granting(self, proposal: Proposal, note: str, unit: UnitOfWork) -> Granting:
        """Judges the proposal by what holds now. Raises what makes it impossible."""
        old = any_ticket(proposal.ticket_id, unit)
        approved = confirm(
            old,
            proposal,
            operator_of(unit),
            self._rules.circumstances(unit.prepared, old.ticket_id, unit),
        )
        self._rules.check(proposal.terms, proposal.environment)
        organization = find_organization(proposal.organization_id, old, unit)
        return Granting(
            old=old,
            approved=approved,
            environment=proposal.environment,
            terms=proposal.terms,
            organization=organization,
            organization_name=proposal.organization_name,
            note=note,
        )

    def discard(self, request: api.DiscardProposalRequest, unit: UnitOfWork) -> pb.Proposal:
        proposal = _proposal(request.proposal_id, unit)
        proposal.require_open()
        check_etag(request.etag, proposal.etag)
        old = any_ticket(proposal.ticket_id, unit)
        new = discard(old, proposal, now=unit.now)
        save_ticket(old, new, unit, settled=proposal.proposal_id)
        discarded = proposal.closed(
            ProposalState.DISCARDED,
            now=unit.now,
            by=operator_of(unit).name,
            reason=request.reason,
        )
        close_proposal(discarded, unit)
        return proposal_to_pb(discarded)


def _proposal(proposal_id: str, unit: UnitOfWork) -> Proposal:
    proposal = Proposals(unit.session).get(proposal_id)
    if proposal is None:
        raise NotFound("proposal", proposal_id)
    return proposal.at(unit.now)


def _require_proposer(proposal: Proposal, unit: UnitOfWork) -> None:
    """Raises `ReviewIncomplete` where the proposer is no operator any more."""
    proposer = Operators(unit.session).named(proposal.proposed_by)
    if proposer is not None and proposer.revoke_time is not None:
        text = f"{proposer.name} is no operator any more: discard the proposal and approve anew."
        raise ReviewIncomplete(
            [PreconditionViolation(type="REVIEW", subject="proposedBy", description=text)]
        )
