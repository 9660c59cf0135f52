"""Disabling of endpoints by the service or an operator, with its audit event.

The server disables what answers 410 or fails for days, and what a leaked key made. An operator
disables for a reason of its own. All of them go through `disable`, in one transaction with the
audit event, with the end of what waits, and with the event for the organization's other endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from xaigh_server.audit.model import ActorType, AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.session import Session
from xaigh_server.webhooks.endpoint_events import tell_disabled
from xaigh_server.webhooks.model import DisableReason, Endpoint
from xaigh_server.webhooks.repository.deliveries import WebhookDeliveries
from xaigh_server.webhooks.repository.endpoints import WebhookEndpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabling:
    """Who disables endpoints, why and when. `text` is the reason in words.

    It stands in the audit log, and on the endpoint where an operator disables it.
    """

    reason: DisableReason
    time: datetime
    actor_type: ActorType = "system"
    actor_id: str = ""
    text: str = ""
    request_id: str = ""
    peer: str = ""


def disable(
    session: Session, endpoint: Endpoint, by: Disabling, *, database: str
) -> Endpoint | None:
    """Disables an endpoint and cancels what waits for it.

    An operator also disables what was disabled for another reason, so that its organization can't
    enable it. Returns the endpoint as it is now; None where it was disabled already or changed
    meanwhile.
    """
    operators = by.reason is DisableReason.OPERATOR
    if not endpoint.enabled and (not operators or endpoint.disable_reason is by.reason):
        return None
    disabled = replace(
        endpoint,
        disabled_at=endpoint.disabled_at or by.time,
        updated_at=by.time,
        disable_reason=by.reason,
        disabled_by=by.actor_id if operators else "",
        disable_note=by.text if operators else "",
        revision=endpoint.revision + 1,
    )
    if not WebhookEndpoints(session).save(disabled, before=endpoint):
        return None
    cancelled = WebhookDeliveries(session).cancel_waiting(endpoint.id, now=by.time)
    if endpoint.enabled:
        health = WebhookEndpoints(session).health([endpoint.id])[endpoint.id]
        tell_disabled(session, disabled, health, environment=database, now=by.time)
    after = {"disableReason": by.reason.value, "cancelledDeliveries": cancelled}
    _record(session, disabled, by, "webhook_endpoint.disabled", after, database)
    return disabled


def enable(
    session: Session, endpoint: Endpoint, by: Disabling, *, database: str
) -> Endpoint | None:
    """Enables an endpoint again, from the events of then on. `by.reason` is not used.

    Returns the endpoint as it is now; None where it was enabled already or changed meanwhile.
    """
    if endpoint.enabled:
        return None
    enabled = replace(endpoint.as_enabled(), updated_at=by.time, revision=endpoint.revision + 1)
    if not WebhookEndpoints(session).save(enabled, before=endpoint):
        return None
    after = {"formerDisableReason": endpoint.disable_reason.value}
    _record(session, enabled, by, "webhook_endpoint.enabled", after, database)
    return enabled


def disable_made_by(session: Session, key_id: str, by: Disabling, *, database: str) -> int:
    """Disables every endpoint that a key made. Returns how many were enabled."""
    made = WebhookEndpoints(session).made_by(key_id)
    return sum(disable(session, each, by, database=database) is not None for each in made)


def _record(
    session: Session,
    endpoint: Endpoint,
    by: Disabling,
    action: str,
    after: Mapping[str, Any],
    database: str,
) -> None:
    AuditLog(session, database).append(
        AuditEvent(
            time=by.time,
            actor_type=by.actor_type,
            actor_id=by.actor_id,
            action=action,
            targets=(endpoint.id,),
            after=after,
            reason=by.text,
            request_id=by.request_id,
            peer=by.peer,
            environment="" if database == "control" else database,
            organization_id=endpoint.organization_id,
        )
    )
