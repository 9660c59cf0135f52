"""Replies of foreign servers: how a request ended, its status, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HttpOutcome(StrEnum):
    """How a request to a foreign server ended."""

    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    REDIRECTED = "REDIRECTED"
    TIMED_OUT = "TIMED_OUT"
    NAME_UNRESOLVED = "NAME_UNRESOLVED"
    ADDRESS_FORBIDDEN = "ADDRESS_FORBIDDEN"
    CONNECTION_FAILED = "CONNECTION_FAILED"
    TLS_FAILED = "TLS_FAILED"
    PROTOCOL_ERROR = "PROTOCOL_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """How a request went. `retry_after` is in seconds; `status` is 0 without a reply."""

    outcome: HttpOutcome
    status: int = 0
    retry_after: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A reply, and the host that it redirects to, if it does."""

    reply: HttpReply
    redirect: str = ""
