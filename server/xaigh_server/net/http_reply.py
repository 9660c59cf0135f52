"""Results of outbound HTTP requests: outcome, status, and the delay before a retry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HttpOutcome(StrEnum):
    """How an outbound request ended."""

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
    """Result of a request. Times are in seconds; `status` is 0 without a reply."""

    outcome: HttpOutcome
    status: int = 0
    retry_after: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A reply, the host that it redirects to, if it does, and the beginning of its body."""

    reply: HttpReply
    redirect: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a request brought: the outcome, the status (0 without a reply), and the body."""

    outcome: HttpOutcome
    status: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOnce:
    """What came of a request that may be sent once, and the beginning of the reply's body.

    `begun` is false where no byte of the request can have left this machine.
    """

    reply: HttpReply
    body: bytes
    begun: bool
