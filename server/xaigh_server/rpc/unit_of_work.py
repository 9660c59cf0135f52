"""Unit of work: everything that a handler may access, in one transaction of one database.

Handlers build their repositories from its session. Nothing that a handler can reach opens another
database: not the other environment's, and not the control database from a business method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from xaigh_server.audit.model import ActorType, AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.idempotency import IdempotencyRecords
from xaigh_server.db.outbox import TOGETHER, Outbox, OutgoingEvent
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session
from xaigh_server.db.usage_rows import UsageRow, UsageRows
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.rpc.call import Call


class UnitOfWork:
    """What the units of both kinds of database share: the call, the journal, new ids."""

    def __init__(
        self,
        session: Session,
        *,
        partition: Partition,
        call: Call,
        now: datetime,
        new_id: Callable[[str], str],
        prepared: Any = None,
    ) -> None:
        self.session = session
        self._partition = partition
        self._new_id = new_id
        self._audit_log = AuditLog(session, partition.database)
        self._entries: list[AuditEvent] = []
        self._events: list[OutgoingEvent] = []
        self._rehearsal = False
        self.call = call
        self.now = now
        self.prepared = prepared
        """What the handler's `prepare` found out before the transaction began."""

    def expect_audit(self) -> None:
        """Asks ahead for what the audit event of this write needs, to save a round trip."""
        if self.call.method.rule.audit and self._partition.database != CONTROL:
            self._audit_log.ask_head(self._partition.organization_id)

    @property
    def organization_id(self) -> str:
        """The tenant of the calling key; empty for everybody else."""
        principal = self.call.principal
        return principal.organization_id if isinstance(principal, KeyPrincipal) else ""

    @property
    def key_id(self) -> str:
        """The id of the calling key; empty for everybody else."""
        principal = self.call.principal
        return principal.key_id if isinstance(principal, KeyPrincipal) else ""

    @property
    def idempotency(self) -> IdempotencyRecords:
        """The answered idempotency keys of this database."""
        return IdempotencyRecords(self.session)

    def new_id(self, prefix: str) -> str:
        """A new public id: `job` gives `job_` and 20 random characters."""
        return self._new_id(prefix)

    def audit(
        self,
        *targets: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        action: str = "",
        applicant: str = "",
        organization_id: str = "",
        environment: str = "",
    ) -> None:
        """Adds an audit event to the transaction. Targets are ids.

        `action` defaults to the one of the method's rule. `applicant` is the ticket whose status
        token proved who calls. `before` and `after` are JSON objects without secrets.
        """
        kind: ActorType
        kind, name = ("applicant", applicant) if applicant else actor(self.call)
        self._entries.append(
            AuditEvent(
                time=self.now,
                actor_type=kind,
                actor_id=name,
                action=action or self.call.method.rule.audit,
                targets=targets,
                before=before,
                after=after,
                reason=reason,
                request_id=self.call.request_id,
                client_request_id=self.call.client_request_id,
                peer=self.call.peer,
                environment=environment or self.call.environment,
                organization_id=self._owner(organization_id),
            )
        )

    def emit(
        self,
        event_type: str,
        payload: Mapping[str, Any],
        *,
        organization_id: str = "",
        environment: str = "",
    ) -> None:
        """Adds an event for webhooks to the transaction. No secrets in payloads."""
        self._emit(event_type, payload, organization_id, environment)

    def emit_all(
        self, event_type: str, payloads: Sequence[Mapping[str, Any]], *, organization_id: str
    ) -> None:
        """Like `emit`, for many events of one kind, in order."""
        if len(payloads) == 1:
            self._emit(event_type, payloads[0], organization_id, "")
            return
        for first in range(0, len(payloads), TOGETHER):
            self._emit(event_type, payloads[first : first + TOGETHER], organization_id, "")

    def _emit(self, event_type: str, payload: Any, organization_id: str, environment: str) -> None:
        self._events.append(
            OutgoingEvent(
                event_id=self._new_id("evt"),
                event_type=event_type,
                organization_id=self._owner(organization_id),
                environment=environment or self.call.environment,
                payload=orjson.dumps(payload).decode(),
                created_time=self.now,
                request_id=self.call.request_id,
            )
        )

    def _owner(self, given: str) -> str:
        """Whose chain and queue an event of this transaction joins.

        In a business database that is the partition's organization: those of others are written
        under another lock. RuntimeError: another one is named.
        """
        owner = given or self.organization_id or self._partition.organization_id
        if self._partition.database != CONTROL and owner != self._partition.organization_id:
            raise RuntimeError(f"an event of {owner} can't be written in {self._partition}")
        return owner

    def forget(self) -> None:
        """Takes back what was to be journalled: the call wrote nothing, as a rehearsal."""
        self._entries.clear()
        self._events.clear()
        self._rehearsal = True

    def close(self) -> None:
        """Writes the journal's part; called once, when the handler is done."""
        if not self._entries and self.call.method.rule.audit and not self._rehearsal:
            self.audit()
        if self._entries:
            for entry in self._entries:
                self._audit_log.append(entry)
        if self._events:
            Outbox(self.session).append(self._events)
        if self.is_metered:
            UsageRows(self.session).add(_usage(self.call, self.now))

    @property
    def is_metered(self) -> bool:
        """Whether the unit commits the usage of its call: a unary write of a key in a business
        database, that is neither a replay nor a rehearsal. Other calls are counted in memory."""
        method = self.call.method
        return (
            isinstance(self.call.principal, KeyPrincipal)
            and method.rule.database == "business"
            and not method.streaming
            and not self._rehearsal
        )


def _usage(call: Call, now: datetime) -> UsageRow:
    principal = call.principal
    assert isinstance(principal, KeyPrincipal)
    return UsageRow(
        organization_id=principal.organization_id,
        key_id=principal.key_id,
        method=call.method.full_name,
        tier=principal.grant.tier,
        day=now.date().isoformat(),
    )


def actor(call: Call) -> tuple[ActorType, str]:
    """Type and id of the caller, for the audit log."""
    principal = call.principal
    if isinstance(principal, OperatorPrincipal):
        return "operator", principal.name
    if isinstance(principal, KeyPrincipal):
        return "key", principal.key_id
    return "peer", ""
