"""Repository of access requests: tickets, the revisions of their forms, reviews and threads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, insert, or_, select, update

from xaigh_server.access.model import (
    OPEN_STATES,
    EnvironmentDecision,
    EnvironmentReview,
    Message,
    MessageAuthor,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.access.proposal import Proposal
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.tables import callback_secrets, ownership_proofs
from xaigh_server.access.tables import proposals as _P
from xaigh_server.access.tables import ticket_environments as _E
from xaigh_server.access.tables import ticket_messages as _M
from xaigh_server.access.tables import ticket_revisions as _R
from xaigh_server.access.tables import tickets as _T
from xaigh_server.db.session import Row, Session, upsert
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.organizations.tables import organizations as _O

_ROWS = (
    select(
        _T.c.ticket_id,
        _T.c.state,
        _T.c.revision,
        _T.c.version,
        _T.c.assignee,
        _T.c.organization_id,
        _T.c.denial_reason,
        _T.c.applicant_bytes,
        _T.c.submitted_time,
        _T.c.update_time,
        _T.c.expire_time,
        _R.c.form,
        _O.c.display_name,
    )
    .join_from(_T, _R, (_T.c.ticket_id == _R.c.ticket_id) & (_T.c.revision == _R.c.revision))
    .outerjoin(_O, _O.c.organization_id == _T.c.organization_id)
)
_GET = _ROWS.where(_T.c.ticket_id == bindparam("ticket_id"))
_DIGEST = select(_T.c.status_token_digest).where(_T.c.ticket_id == bindparam("ticket_id"))
_REVIEWS = select(
    _E.c.ticket_id,
    _E.c.environment,
    _E.c.decision,
    _E.c.grant_id,
    _E.c.decided_by,
    _E.c.decided_time,
).where(_E.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)))
_THREADS = (
    select(_M.c.ticket_id, _M.c.kind, _M.c.operator, _M.c.text, _M.c.time)
    .where(_M.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)))
    .order_by(_M.c.ticket_id, _M.c.position)
)
_FORM = select(_R.c.form).where(
    _R.c.ticket_id == bindparam("ticket_id"), _R.c.revision == bindparam("revision")
)
_INSERT = insert(_T)
_INSERT_REVISION = insert(_R)
_INSERT_MESSAGE = insert(_M)
_SAVE_REVIEW = upsert(
    _E,
    key=("ticket_id", "environment"),
    update=("decision", "grant_id", "decided_by", "decided_time"),
)
_UPDATE = (
    update(_T)
    .where(_T.c.ticket_id == bindparam("of"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "revision",
                "version",
                "company_name",
                "email_domain",
                "environments",
                "assignee",
                "organization_id",
                "denial_reason",
                "applicant_bytes",
                "update_time",
                "expire_time",
            )
        }
    )
)
_SAME_DOMAIN = (
    _ROWS.where(
        _T.c.email_domain == bindparam("email_domain"), _T.c.ticket_id != bindparam("ticket_id")
    )
    .order_by(_T.c.submitted_time.desc(), _T.c.ticket_id)
    .limit(bindparam("limit"))
)
_IDLE = (
    select(_T.c.ticket_id)
    .where(_T.c.expire_time <= bindparam("now"))
    .order_by(_T.c.expire_time)
    .limit(bindparam("limit"))
)
_ENDED = (
    select(_T.c.ticket_id, _T.c.state, _T.c.revision, _T.c.update_time)
    .where(
        _T.c.state.in_([state.value for state in TicketState if state not in OPEN_STATES]),
        _T.c.update_time <= bindparam("before"),
        ~exists().where(
            _E.c.ticket_id == _T.c.ticket_id,
            _E.c.decision == EnvironmentDecision.APPROVED.value,
        ),
        ~exists().where(_P.c.ticket_id == _T.c.ticket_id),
    )
    .order_by(_T.c.update_time, _T.c.ticket_id)
    .limit(bindparam("limit"))
)
# The ticket last, since the others refer to it.
_DELETES = tuple(
    delete(table).where(table.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)))
    for table in (_R, _E, _M, callback_secrets, ownership_proofs, _T)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Filter of the queue. Empty members don't filter; assignee `-` means unassigned.

    `now` decides what is expired.
    """

    now: datetime
    states: Sequence[TicketState] = ()
    assignee: str = ""
    email_domain: str = ""
    submitted_before: datetime | None = None
    environment: str = ""


class Tickets:
    """The queue of access requests."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, ticket_id: str) -> Ticket | None:
        """Returns a ticket with its reviews and thread, or None."""
        row = self._session.one(_GET, ticket_id=ticket_id)
        return None if row is None else self._tickets([row])[0]

    def token_digest(self, ticket_id: str) -> bytes | None:
        """Returns the digest of the ticket's status token; None without such a ticket."""
        digest: bytes | None = self._session.scalar(_DIGEST, ticket_id=ticket_id)
        return digest

    def add(self, ticket: Ticket, *, token_digest: bytes) -> None:
        """Writes a new ticket in its first revision."""
        self._session.run(
            _INSERT,
            ticket_id=ticket.ticket_id,
            status_token_digest=token_digest,
            submitted_time=to_micros(ticket.submitted_time),
            **_values(ticket),
        )
        self._add_revision(ticket)
        self._save_reviews(ticket)

    def save(self, old: Ticket, new: Ticket) -> None:
        """Writes what changed from `old` to `new`, proposals aside."""
        self._session.run(_UPDATE, of=new.ticket_id, **_values(new))
        if new.revision != old.revision:
            self._add_revision(new)
        if new.reviews != old.reviews:
            self._save_reviews(new)
        for position in range(len(old.thread), len(new.thread)):
            message = new.thread[position]
            self._session.run(
                _INSERT_MESSAGE,
                ticket_id=new.ticket_id,
                position=position,
                kind=message.author.value,
                operator=message.operator,
                text=message.text,
                time=to_micros(message.time),
            )

    def form_at(self, ticket_id: str, revision: int) -> RequestForm | None:
        """Returns the form of a revision, or None."""
        text = self._session.scalar(_FORM, ticket_id=ticket_id, revision=revision)
        return None if text is None else form_from_json(text)

    def queue(
        self, wanted: TicketFilter, *, after: tuple[int, str] | None, limit: int
    ) -> list[Ticket]:
        """Returns tickets, oldest first, behind `after` (submission time in microseconds, id)."""
        found: Any = _ROWS
        if wanted.states:
            found = found.where(or_(*(_in_state(each, wanted.now) for each in wanted.states)))
        if wanted.assignee:
            name = "" if wanted.assignee == "-" else wanted.assignee
            found = found.where(_T.c.assignee == name)
        if wanted.email_domain:
            found = found.where(_T.c.email_domain == wanted.email_domain.lower())
        if wanted.submitted_before is not None:
            found = found.where(_T.c.submitted_time < to_micros(wanted.submitted_before))
        if wanted.environment:
            found = found.where(_T.c.environments.contains(wanted.environment))
        if after is not None:
            time, ticket_id = after
            found = found.where(
                (_T.c.submitted_time > time)
                | ((_T.c.submitted_time == time) & (_T.c.ticket_id > ticket_id))
            )
        order = (_T.c.submitted_time, _T.c.ticket_id)
        return self._tickets(self._session.all(found.order_by(*order).limit(limit)))

    def same_domain(self, ticket: Ticket, *, limit: int) -> list[Ticket]:
        """Returns other tickets of the same mail domain, newest first."""
        rows = self._session.all(
            _SAME_DOMAIN,
            email_domain=ticket.form.email_domain,
            ticket_id=ticket.ticket_id,
            limit=limit,
        )
        return self._tickets(rows)

    def idle(self, *, now: datetime, limit: int) -> list[str]:
        """Returns the ids of expired open tickets, the earliest expiry first."""
        rows = self._session.all(_IDLE, now=to_micros(now), limit=limit)
        return [row.ticket_id for row in rows]

    def ended(self, *, before: datetime, limit: int) -> list[Row]:
        """Returns id, state, revision and end of requests that ended by then without any trace.

        A grant or a proposal is a trace: such a request stays.
        """
        return list(self._session.all(_ENDED, before=to_micros(before), limit=limit))

    def delete(self, ticket_ids: Sequence[str]) -> None:
        """Deletes tickets with everything that belongs to them alone."""
        for statement in _DELETES:
            self._session.run(statement, ticket_ids=list(ticket_ids))

    def _add_revision(self, ticket: Ticket) -> None:
        self._session.run(
            _INSERT_REVISION,
            ticket_id=ticket.ticket_id,
            revision=ticket.revision,
            form=form_to_json(ticket.form),
            time=to_micros(ticket.update_time),
        )

    def _save_reviews(self, ticket: Ticket) -> None:
        for review in ticket.reviews:
            self._session.run(
                _SAVE_REVIEW,
                ticket_id=ticket.ticket_id,
                environment=review.environment.value,
                decision=review.decision.value,
                grant_id=review.grant_id,
                decided_by=review.decided_by,
                decided_time=to_micros(review.decided_time),
            )

    def _tickets(self, rows: Sequence[Row]) -> list[Ticket]:
        """Reads reviews, proposals and threads of all rows with one statement each."""
        if not rows:
            return []
        ids = [row.ticket_id for row in rows]
        reviews: dict[str, list[EnvironmentReview]] = {each: [] for each in ids}
        proposals = {
            (each.ticket_id, each.environment): each
            for each in Proposals(self._session).open_of(ids)
        }
        for each in self._session.all(_REVIEWS, ticket_ids=ids):
            environment = Environment(each.environment)
            reviews[each.ticket_id].append(
                _review(each, proposals.get((each.ticket_id, environment)))
            )
        threads: dict[str, list[Message]] = {each: [] for each in ids}
        for each in self._session.all(_THREADS, ticket_ids=ids):
            threads[each.ticket_id].append(_message(each))
        return [_ticket(row, reviews[row.ticket_id], threads[row.ticket_id]) for row in rows]


def _in_state(state: TicketState, now: datetime) -> Any:
    ended = _T.c.expire_time <= to_micros(now)  # of closed tickets it is NULL
    if state is TicketState.EXPIRED:
        return or_(_T.c.state == state.value, ended)
    if state in OPEN_STATES:
        return and_(_T.c.state == state.value, ~ended)
    return _T.c.state == state.value


def _ticket(row: Row, reviews: Sequence[EnvironmentReview], thread: Sequence[Message]) -> Ticket:
    form = form_from_json(row.form)
    stored = {review.environment: review for review in reviews}
    return Ticket(
        ticket_id=row.ticket_id,
        state=TicketState(row.state),
        form=form,
        revision=row.revision,
        version=row.version,
        # A later revision may have dropped an undecided environment.
        reviews=tuple(
            stored[environment]
            for environment in Environment
            if environment in stored
            and (environment in form.environments or stored[environment].decided)
        ),
        submitted_time=from_micros(row.submitted_time),
        update_time=from_micros(row.update_time),
        expire_time=from_micros(row.expire_time),
        assignee=row.assignee,
        organization_id=row.organization_id or "",
        organization_name=row.display_name or "",
        denial_reason=row.denial_reason,
        applicant_bytes=row.applicant_bytes,
        thread=tuple(thread),
    )


def _message(row: Row) -> Message:
    return Message(
        author=MessageAuthor(row.kind),
        text=row.text,
        time=from_micros(row.time),
        operator=row.operator,
    )


def form_to_json(form: RequestForm) -> str:
    """Serializes a form for storage."""
    return json.dumps(asdict(form), ensure_ascii=False)


def form_from_json(text: str) -> RequestForm:
    """Parses a stored form. Members that were added later may be missing."""
    stored = json.loads(text)
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    environments = tuple(Environment(name) for name in stored["environments"])
    return RequestForm(**{**stored, **lists, "environments": environments})


def _values(ticket: Ticket) -> dict[str, object]:
    return {
        "state": ticket.state.value,
        "revision": ticket.revision,
        "version": ticket.version,
        "company_name": ticket.form.company_name,
        "email_domain": ticket.form.email_domain,
        "environments": ",".join(ticket.form.environments),
        "assignee": ticket.assignee,
        "organization_id": ticket.organization_id or None,
        "denial_reason": ticket.denial_reason,
        "applicant_bytes": ticket.applicant_bytes,
        "update_time": to_micros(ticket.update_time),
        "expire_time": to_micros(ticket.expire_time),
    }


def _review(row: Row, proposal: Proposal | None) -> EnvironmentReview:
    return EnvironmentReview(
        environment=Environment(row.environment),
        decision=EnvironmentDecision(row.decision),
        grant_id=row.grant_id,
        decided_by=row.decided_by,
        decided_time=from_micros(row.decided_time),
        proposal=proposal,
    )
