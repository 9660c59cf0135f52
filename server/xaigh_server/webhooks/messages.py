"""Conversion of endpoints, deliveries and events to messages."""

from __future__ import annotations

from xaigh.webhooks.v1 import delivery_pb2, endpoint_pb2, event_pb2
from xaigh_server.identity import webhook_secrets
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.webhooks.events import Event
from xaigh_server.webhooks.model import Delivery, DeliveryAttempt, Endpoint, EndpointHealth


def endpoint_to_pb(
    endpoint: Endpoint,
    health: EndpointHealth,
    *,
    secret: bytes | None = None,
    for_operators: bool = False,
) -> endpoint_pb2.Endpoint:
    """Converts an endpoint. Only the replies to create and rotate pass a secret.

    Operators see which of them disabled it.
    """
    state = endpoint_pb2.Endpoint.State
    message = endpoint_pb2.Endpoint(
        endpoint_id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        event_types=endpoint.event_types,
        state=state.ENABLED if endpoint.enabled else state.DISABLED,
        grant_id=endpoint.origin,
        failure_count=health.failure_count,
        etag=endpoint.etag,
        key_id=endpoint.key_id,
        disable_note=endpoint.disable_note,
        disabled_by=endpoint.disabled_by if for_operators else "",
        organization_id=endpoint.organization_id,
    )
    if endpoint.disable_reason:
        reason = endpoint_pb2.Endpoint.DisableReason.Value(endpoint.disable_reason.value)
        message.disable_reason = reason
    if secret is not None:
        message.secret = webhook_secrets.to_text(secret)
    set_time(message.disable_time, endpoint.disabled_at)
    set_time(message.previous_secret_expire_time, endpoint.secrets.previous_expires_at)
    set_time(message.last_success_time, health.last_success_at)
    set_time(message.last_failure_time, health.last_failure_at)
    set_time(message.create_time, endpoint.created_at)
    set_time(message.update_time, endpoint.updated_at)
    return message


def delivery_to_pb(delivery: Delivery) -> delivery_pb2.Delivery:
    """Converts a delivery with its attempts."""
    message = delivery_pb2.Delivery(
        delivery_id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        state=delivery_pb2.Delivery.State.Value(delivery.state.value),
        attempt_count=delivery.attempt_count,
        attempts=[_attempt_to_pb(attempt) for attempt in delivery.attempts],
        organization_id=delivery.organization_id,
    )
    set_time(message.next_attempt_time, delivery.next_attempt_at)
    set_time(message.event_time, delivery.event_time)
    set_time(message.create_time, delivery.created_at)
    set_time(message.end_time, delivery.ended_at)
    return message


def event_to_pb(event: Event) -> event_pb2.Event:
    """Converts an event: its JSON form is the body that endpoints receive."""
    message = event_pb2.Event(
        id=event.id,
        type=event.type.name,
        environment=event.environment,
        organization_id=event.organization_id,
    )
    set_time(message.timestamp, event.time)
    message.data.update(event.facts)
    return message


def _attempt_to_pb(attempt: DeliveryAttempt) -> delivery_pb2.Delivery.Attempt:
    outcome = delivery_pb2.Delivery.Attempt.Outcome.Value(attempt.outcome.value)
    message = delivery_pb2.Delivery.Attempt(
        number=attempt.number, outcome=outcome, status_code=attempt.status
    )
    set_time(message.start_time, attempt.started_at)
    message.duration.FromTimedelta(attempt.duration)
    return message
