"""Steps of operators on an endpoint of an organization: disable it, enable it."""

from __future__ import annotations

from collections.abc import Callable

from xaigh.webhooks.v1 import endpoint_pb2
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor
from xaigh_server.webhooks.disabling import Disabling, disable, enable
from xaigh_server.webhooks.messages import endpoint_to_pb
from xaigh_server.webhooks.model import DisableReason, Endpoint
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints


def disable_endpoint(unit: UnitOfWork, endpoint: Endpoint, reason: str) -> endpoint_pb2.Endpoint:
    """Disables an endpoint for its organization, and cancels what waits for it."""
    return _taken(unit, endpoint, reason, disable)


def enable_endpoint(unit: UnitOfWork, endpoint: Endpoint, reason: str) -> endpoint_pb2.Endpoint:
    """Enables an endpoint, whatever disabled it. One that is enabled stays unchanged."""
    return _taken(unit, endpoint, reason, enable)


def _taken(
    unit: UnitOfWork, endpoint: Endpoint, reason: str, step: Callable[..., Endpoint | None]
) -> endpoint_pb2.Endpoint:
    kind, name = actor(unit.call)
    by = Disabling(
        reason=DisableReason.OPERATOR,
        time=unit.now,
        actor_type=kind,
        actor_id=name,
        text=reason,
        request_id=unit.call.request_id,
        peer=unit.call.peer,
    )
    after = step(unit.session, endpoint, by, database=unit.call.environment) or endpoint
    unit.forget()  # the step writes its event itself, and one that changes nothing leaves none
    health = WebhookEndpoints(unit.session).health([after.id])[after.id]
    return endpoint_to_pb(after, health, for_operators=True)
