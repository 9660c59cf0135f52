"""Sync events: what a sync did to one role, or found about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class SyncEventType(StrEnum):
    """What happened to a role. An unchanged record makes no event."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    REOPENED = "REOPENED"
    CLOSED = "CLOSED"
    MISSING = "MISSING_FROM_ATS"


class SyncEvent(NamedTuple):
    """One event. States and the close reason are words, empty or None where there is none.

    `close_policy` and the ids of the request are those of the batch that wrote it.
    """

    event_id: str
    type: SyncEventType
    job_number: int
    employer_user_id: str
    integration_id: str
    raw_hash_before: str
    raw_hash_after: str
    state_before: str
    state_after: str
    time: datetime
    changed_fields: tuple[str, ...] = ()
    close_reason: str | None = None
    close_policy: str = ""
    request_id: str = ""
    client_request_id: str = ""
