"""Steps of operators on an endpoint of an organization: disable it, enable it."""

from __future__ import annotations

from dataclasses import replace

from xaigh.webhooks.v1 import endpoint_pb2
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor
from xaigh_server.webhooks.messages import endpoint_to_pb
from xaigh_server.webhooks.model import Endpoint
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints


def disable_endpoint(unit: UnitOfWork, before: Endpoint, reason: str) -> endpoint_pb2.Endpoint:
    """Disables an endpoint for its organization, and cancels what waits for it."""
    after = before.disabled_by_operator(actor(unit.call)[1], reason, unit.now)
    WebhookDeliveries(unit.session).cancel_waiting(before.id, now=unit.now)
    return _stored(unit, before, after, reason)


def enable_endpoint(unit: UnitOfWork, before: Endpoint, reason: str) -> endpoint_pb2.Endpoint:
    """Enables an endpoint, whatever disabled it. One that is enabled stays unchanged."""
    return _stored(unit, before, before.as_enabled(), reason)


def _stored(
    unit: UnitOfWork, before: Endpoint, after: Endpoint, reason: str
) -> endpoint_pb2.Endpoint:
    endpoints = WebhookEndpoints(unit.session)
    if after != before:
        after = replace(after, updated_at=unit.now, revision=before.revision + 1)
        if not endpoints.save(after, before=before):
            raise ConcurrentUpdate
        unit.audit(
            before.id,
            before={"disableReason": before.disable_reason.value},
            after={"disableReason": after.disable_reason.value},
            reason=reason,
            organization_id=before.organization_id,
        )
    else:
        unit.forget()
    return endpoint_to_pb(after, endpoints.health([after.id])[after.id], for_operators=True)
