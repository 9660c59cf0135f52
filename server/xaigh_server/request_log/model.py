"""One call of the request log, and filters of its lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from xaigh_server.errors import FieldViolation


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call of a known key. `sequence` is its place in the order of writing."""

    sequence: int
    request_id: str
    organization_id: str
    key_id: str
    client_request_id: str
    transport: str
    method: str
    code: str
    reason: str
    violations: tuple[FieldViolation, ...]
    idempotency_key: str
    replayed: bool
    ended_at: datetime
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGroup:
    """Answered calls of one key to one method. `employers` is the text of theirs."""

    key_id: str
    method: str
    employers: str
    calls: int
    first_time: datetime
    last_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Filter of calls. Empty members don't filter. `start` is included, `end` isn't."""

    organization_id: str = ""
    errors_only: bool = False
    reason: str = ""
    method: str = ""
    key_id: str = ""
    client_request_id: str = ""
    start: datetime | None = None
    end: datetime | None = None
