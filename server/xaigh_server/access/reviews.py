"""Handlers of the review: queue, assign, ask and deny. approvals.py has the approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.access import review
from xaigh_server.access.granting import operator_of
from xaigh_server.access.messages import any_ticket, ticket_for_audit, ticket_to_pb
from xaigh_server.access.model import Ticket, TicketState
from xaigh_server.access.repository import TicketFilter, Tickets
from xaigh_server.access.ticket_changes import save_ticket
from xaigh_server.db.times import to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.rpc.handlers import Handler, Read, Write
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork


class ReviewHandlers:
    """Handles operators' calls. A decision names the etag of the reviewed ticket."""

    def __init__(
        self,
        *,
        paging: Paging,
        rules: review.ReviewRules,
    ) -> None:
        self._paging = paging
        self._rules = rules

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListAccessRequests": Read(run=self.queue),
            "GetAccessRequest": Read(run=self.get),
            "StartReview": Write(run=self.start),
            "RequestInfo": Write(run=self.ask),
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
            now=unit.now,
        )
        after: Any = page.cursor
        found = Tickets(unit.session).queue(wanted, after=after, limit=page.size + 1)
        shown, token = self._paging.fill(
            found,
            page,
            lambda each: (to_micros(each.submitted_time), each.ticket_id),
            lambda each: ticket_to_pb(each.at(unit.now)),
        )
        return api.ListAccessRequestsResponse(access_requests=shown, next_page_token=token)

    def get(self, request: api.GetAccessRequestRequest, unit: UnitOfWork) -> pb.AccessRequest:
        return ticket_to_pb(any_ticket(request.ticket_id, unit))

    def start(self, request: api.StartReviewRequest, unit: UnitOfWork) -> pb.AccessRequest:
        old = any_ticket(request.ticket_id, unit)
        new = review.start_review(
            old,
            operator=operator_of(unit).name,
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
            operator=operator_of(unit).name,
            question=request.question,
            etag=request.etag,
            note=request.internal_note,
            now=unit.now,
            idle=self._rules.idle,
        )
        _emit("ticket.needs_info", new, unit)
        return _saved(old, new, unit)

    def deny(self, request: api.DenyAccessRequestRequest, unit: UnitOfWork) -> pb.AccessRequest:
        old = any_ticket(request.ticket_id, unit)
        new = review.deny(
            old,
            operator=operator_of(unit).name,
            environment=Environment(request.environment) if request.environment else None,
            etag=request.etag,
            public_reason=request.public_reason,
            note=request.internal_note,
            now=unit.now,
            idle=self._rules.idle,
        )
        _emit_denials(old, new, unit)
        return _saved(old, new, unit, reason=request.public_reason, environment=request.environment)


def _saved(
    old: Ticket, new: Ticket, unit: UnitOfWork, *, reason: str = "", environment: str = ""
) -> pb.AccessRequest:
    save_ticket(old, new, unit)
    unit.audit(
        new.ticket_id,
        before=ticket_for_audit(old),
        after=ticket_for_audit(new),
        reason=reason,
        organization_id=new.organization_id,
        environment=environment,
    )
    return ticket_to_pb(new)


def _emit(event_type: str, ticket: Ticket, unit: UnitOfWork, **facts: str) -> None:
    """Emits an event to the ticket's callback, of no environment's endpoints."""
    payload = {"ticketId": ticket.ticket_id, "state": ticket.state.value, **facts}
    unit.emit(event_type, payload, organization_id=ticket.organization_id)


def _emit_denials(old: Ticket, new: Ticket, unit: UnitOfWork) -> None:
    """Emits one event for each environment that the step denied."""
    for before, after in zip(old.reviews, new.reviews, strict=True):
        if after.decision is not before.decision:
            _emit("ticket.denied", new, unit, environment=after.environment.value)
