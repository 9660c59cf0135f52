"""State machine of a ticket: each step is a pure function from the old ticket to the new one.

A step raises where the ticket's state forbids it. It writes nothing; the caller passes the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xaigh_server.access.errors import TicketFull
from xaigh_server.access.model import (
    MAX_REPLIES,
    MAX_REVISIONS,
    EnvironmentDecision,
    EnvironmentReview,
    Message,
    MessageAuthor,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.errors import IllegalTransition
from xaigh_server.identity.environments import Environment
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import THIS_MACHINE
from xaigh_server.rpc.etags import check_etag

_ORDER = {Environment.SANDBOX: 0, Environment.PRODUCTION: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """What a deployment chooses about its reviews."""

    idle: timedelta
    solo_approvals: bool
    default_tier: str
    allow_loopback_callbacks: bool
    own_hosts: OwnHosts = THIS_MACHINE


def amend(ticket: Ticket, form: RequestForm, *, now: datetime, idle: timedelta) -> Ticket:
    """Adds a revision of the form. Undecided reviews restart. Raises `TicketFull`."""
    ticket.require("amend")
    if ticket.revision >= MAX_REVISIONS:
        raise TicketFull(f"{MAX_REVISIONS} revisions of the form")
    reviews = []
    for environment in form.environments:
        old = ticket.review_of(environment)
        kept = old if old is not None and old.decided else None
        reviews.append(kept or EnvironmentReview(environment=environment))
    dropped = [each for each in ticket.reviews if each.environment not in form.environments]
    reviews.extend(each for each in dropped if each.decided)
    return transition(
        replace(
            ticket.with_bytes(form.size),
            form=form,
            revision=ticket.revision + 1,
            reviews=tuple(sorted(reviews, key=lambda each: _ORDER[each.environment])),
        ),
        TicketState.IN_REVIEW if ticket.assignee else TicketState.SUBMITTED,
        now=now,
        idle=idle,
    )


def withdraw(ticket: Ticket, *, reason: str, now: datetime) -> Ticket:
    """Withdraws a request. Existing grants stay."""
    ticket.require("withdraw")
    answered = _with_message(ticket, MessageAuthor.APPLICANT, reason, now) if reason else ticket
    return close(answered, TicketState.WITHDRAWN, now=now)


def reply(ticket: Ticket, *, text: str, now: datetime, idle: timedelta) -> Ticket:
    """Adds the applicant's answer and moves the ticket to IN_REVIEW. Raises `TicketFull`."""
    ticket.require("reply")
    if sum(each.author is MessageAuthor.APPLICANT for each in ticket.thread) >= MAX_REPLIES:
        raise TicketFull(f"{MAX_REPLIES} replies")
    sized = ticket.with_bytes(len(text.encode()))
    answered = _with_message(sized, MessageAuthor.APPLICANT, text, now)
    return transition(answered, TicketState.IN_REVIEW, now=now, idle=idle)


def expire(ticket: Ticket, *, now: datetime) -> Ticket:
    """Expires an idle ticket. Raises IllegalTransition for a closed one."""
    if not ticket.is_open:
        subject = f"Ticket {ticket.ticket_id}"
        raise IllegalTransition(subject, state=ticket.state.value, step="expire", allowed=())
    return close(ticket, TicketState.EXPIRED, now=now)


def start_review(
    ticket: Ticket, *, operator: str, etag: str, note: str, now: datetime, idle: timedelta
) -> Ticket:
    """Assigns the ticket to the operator, also from another operator."""
    ticket.require("startReview")
    check_etag(etag, ticket.etag)
    kept = noted(ticket, operator, note, now)
    return transition(replace(kept, assignee=operator), TicketState.IN_REVIEW, now=now, idle=idle)


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
    """Adds a question to the applicant and moves the ticket to NEEDS_INFO."""
    ticket.require("requestInfo")
    check_etag(etag, ticket.etag)
    asked = _with_message(ticket, MessageAuthor.REVIEWER, question, now, operator)
    kept = noted(asked, operator, note, now)
    return transition(kept, TicketState.NEEDS_INFO, now=now, idle=idle)


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
    """Denies one environment, or all undecided ones."""
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
    answered = _with_message(ticket, MessageAuthor.REVIEWER, public_reason, now, operator)
    denied = replace(
        noted(answered, operator, note, now), reviews=reviews, denial_reason=public_reason
    )
    if all(each.decided for each in reviews):
        return close(denied, TicketState.DENIED, now=now)
    return transition(denied, TicketState.IN_REVIEW, now=now, idle=idle)


def _with_message(
    ticket: Ticket, author: MessageAuthor, text: str, now: datetime, operator: str = ""
) -> Ticket:
    message = Message(author=author, text=text, time=now, operator=operator)
    return replace(ticket, thread=(*ticket.thread, message))


def noted(ticket: Ticket, operator: str, note: str, now: datetime) -> Ticket:
    """Adds a note that only operators see; an empty note adds nothing."""
    return _with_message(ticket, MessageAuthor.INTERNAL, note, now, operator) if note else ticket


def transition(ticket: Ticket, state: TicketState, *, now: datetime, idle: timedelta) -> Ticket:
    """Moves a ticket that stays open. Every step drops the open proposals."""
    return replace(
        ticket.without_proposals(),
        state=state,
        version=ticket.version + 1,
        update_time=now,
        expire_time=now + idle,
    )


def close(ticket: Ticket, state: TicketState, *, now: datetime) -> Ticket:
    """Closes a ticket, and drops its open proposals."""
    return replace(
        ticket.without_proposals(),
        state=state,
        version=ticket.version + 1,
        update_time=now,
        expire_time=None,
    )
