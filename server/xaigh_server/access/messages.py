"""Conversion of tickets to messages, for operators and, with less in it, for applicants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from xaigh.access.v1 import access_request_pb2 as pb
from xaigh.access.v1 import access_request_service_pb2 as api
from xaigh_server.access.model import (
    EnvironmentReview,
    Message,
    MessageAuthor,
    RequestForm,
    Ticket,
)
from xaigh_server.access.next_steps import Handover, applicant_steps, operator_steps
from xaigh_server.access.proposal_messages import proposal_to_pb
from xaigh_server.access.repository import Tickets
from xaigh_server.errors import NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

_BOTH = (Environment.SANDBOX, Environment.PRODUCTION)


def form_from_pb(request: api.SubmitAccessRequestRequest) -> RequestForm:
    """Converts a submitted form. No environments mean both; no key types mean `sk`."""
    asked = tuple(each for each in _BOTH if each.value in request.environments)
    return RequestForm(
        company_name=request.company_name.strip(),
        contact_name=request.contact_name.strip(),
        contact_email=request.contact_email,
        use_case=request.use_case,
        requested_scopes=tuple(request.requested_scopes),
        monthly_volume_estimate=request.monthly_volume_estimate,
        callback_url=request.callback_url,
        failure_mode=request.failure_mode,
        data_classes=tuple(request.data_classes),
        environments=asked or _BOTH,
        key_types=tuple(request.key_types) or ("sk",),
        employer_user_ids=tuple(request.employer_user_ids),
        sandbox_callback_url=request.sandbox_callback_url,
        seal_to=request.seal_to,
    )


def form_to_pb(form: RequestForm) -> pb.AccessRequestForm:
    """Converts a form to its message."""
    return pb.AccessRequestForm(
        company_name=form.company_name,
        contact_name=form.contact_name,
        contact_email=form.contact_email,
        use_case=form.use_case,
        requested_scopes=form.requested_scopes,
        monthly_volume_estimate=form.monthly_volume_estimate,
        callback_url=form.callback_url,
        failure_mode=form.failure_mode,
        data_classes=form.data_classes,
        environments=[each.value for each in form.environments],
        key_types=form.key_types,
        employer_user_ids=form.employer_user_ids,
        sandbox_callback_url=form.sandbox_callback_url,
        seal_to=form.seal_to,
    )


def ticket_to_pb(ticket: Ticket) -> pb.AccessRequest:
    """Converts a ticket for operators."""
    message = pb.AccessRequest(
        ticket_id=ticket.ticket_id,
        state=pb.AccessRequest.State.Value(ticket.state.value),
        form=form_to_pb(ticket.form),
        revision=ticket.revision,
        etag=ticket.etag,
        reviews=[_review_to_pb(each) for each in ticket.reviews],
        assignee=ticket.assignee,
        organization_id=ticket.organization_id,
        organization_name=ticket.organization_name,
        denial_reason=ticket.denial_reason,
        next_steps=operator_steps(ticket),
    )
    for entry in ticket.thread:
        if entry.author is MessageAuthor.INTERNAL:
            note = message.internal_notes.add(operator=entry.operator, text=entry.text)
            set_time(note.create_time, entry.time)
        else:
            message.thread.append(_entry_to_pb(entry, operator=entry.operator))
    set_time(message.submitted_time, ticket.submitted_time)
    set_time(message.update_time, ticket.update_time)
    set_time(message.expire_time, ticket.expire_time)
    return message


def status_to_pb(
    ticket: Ticket, handovers: Mapping[Environment, Handover], now: datetime
) -> api.TicketStatus:
    """Converts a ticket for its applicant: without operators' names, notes and proposals."""
    message = api.TicketStatus(
        ticket_id=ticket.ticket_id,
        state=pb.AccessRequest.State.Value(ticket.state.value),
        revision=ticket.revision,
        form=form_to_pb(ticket.form),
        denial_reason=ticket.denial_reason,
        next_steps=applicant_steps(ticket, handovers, now),
    )
    for review in ticket.reviews:
        handover = handovers.get(review.environment)
        message.environments.add(
            environment=review.environment.value,
            decision=pb.EnvironmentReview.Decision.Value(review.decision.value),
            conditions=handover.grant.terms.conditions if handover else (),
            sealed_key_ids=handover.sealed if handover else (),
        )
    message.thread.extend(thread_to_pb(ticket.thread))
    set_time(message.submitted_time, ticket.submitted_time)
    set_time(message.update_time, ticket.update_time)
    set_time(message.expire_time, ticket.expire_time)
    return message


def thread_to_pb(thread: Sequence[Message]) -> list[pb.ThreadMessage]:
    """Converts a thread for the applicant: without operators' names and notes."""
    return [
        _entry_to_pb(entry, operator="")
        for entry in thread
        if entry.author is not MessageAuthor.INTERNAL
    ]


def _review_to_pb(review: EnvironmentReview) -> pb.EnvironmentReview:
    message = pb.EnvironmentReview(
        environment=review.environment.value,
        decision=pb.EnvironmentReview.Decision.Value(review.shown.value),
        grant_id=review.grant_id,
        decided_by=review.decided_by,
    )
    set_time(message.decided_time, review.decided_time)
    if review.proposal is not None:
        message.decided_by = review.proposal.proposed_by
        message.proposal.CopyFrom(proposal_to_pb(review.proposal))
        set_time(message.decided_time, review.proposal.create_time)
    return message


def _entry_to_pb(entry: Message, *, operator: str) -> pb.ThreadMessage:
    message = pb.ThreadMessage(
        author=pb.ThreadMessage.Author.Value(entry.author.value),
        text=entry.text,
        operator=operator,
    )
    set_time(message.create_time, entry.time)
    return message


def any_ticket(ticket_id: str, unit: UnitOfWork) -> Ticket:
    """Reads any ticket as it is now, for operators. Raises `NotFound`.

    One past its end is EXPIRED and takes no step, whether or not the periodic task was there.
    """
    ticket = Tickets(unit.session).get(ticket_id)
    if ticket is None:
        raise NotFound("access request", ticket_id)
    return ticket.at(unit.now)


def ticket_for_audit(ticket: Ticket) -> dict[str, Any]:
    """Returns a ticket as the audit log records it: without addresses and free text."""
    return {
        "state": ticket.state.value,
        "revision": ticket.revision,
        "companyName": ticket.form.company_name,
        "requestedScopes": list(ticket.form.requested_scopes),
        "assignee": ticket.assignee,
        "decisions": {each.environment.value: each.shown.value for each in ticket.reviews},
    }
