"""Periodic tasks: record the expiry of proposals and of idle requests, and delete ended requests.

Decisions go by the clock; the first task only writes down what has expired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from xaigh_server.access import review
from xaigh_server.access.model import Ticket
from xaigh_server.access.proposal import Proposal, ProposalState
from xaigh_server.access.proposal_repository import Proposals
from xaigh_server.access.repository import Tickets
from xaigh_server.access.ticket_changes import closing_for_audit
from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.purge import sweep
from xaigh_server.db.session import Session

BATCH = 100


class TicketExpiry:
    """Expires proposals and idle tickets. New state and audit event are one transaction."""

    def __init__(self, control: Database, *, clock: Callable[[], datetime]) -> None:
        self._control = control
        self._clock = clock

    async def expire(self) -> int:
        """Expires all that is due, proposals first. Returns the number of tickets."""
        now = self._clock()
        await self._all(_due, _expire_proposals, now)
        return await self._all(_idle, _expire_tickets, now)

    async def _all(
        self,
        due: Callable[[Session, datetime], Sequence[object]],
        expire: Callable[[Session, datetime], int],
        now: datetime,
    ) -> int:
        ended = 0
        while await self._control.read(lambda session: bool(due(session, now))):
            ended += await self._control.write(
                lambda session: expire(session, now), partition=Partition(CONTROL)
            )
        return ended


class TicketPurge:
    """Deletes requests some time after they ended without a grant or a proposal.

    Their audit events stay. Strangers make such requests, so they must not stay for ever.
    """

    def __init__(
        self, control: Database, *, clock: Callable[[], datetime], keep: timedelta | None
    ) -> None:
        """`keep` is the time from a request's end; None keeps all."""
        self._control = control
        self._clock = clock
        self._keep = keep

    async def sweep(self) -> int:
        """Deletes what is due. Returns the number of tickets."""
        keep = self._keep
        if keep is None:
            return 0
        now = self._clock()
        return await sweep(self._control, lambda session: _purge(session, now, before=now - keep))


def _purge(session: Session, now: datetime, *, before: datetime) -> int:
    tickets, log = Tickets(session), AuditLog(session, CONTROL)
    due = tickets.ended(before=before, limit=BATCH)
    if not due:
        return 0
    tickets.delete([row.ticket_id for row in due])
    for row in due:
        log.append(
            AuditEvent(
                time=now,
                actor_type="system",
                action="ticket.purged",
                targets=(row.ticket_id,),
                before={"state": row.state, "revision": row.revision},
                reason="It ended long ago and led to nothing.",
            )
        )
    return len(due)


def _expire_proposals(session: Session, now: datetime) -> int:
    due = _due(session, now)
    log = AuditLog(session, CONTROL)
    for proposal in due:
        ended = proposal.at(now)
        Proposals(session).close(ended)
        log.append(
            AuditEvent(
                time=now,
                actor_type="system",
                action="proposal.expired",
                targets=(ended.proposal_id, ended.ticket_id),
                before={"state": ProposalState.OPEN.value},
                after=closing_for_audit(ended),
                reason=ended.close_reason,
                organization_id=ended.organization_id,
                environment=ended.environment.value,
            )
        )
    return len(due)


def _expire_tickets(session: Session, now: datetime) -> int:
    # Read again inside the write: a ticket may have changed since the first read.
    idle = _idle(session, now)
    tickets, log = Tickets(session), AuditLog(session, CONTROL)
    for ticket_id in idle:
        old = tickets.get(ticket_id)
        if old is not None:
            tickets.save(old, review.expire(old, now=now))
            log.append(_event(old, now))
    return len(idle)


def _due(session: Session, now: datetime) -> list[Proposal]:
    return Proposals(session).due(now=now, limit=BATCH)


def _idle(session: Session, now: datetime) -> list[str]:
    return Tickets(session).idle(now=now, limit=BATCH)


def _event(old: Ticket, now: datetime) -> AuditEvent:
    return AuditEvent(
        time=now,
        actor_type="system",
        action="ticket.expired",
        targets=(old.ticket_id,),
        before={"state": old.state.value},
        after={"state": "EXPIRED"},
        reason="Nobody moved it in time.",
        organization_id=old.organization_id,
    )
