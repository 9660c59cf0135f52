"""Events about endpoints: one fails for an hour, or was disabled.

They go through the outbox in the transaction that finds it out, to the organization's other
endpoints. Callbacks of tickets have no organization, and so nobody to tell.
"""

from __future__ import annotations

import json
from datetime import datetime

from xaigh_server.db.outbox import Outbox, OutgoingEvent
from xaigh_server.db.session import Session
from xaigh_server.db.times import to_micros
from xaigh_server.identity import base62
from xaigh_server.webhooks.events import DISABLED, FAILING
from xaigh_server.webhooks.model import Endpoint, EndpointHealth


def tell_failing(
    session: Session,
    endpoint: Endpoint,
    health: EndpointHealth,
    *,
    environment: str,
    now: datetime,
) -> None:
    """Publishes that every attempt at an endpoint has failed for a while."""
    since = to_micros(health.failing_since)
    _tell(session, FAILING, endpoint, health, f"{since}", environment=environment, now=now)


def tell_disabled(
    session: Session,
    endpoint: Endpoint,
    health: EndpointHealth,
    *,
    environment: str,
    now: datetime,
) -> None:
    """Publishes that an endpoint was disabled; `endpoint` is its state after that."""
    revision = f"{endpoint.revision}"
    _tell(session, DISABLED, endpoint, health, revision, environment=environment, now=now)


def _tell(
    session: Session,
    event_type: str,
    endpoint: Endpoint,
    health: EndpointHealth,
    occasion: str,
    *,
    environment: str,
    now: datetime,
) -> None:
    if not endpoint.organization_id:
        return
    facts: dict[str, object] = {"endpointId": endpoint.id}
    if endpoint.disable_reason:
        facts["disableReason"] = endpoint.disable_reason.value
    if health.failing_since is not None:
        facts["failingSinceTime"] = health.failing_since.isoformat().replace("+00:00", "Z")
        facts["failureCount"] = health.failure_count
    origin = f"xaigh.{event_type}.v1:{endpoint.id}:{occasion}"
    event = OutgoingEvent(
        event_id="evt_" + base62.derive(origin.encode()),
        event_type=event_type,
        organization_id=endpoint.organization_id,
        environment=environment,
        payload=json.dumps(facts, separators=(",", ":")),
        created_time=now,
    )
    Outbox(session).append([event])
