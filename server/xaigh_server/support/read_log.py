"""Log of what operators read of organizations: an audit event for each read.

A read writes nothing in its own database, so the event is of the control chain, written before the
read: no reply leaves without it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.errors import NotFound
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.unit_of_work import actor

EVERY = "-"
"""Stands for all organizations in a path."""


class SupportReadLog:
    """Writes the audit events of reads to the control database."""

    def __init__(self, control: Database, *, clock: Callable[[], datetime]) -> None:
        self._control = control
        self._clock = clock

    async def note(self, call: Call, organization_id: str, *, environment: str) -> str:
        """Notes a read of an organization, or of all of them where it is `-`.

        Returns the organization's id, empty for all. Raises NotFound for one that doesn't exist.
        """
        kind, name = actor(call)
        event = AuditEvent(
            time=self._clock(),
            actor_type=kind,
            actor_id=name,
            action="support.read",
            targets=(organization_id,),
            after={"method": call.method.full_name},
            request_id=call.request_id,
            peer=call.peer,
            environment=environment,
            organization_id="" if organization_id == EVERY else organization_id,
        )

        def write(session: Session) -> None:
            if organization_id != EVERY and Organizations(session).get(organization_id) is None:
                raise NotFound("organization", organization_id)
            AuditLog(session, CONTROL).append(event)

        await self._control.write(write, partition=Partition(CONTROL))
        return event.organization_id
