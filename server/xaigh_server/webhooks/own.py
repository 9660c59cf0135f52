"""Look-ups of the caller's own endpoints. Another organization's is answered as a missing one."""

from __future__ import annotations

from xaigh_server.errors import NotFound
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.webhooks.errors import EndpointDisabled
from xaigh_server.webhooks.model import Endpoint
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints


def own_endpoint(endpoint_id: str, unit: UnitOfWork) -> Endpoint:
    """Returns an endpoint of the calling key's organization. Raises NotFound."""
    endpoint = WebhookEndpoints(unit.session).get(endpoint_id, organization_id=unit.organization_id)
    if endpoint is None:
        raise NotFound("endpoint", endpoint_id)
    return endpoint


def require_enabled(endpoint: Endpoint) -> None:
    """Raises EndpointDisabled where nothing is sent to the endpoint."""
    if not endpoint.enabled:
        raise EndpointDisabled(endpoint.id)
