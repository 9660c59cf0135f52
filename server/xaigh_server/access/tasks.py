"""Periodic task that expires idle access requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from xaigh_server.access import review
from xaigh_server.access.model import Ticket
from xaigh_server.access.repository import Tickets
from xaigh_server.audit.model import AuditEvent, ChainId
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session

BATCH = 100


class TicketExpiry:
    """Expires idle tickets. New state and audit event are one transaction."""

    def __init__(self, control: Database, *, clock: Callable[[], datetime]) -> None:
        self._control = control
        self._clock = clock

    async def expire(self) -> int:
        """Expires all due tickets. Returns their number."""
        ended = 0
        now = self._clock()
        while await self._control.read(lambda session: bool(_idle(session, now))):
            ended += await self._control.write(
                lambda session: self._batch(session, now), partition=Partition(CONTROL)
            )
        return ended

    def _batch(self, session: Session, now: datetime) -> int:
        # Read again inside the write: a ticket may have changed since the first read.
        idle = _idle(session, now)
        tickets, log = Tickets(session), AuditLog(session, chain=ChainId(CONTROL))
        for ticket_id in idle:
            old = tickets.get(ticket_id)
            if old is not None:
                tickets.save(old, review.expire(old, now=now))
                log.append(_event(old, now))
        return len(idle)


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
