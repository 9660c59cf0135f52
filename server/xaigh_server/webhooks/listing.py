"""Pages of endpoints and deliveries: one listing for keys and for operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.webhooks.messages import delivery_to_pb, endpoint_to_pb
from xaigh_server.webhooks.repository.deliveries import DeliveryFilter, WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints, place_of


def page_of_endpoints(
    paging: Paging,
    organization_id: str,
    request: Any,
    unit: UnitOfWork,
    *,
    for_operators: bool = False,
) -> tuple[Sequence[endpoint_pb2.Endpoint], str]:
    """Returns the request's page of endpoints, newest first, and the token of the next one.

    Of all organizations where `organization_id` is empty.
    """
    page = paging.page(request, unit.call)
    before = (int(page.cursor[0]), str(page.cursor[1])) if page.cursor else None
    endpoints = WebhookEndpoints(unit.session)
    found = endpoints.page(organization_id, before=before, limit=page.size + 1)
    health = endpoints.health([endpoint.id for endpoint in found])
    return paging.fill(
        found,
        page,
        place_of,
        lambda each: endpoint_to_pb(each, health[each.id], for_operators=for_operators),
    )


def page_of_deliveries(
    paging: Paging, wanted: DeliveryFilter, request: Any, unit: UnitOfWork
) -> tuple[Sequence[delivery_pb2.Delivery], str]:
    """Returns the request's page of deliveries, newest first, and the token of the next one."""
    page = paging.page(request, unit.call)
    below = int(page.cursor[0]) if page.cursor else None
    found = WebhookDeliveries(unit.session).page(wanted, below=below, limit=page.size + 1)
    return paging.fill(found, page, lambda each: (each[0],), lambda each: delivery_to_pb(each[1]))
