"""What came of one call: the audit events, sync events and webhook events that carry its id, and
the record of its idempotency key.

It shows ids, kinds and states alone, so it needs no scope. A key sees nothing of employers that its
grant doesn't cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from xaigh.ats.v1 import sync_event_pb2
from xaigh.request_log.v1 import request_log_pb2 as pb
from xaigh.webhooks.v1 import delivery_pb2
from xaigh_server.ats.repository.events import EventFilter, SyncEvents
from xaigh_server.audit.model import SealedEvent
from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.db.session import Session
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.request_log.model import LoggedCall
from xaigh_server.request_log.repository import RequestLogs
from xaigh_server.rpc.call import organization_scope
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.webhooks.repository.deliveries import DeliveryFilter, WebhookDeliveries
from xaigh_server.webhooks.repository.events import WebhookEvents

MOST = 20
"""Of each kind."""
_AROUND = timedelta(minutes=1)
"""The clocks of several machines differ by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    """A call, and its audit events in the control database."""

    call: LoggedCall
    control_events: Sequence[SealedEvent]


def audit_events_of(call: LoggedCall, database: str, session: Session) -> list[SealedEvent]:
    """Returns the call's events in its organization's chain of a database, oldest first.

    The time of the call bounds the search: events have no index by request id.
    """
    wanted = AuditFilter(
        chain=call.organization_id,
        request_id=call.request_id,
        start=call.ended_at - call.duration - _AROUND,
        end=call.ended_at + _AROUND,
    )
    return AuditLog(session, database).listing(wanted, limit=MOST)[::-1]


def add_outcome(message: pb.RequestLog, found: FoundCall, unit: UnitOfWork) -> None:
    """Adds what came of the call to its message."""
    call, session = found.call, unit.session
    own = audit_events_of(call, unit.call.environment, session)
    message.audit_events.extend(_audit_ref(each) for each in (*found.control_events, *own))
    message.sync_events.extend(_sync_refs(call, unit))
    message.events.extend(_event_refs(call, unit))
    if call.idempotency_key:
        _add_idempotency_record(message, call, unit)


def _covers(unit: UnitOfWork, employers: frozenset[str]) -> bool:
    """Whether the caller may know of these employers; operators may of all."""
    principal = unit.call.principal
    return not isinstance(principal, KeyPrincipal) or employers <= principal.grant.employer_ids


def _audit_ref(sealed: SealedEvent) -> pb.RequestLog.AuditEventRef:
    return pb.RequestLog.AuditEventRef(
        chain=str(sealed.chain),
        sequence=sealed.sequence,
        action=sealed.event.action,
        refused=sealed.event.outcome == "REFUSED",
    )


def _sync_refs(call: LoggedCall, unit: UnitOfWork) -> list[pb.RequestLog.SyncEventRef]:
    wanted = EventFilter(
        integration_ids=None, organization_id=call.organization_id, request_id=call.request_id
    )
    return [
        pb.RequestLog.SyncEventRef(
            event_id=each.event.event_id,
            type=sync_event_pb2.AtsJobSyncEvent.Type.Value(each.event.type.value),
            job_id=each.job_id,
        )
        for each in SyncEvents(unit.session).listing(wanted, limit=MOST)
        if _covers(unit, frozenset({each.event.employer_user_id}))
    ]


def _add_idempotency_record(message: pb.RequestLog, call: LoggedCall, unit: UnitOfWork) -> None:
    environment = unit.call.environment
    record = unit.idempotency.find(
        scope=organization_scope(environment, call.organization_id),
        method=call.method,
        key=call.idempotency_key,
        now=unit.now,
    )
    if record is None:
        return
    kept, created = message.idempotency_record, record.created_time
    set_time(kept.create_time, created)
    set_time(kept.expire_time, record.expires_time)
    kept.request_id = RequestLogs(unit.session).first_under_key(
        call, start=created - _AROUND, until=created + _AROUND
    )


def _event_refs(call: LoggedCall, unit: UnitOfWork) -> list[pb.RequestLog.EventRef]:
    events = WebhookEvents(unit.session).of_request(
        call.request_id, organization_id=call.organization_id, limit=MOST
    )
    return [
        pb.RequestLog.EventRef(
            event_id=each.id,
            event_type=each.type.name,
            deliveries=_delivery_refs(call.organization_id, each.id, unit),
        )
        for each in events
        if _covers(unit, each.employers)
    ]


def _delivery_refs(
    organization_id: str, event_id: str, unit: UnitOfWork
) -> list[pb.RequestLog.DeliveryRef]:
    wanted = DeliveryFilter(organization_id=organization_id, event_id=event_id)
    return [
        pb.RequestLog.DeliveryRef(
            delivery_id=each.id,
            endpoint_id=each.endpoint_id,
            state=delivery_pb2.Delivery.State.Value(each.state.value),
        )
        for _, each in WebhookDeliveries(unit.session).page(wanted, below=None, limit=MOST)
    ]
