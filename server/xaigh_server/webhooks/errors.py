"""Refusals about webhook endpoints."""

from __future__ import annotations

from datetime import datetime

from xaigh_server.errors import DomainError


class QuotaExceeded(DomainError):
    reason = "QUOTA_EXCEEDED"
    default_message = "A quota of objects is used up."


class EndpointDisabled(DomainError):
    """Nothing is sent to an endpoint that is disabled; `metadata.endpointId` names it."""

    reason = "ENDPOINT_DISABLED"

    def __init__(self, endpoint_id: str) -> None:
        super().__init__(
            f"Endpoint {endpoint_id} is disabled.", metadata={"endpointId": endpoint_id}
        )


class EndpointHeld(DomainError):
    """An operator disabled the endpoint; `metadata.endpointId` names it."""

    reason = "ENDPOINT_HELD"

    def __init__(self, endpoint_id: str) -> None:
        super().__init__(
            f"An operator disabled endpoint {endpoint_id}; only an operator enables it again.",
            metadata={"endpointId": endpoint_id},
        )


class EventsNotKept(DomainError):
    """Events of that time may be gone; `metadata.earliestTime` is the earliest to ask for."""

    reason = "VALUE_OUT_OF_RANGE"

    def __init__(self, earliest: datetime) -> None:
        time = earliest.isoformat(timespec="seconds").replace("+00:00", "Z")
        super().__init__(
            f"since: events are kept from {time} on; ask for a time from then on.",
            metadata={"earliestTime": time},
        )
