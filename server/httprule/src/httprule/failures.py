"""Failures of requests: their two kinds, the replies to them, and the failure of an exception."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from httprule.cancel_scope import Interrupted, Interruption
from httprule.errors import InvalidArgument
from httprule.status import bad_request, pack

HeaderPairs = tuple[tuple[str, str], ...]

_log: Final = logging.getLogger("httprule")


class RpcFailure(Exception):
    """A call that ended with a status other than OK. `headers` go with the reply."""

    def __init__(self, status: Status, headers: HeaderPairs = ()) -> None:
        super().__init__(status.message)
        self.status = status
        self.headers = headers


class HttpError(Exception):
    """A request that HTTP itself refuses: it never became a call.

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


Failure = RpcFailure | HttpError


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorResponse:
    """A rendered error. `body` is one JSON object where `content_type` is JSON."""

    status: int
    content_type: str
    body: bytes
    headers: HeaderPairs = ()


def failure_of(error: Exception) -> Failure:
    """The failure that an exception means. An unknown exception is logged and becomes UNKNOWN."""
    if isinstance(error, RpcFailure | HttpError):
        return error
    if isinstance(error, InvalidArgument):
        violations = [(v.field, v.description, v.reason) for v in error.violations]
        return RpcFailure(bad_request(f"The request is not valid: {error}.", violations))
    if isinstance(error, Interrupted):
        return _interrupted(error.why)
    _log.error("A call raised an unexpected exception.", exc_info=error)
    # gRPC also answers an exception without a status with UNKNOWN. The text may hold secrets.
    return RpcFailure(pack(Code.UNKNOWN, "An internal error occurred."))


def _interrupted(why: Interruption) -> RpcFailure:
    if why is Interruption.DEADLINE:
        return RpcFailure(pack(Code.DEADLINE_EXCEEDED, "The deadline of the call has passed."))
    return RpcFailure(
        pack(Code.UNAVAILABLE, "The server is shutting down; try again."), (("retry-after", "1"),)
    )
