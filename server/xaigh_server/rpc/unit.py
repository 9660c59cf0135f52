"""A unit of work: everything that a handler may touch, in one transaction of one database.

A unit holds repositories of its own database alone. Nothing that a handler can reach opens another:
not the other environment's, and not the control database from a business method.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import orjson

from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.ticket_repository import Tickets
from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.ats.repository.mirrors import Mirrors
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.audit.model import ActorType, AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.idempotency import IdempotencyRecords
from xaigh_server.db.outbox import TOGETHER, Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.jobs.change_log import JobLog
from xaigh_server.jobs.repository import Jobs
from xaigh_server.keys.grant_repository import Grants
from xaigh_server.keys.repository import Keys
from xaigh_server.keys.usage_repository import UsageDays
from xaigh_server.organizations.repository import Organizations
from xaigh_server.rpc.call import Call
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints

T = TypeVar("T")


class Unit:
    """What the units of both kinds of database share: the call, the journal, new ids."""

    def __init__(
        self,
        session: Session,
        *,
        chain: str,
        call: Call,
        now: datetime,
        new_id: Callable[[str], str],
        prepared: Any = None,
    ) -> None:
        self._session = session
        self._chain = chain
        self._new_id = new_id
        self._entries: list[AuditEvent] = []
        self._events: list[OutgoingEvent] = []
        self._rehearsal = False
        self.call = call
        self.now = now
        self.prepared = prepared
        """What the handler's `prepare` found out before the transaction began."""

    @property
    def organization_id(self) -> str:
        """The tenant of the calling key; empty for everybody else."""
        principal = self.call.principal
        return principal.organization_id if isinstance(principal, KeyPrincipal) else ""

    @property
    def idempotency(self) -> IdempotencyRecords:
        """The answered idempotency keys of this database."""
        return IdempotencyRecords(self._session)

    def remember(self, key: Hashable, make: Callable[[], T], size: Callable[[Any], int]) -> T:
        """What follows from rows of this unit alone, made once between two commits if it can be.

        See `Session.remember`. Whatever it is, it is shared with other calls: don't change it.
        """
        return self._session.remember(key, make, size)

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
                peer=self.call.peer,
                environment=environment or self.call.environment,
                organization_id=organization_id or self.organization_id,
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
                organization_id=organization_id or self.organization_id,
                environment=environment or self.call.environment,
                payload=orjson.dumps(payload).decode(),
                created_time=self.now,
            )
        )

    def forget(self) -> None:
        """Takes back what was to be journalled: the call was a rehearsal and wrote nothing."""
        self._entries.clear()
        self._events.clear()
        self._rehearsal = True

    def close(self) -> None:
        """Writes the journal's part; called once, when the handler is done."""
        if not self._entries and self.call.method.rule.audit and not self._rehearsal:
            self.audit()
        if self._entries:
            log = AuditLog(self._session, chain=self._chain)
            for entry in self._entries:
                log.append(entry)
        if self._events:
            Outbox(self._session).append(self._events)


class ControlUnit(Unit):
    """A unit of the control database: tickets, grants, keys, operators, organizations, usage."""

    @property
    def tickets(self) -> Tickets:
        """The access requests."""
        return Tickets(self._session)

    @property
    def callback_secrets(self) -> CallbackSecrets:
        """What the secrets of ticket callbacks follow from, sealed."""
        return CallbackSecrets(self._session)

    @property
    def grants(self) -> Grants:
        """The grants."""
        return Grants(self._session)

    @property
    def organizations(self) -> Organizations:
        """The tenants."""
        return Organizations(self._session)

    @property
    def keys(self) -> Keys:
        """The records of the keys."""
        return Keys(self._session)

    @property
    def usage(self) -> UsageDays:
        """What was used, by key, method and day."""
        return UsageDays(self._session)


class BusinessUnit(Unit):
    """A unit of one environment's database: jobs, mirrors, integrations, webhooks."""

    @property
    def jobs(self) -> Jobs:
        """The jobs, both halves of them."""
        return Jobs(self._session)

    @property
    def job_log(self) -> JobLog:
        """What happened to jobs, for those who watch."""
        return JobLog(self._session)

    @property
    def integrations(self) -> Integrations:
        """The integrations with clients' ATS."""
        return Integrations(self._session)

    @property
    def mirrors(self) -> Mirrors:
        """The bookkeeping of the mirrored jobs."""
        return Mirrors(self._session)

    @property
    def runs(self) -> Runs:
        """The runs of syncs, and their batches."""
        return Runs(self._session)

    @property
    def sync_events(self) -> SyncEvents:
        """What syncs did to single roles."""
        return SyncEvents(self._session)

    @property
    def endpoints(self) -> WebhookEndpoints:
        """The webhook endpoints."""
        return WebhookEndpoints(self._session)

    @property
    def deliveries(self) -> WebhookDeliveries:
        """What webhooks were sent, and what waits."""
        return WebhookDeliveries(self._session)


def actor(call: Call) -> tuple[ActorType, str]:
    """Type and id of whoever makes the call, for the audit log."""
    principal = call.principal
    if isinstance(principal, OperatorPrincipal):
        return "operator", principal.name
    if isinstance(principal, KeyPrincipal):
        return "key", principal.key_id
    return "peer", ""
