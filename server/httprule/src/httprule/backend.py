"""The seam between HTTP and whatever answers the calls: two ways to call, one way to refuse.

The gateway turns an HTTP request into an `Exchange` and hands it to a `Backend` before the body is
read, so that a backend can refuse a caller without paying for what it sent. Everything that goes
wrong, in HTTP or in the call, comes back to `Backend.refused`, which alone decides how an error
looks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

if TYPE_CHECKING:
    from httprule.exchange import Exchange

HeaderPairs = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)
class RequestHead:
    """The part of a request that is known before its body.

    `headers` holds, by lower-case name, the few headers the gateway reads or lets pass; of repeated
    ones the values are joined with ", ". It is empty where the head itself could not be parsed, and
    so are `http_method` and `path` then. `path` is percent-encoded, without the query string.
    `context` is free for the backend: what it puts there during a call it finds again in `refused`.
    """

    http_method: str
    path: str
    peer: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Any = None

    @property
    def accept(self) -> str:
        """The `Accept` header, or "*/*" where there is none."""
        return self.headers.get("accept", "*/*")


class RpcFailure(Exception):
    """A call that ended with a status other than OK. `headers` go with the reply."""

    def __init__(self, status: Status, headers: HeaderPairs = ()) -> None:
        super().__init__(status.message)
        self.status = status
        self.headers = headers


class HttpRefusal(Exception):
    """A request that never became a call.

    `status` is the HTTP status, `code` a short snake_case name for programs, `reason` an
    UPPER_SNAKE_CASE name of the cause, `message` a safe English sentence.
    """

    def __init__(
        self, status: int, code: str, reason: str, message: str, headers: HeaderPairs = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.reason = reason
        self.message = message
        self.headers = headers


Failure = RpcFailure | HttpRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """An error, ready to be sent. `body` is one JSON object where `content_type` is JSON."""

    status: int
    content_type: str
    body: bytes
    headers: HeaderPairs = ()


class Backend(Protocol):
    """Answers calls.

    The gateway cancels a call when its deadline passes or its client hangs up. Errors other than
    `RpcFailure`, `HttpRefusal` and the gateway's own are answered as UNKNOWN, without their text.
    """

    async def unary(self, exchange: Exchange) -> Message:
        """Answer a call with one reply. Raises `RpcFailure`."""

    def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        """Answer a call with any number of replies. The iterator raises `RpcFailure`."""

    def refused(self, head: RequestHead, failure: Failure) -> ErrorPage | Awaitable[ErrorPage]:
        """Render an error. Also called for requests that never became a call. Never raises."""
