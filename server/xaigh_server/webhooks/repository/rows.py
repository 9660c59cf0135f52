"""Conversion between rows and events, deliveries and attempts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from xaigh_server.db.session import Row, insert_ignore
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.net.http_reply import HttpOutcome
from xaigh_server.webhooks.events import Event, event_of
from xaigh_server.webhooks.model import Delivery, DeliveryAttempt, DeliveryState, Endpoint
from xaigh_server.webhooks.tables import control_webhooks

_D = control_webhooks.deliveries  # the business schema's tables are the same, and so is the SQL
_A = control_webhooks.attempts
_V = control_webhooks.events

COLUMNS = (
    _D.c.sequence,
    _D.c.delivery_id,
    _D.c.endpoint_id,
    _D.c.organization_id,
    _D.c.event_id,
    _D.c.event_type,
    _D.c.state,
    _D.c.attempt_count,
    _D.c.step,
    _D.c.next_time,
    _D.c.event_time,
    _D.c.created_time,
    _D.c.ended_time,
    _D.c.event_count,
    _D.c.first_place,
)
DELIVERY = tuple(column.name for column in COLUMNS)
EVENT = (
    "event_id",
    "event_type",
    "environment",
    "organization_id",
    "data",
    "event_time",
    "created_time",
    "request_id",
)
ADD_EVENT = insert_ignore(_V, key=("event_id",))
ADD_DELIVERY = insert_ignore(_D, key=("endpoint_id", "event_id"))
ADD_DELIVERY_RETURNING = ADD_DELIVERY.returning(_D.c.delivery_id)
"""Returns a row where it added the delivery, none where the endpoint has the event already."""
ADD_ATTEMPT = insert(_A)


def delivery_of(row: Row) -> Delivery:
    """Builds a delivery from a full row, without attempts."""
    return Delivery(
        id=row.delivery_id,
        endpoint_id=row.endpoint_id,
        organization_id=row.organization_id,
        event_id=row.event_id,
        event_type=row.event_type,
        state=DeliveryState(row.state),
        attempt_count=row.attempt_count,
        step=row.step,
        event_time=from_micros(row.event_time),
        created_at=from_micros(row.created_time),
        next_attempt_at=from_micros(row.next_time),
        ended_at=from_micros(row.ended_time),
    )


def event_in(row: Row) -> Event:
    """Builds an event or EventBatch from a row; `created_time` isn't read."""
    return event_of(
        event_id=row.event_id,
        event_type=row.event_type,
        time=from_micros(row.event_time),
        environment=row.environment,
        organization_id=row.organization_id,
        data=row.data,
        request_id=row.request_id,
    )


def attempt_values(delivery_id: str, attempt: DeliveryAttempt) -> dict[str, object]:
    """Returns an attempt's values for ADD_ATTEMPT."""
    return {
        "delivery_id": delivery_id,
        "number": attempt.number,
        "started_time": to_micros(attempt.started_at),
        "duration": attempt.duration // timedelta(microseconds=1),
        "outcome": attempt.outcome.value,
        "status": attempt.status,
    }


def attempt_of(row: Row) -> DeliveryAttempt:
    """Builds an attempt from a row."""
    return DeliveryAttempt(
        number=row.number,
        started_at=from_micros(row.started_time),
        duration=timedelta(microseconds=row.duration),
        outcome=HttpOutcome(row.outcome),
        status=row.status,
    )


def event_row(event: Event, created: int) -> tuple[Any, ...]:
    """Returns an event's values in the order of EVENT. Times are in microseconds."""
    return (
        event.id,
        event.type.name,
        event.environment,
        event.organization_id,
        event.data,
        to_micros(event.time),
        created,
        event.request_id,
    )


def delivery_row(
    delivery_id: str, endpoint: Endpoint, event: Event, *, sequence: int, created: int
) -> tuple[Any, ...]:
    """Returns a new delivery's values in the order of DELIVERY."""
    return (
        sequence,
        delivery_id,
        endpoint.id,
        endpoint.organization_id,
        event.id,
        event.type.name,
        DeliveryState.PENDING.value,
        0,
        0,
        created,
        to_micros(event.time),
        created,
        None,
        event.count,
        0,
    )
