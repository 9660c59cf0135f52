"""Event of a webhook, as `verify_webhook` returns it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

TypeName = TypeVar("TypeName", bound=str)
Data = TypeVar("Data")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent(Generic[TypeName, Data]):
    """An event. It names an object and doesn't hold it: read the object over the API."""

    id: str
    """The same on every delivery: drop ids that you have seen."""
    type: TypeName
    """For example `job.created`. Answer 2xx to an unknown type."""
    timestamp: datetime
    """When it happened, not when it was sent."""
    environment: str
    """`sandbox`, `production`, or empty."""
    organization_id: str
    data: Data
    """The JSON members of the event's own message."""
