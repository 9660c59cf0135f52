"""Repository of proposals, one row each; what was proposed never changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from xaigh_server.access.proposal import Proposal, ProposalState
from xaigh_server.access.tables import proposals as _P
from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.grants import Aspect, Finding, GrantTerms
from xaigh_server.organizations.tables import organizations as _O

_ALL = select(
    _P.c.proposal_id,
    _P.c.state,
    _P.c.ticket_id,
    _P.c.request_revision,
    _P.c.environment,
    _P.c.organization_id,
    _P.c.new_organization_name,
    func.coalesce(_O.c.display_name, _P.c.new_organization_name).label("organization_name"),
    _P.c.terms,
    _P.c.proposed_by,
    _P.c.person,
    _P.c.create_time,
    _P.c.expire_time,
    _P.c.close_time,
    _P.c.closed_by,
    _P.c.close_reason,
    _P.c.grant_id,
).outerjoin_from(_P, _O, _O.c.organization_id == _P.c.organization_id)
_GET = _ALL.where(_P.c.proposal_id == bindparam("proposal_id"))
_OPEN_OF = _ALL.where(
    _P.c.ticket_id.in_(bindparam("ticket_ids", expanding=True)), _P.c.state == "OPEN"
)
_DUE = (
    _ALL.where(_P.c.state == "OPEN", _P.c.expire_time <= bindparam("now"))
    .order_by(_P.c.expire_time)
    .limit(bindparam("limit"))
)
_INSERT = insert(_P)
_CLOSE = (
    update(_P)
    .where(_P.c.proposal_id == bindparam("of"), _P.c.state == "OPEN")
    .values(
        {
            name: bindparam(name)
            for name in ("state", "close_time", "closed_by", "close_reason", "grant_id")
        }
    )
    .returning(_P.c.proposal_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilter:
    """Filter of proposals. Empty members don't filter; `now` decides what is expired.

    `confirmable_by` is a person: only open ones that another person proposed.
    """

    now: datetime
    states: Sequence[ProposalState] = ()
    ticket_id: str = ""
    environment: str = ""
    confirmable_by: str = ""


class Proposals:
    """Reads and writes proposals. At most one is open for an environment of a ticket."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, proposal_id: str) -> Proposal | None:
        """Returns a proposal, or None."""
        row = self._session.one(_GET, proposal_id=proposal_id)
        return None if row is None else _proposal(row)

    def open_of(self, ticket_ids: Sequence[str]) -> list[Proposal]:
        """Returns the open proposals of tickets, also those past their end."""
        return [_proposal(row) for row in self._session.all(_OPEN_OF, ticket_ids=ticket_ids)]

    def due(self, *, now: datetime, limit: int) -> list[Proposal]:
        """Returns open proposals past their end, the earliest first."""
        return [_proposal(row) for row in self._session.all(_DUE, now=to_micros(now), limit=limit)]

    def add(self, proposal: Proposal) -> None:
        """Writes a new proposal. UniqueViolation: another one of its environment is open."""
        self._session.run(_INSERT, _values(proposal))

    def close(self, closed: Proposal) -> None:
        """Writes the last state of a proposal. Raises `ConcurrentUpdate` if it isn't open."""
        row = self._session.one(
            _CLOSE,
            of=closed.proposal_id,
            state=closed.state.value,
            close_time=to_micros(closed.close_time),
            closed_by=closed.closed_by,
            close_reason=closed.close_reason,
            grant_id=closed.grant_id,
        )
        if row is None:
            raise ConcurrentUpdate

    def listing(
        self, wanted: ProposalFilter, *, before: tuple[int, str] | None, limit: int
    ) -> list[Proposal]:
        """Returns proposals, newest first, before (creation time in microseconds, id)."""
        found: Any = _ALL
        for name in ("ticket_id", "environment"):
            if value := getattr(wanted, name):
                found = found.where(_P.c[name] == value)
        if wanted.states:
            found = found.where(or_(*(_in_state(each, wanted.now) for each in wanted.states)))
        if wanted.confirmable_by:
            found = found.where(
                _in_state(ProposalState.OPEN, wanted.now), _P.c.person != wanted.confirmable_by
            )
        if before is not None:
            created, proposal_id = before
            found = found.where(
                (_P.c.create_time < created)
                | ((_P.c.create_time == created) & (_P.c.proposal_id > proposal_id))
            )
        order = (_P.c.create_time.desc(), _P.c.proposal_id)
        return [_proposal(row) for row in self._session.all(found.order_by(*order).limit(limit))]


def _in_state(state: ProposalState, now: datetime) -> Any:
    ended = _P.c.expire_time <= to_micros(now)
    is_open = _P.c.state == ProposalState.OPEN.value
    if state is ProposalState.OPEN:
        return and_(is_open, ~ended)
    if state is ProposalState.EXPIRED:
        return or_(_P.c.state == state.value, and_(is_open, ended))
    return _P.c.state == state.value


def _values(proposal: Proposal) -> dict[str, object]:
    return {
        "proposal_id": proposal.proposal_id,
        "state": proposal.state.value,
        "ticket_id": proposal.ticket_id,
        "request_revision": proposal.request_revision,
        "environment": proposal.environment.value,
        "organization_id": proposal.organization_id or None,
        "new_organization_name": proposal.new_organization_name,
        "terms": terms_to_json(proposal.terms),
        "proposed_by": proposal.proposed_by,
        "person": proposal.person,
        "create_time": to_micros(proposal.create_time),
        "expire_time": to_micros(proposal.expire_time),
        "close_time": to_micros(proposal.close_time),
        "closed_by": proposal.closed_by,
        "close_reason": proposal.close_reason,
        "grant_id": proposal.grant_id,
    }


def _proposal(row: Row) -> Proposal:
    return Proposal(
        proposal_id=row.proposal_id,
        state=ProposalState(row.state),
        ticket_id=row.ticket_id,
        request_revision=row.request_revision,
        environment=Environment(row.environment),
        organization_id=row.organization_id or "",
        new_organization_name=row.new_organization_name,
        organization_name=row.organization_name,
        terms=terms_from_json(row.terms),
        proposed_by=row.proposed_by,
        person=row.person,
        create_time=from_micros(row.create_time),
        expire_time=from_micros(row.expire_time),
        close_time=from_micros(row.close_time),
        closed_by=row.closed_by,
        close_reason=row.close_reason,
        grant_id=row.grant_id,
    )


def terms_to_json(terms: GrantTerms) -> str:
    """Serializes terms for storage."""
    return json.dumps({**asdict(terms), "expire_time": to_micros(terms.expire_time)})


def terms_from_json(text: str) -> GrantTerms:
    """Parses stored terms. Members that were added later may be missing."""
    stored = json.loads(text)
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    findings = tuple(
        Finding(**{**found, "aspect": Aspect(found["aspect"])}) for found in stored["findings"]
    )
    ends = from_micros(stored["expire_time"])
    return GrantTerms(**{**stored, **lists, "findings": findings, "expire_time": ends})
