"""Converter from failed RPCs to the exceptions of `errors`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2 as rpc
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from xaigh.errors.v1 import error_reason_pb2
from xaigh_client import errors
from xaigh_client.errors import ApiError, Failure, Violation

D = TypeVar("D", bound=Message)

_KNOWN = (
    rpc.ErrorInfo,
    rpc.BadRequest,
    rpc.PreconditionFailure,
    rpc.QuotaFailure,
    rpc.RetryInfo,
    rpc.RequestInfo,
    rpc.ResourceInfo,
    rpc.LocalizedMessage,
    rpc.DebugInfo,
    rpc.Help,
)
_DETAILS = {message.DESCRIPTOR.full_name: message for message in _KNOWN}
_CODES: dict[grpc.StatusCode, type[ApiError]] = {
    grpc.StatusCode.CANCELLED: errors.CancelledError,
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidArgumentError,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceededError,
    grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: errors.ConflictError,
    grpc.StatusCode.PERMISSION_DENIED: errors.PermissionDeniedError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.RateLimitedError,
    grpc.StatusCode.FAILED_PRECONDITION: errors.FailedPreconditionError,
    grpc.StatusCode.ABORTED: errors.ConflictError,
    grpc.StatusCode.OUT_OF_RANGE: errors.OutOfRangeError,
    grpc.StatusCode.UNIMPLEMENTED: errors.UnimplementedError,
    grpc.StatusCode.UNAVAILABLE: errors.UnavailableError,
    grpc.StatusCode.UNAUTHENTICATED: errors.UnauthenticatedError,
}

_UNTRUSTED = ("CERTIFICATE_VERIFY_FAILED", "Hostname Verification Check failed")
UNTRUSTED_CURE = (
    "The server's certificate isn't trusted: name the certificates that you trust, by "
    "XAIGH_CA_FILE=FILE or Tls(ca=...); the address must be in them."
)


def of(error: Any, *, attempts: int) -> ApiError:
    """Makes the exception for a `grpc.RpcError` of a blocking or an asyncio channel.

    The reason decides on the class; the gRPC code does for an unknown reason.
    """
    details = tuple(_details(_status(error)))
    info = _first(details, rpc.ErrorInfo)
    spec = _spec(info.reason) if info is not None else None
    retry = _first(details, rpc.RetryInfo)
    failure = Failure(
        message=_message(error),
        reason=info.reason if info is not None else "",
        request_id=info.metadata.get("requestId", "") if info is not None else "",
        cause=spec.cause if spec is not None else "",
        cure=spec.cure if spec is not None else UNTRUSTED_CURE if _untrusted(error) else "",
        metadata=tuple(sorted(info.metadata.items())) if info is not None else (),
        violations=tuple(_violations(details)),
        retry_after=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        details=details,
    )
    by_code = _CODES.get(error.code(), errors.InternalError)
    kind = errors.BY_CODE.get(spec.code, by_code) if spec is not None else by_code
    return kind(failure, attempts=attempts)


def _untrusted(error: Any) -> bool:
    """True where the TLS handshake failed on the certificate: gRPC says so in words alone."""
    text = error.details() or ""
    return any(mark in text for mark in _UNTRUSTED)


def _message(error: Any) -> str:
    text: str = error.details() or ""
    return text or f"the call ended with {error.code().name}"


def _status(error: Any) -> Status:
    """The status in the trailing metadata; an empty one where it is missing or inconsistent.

    `from_call` raises ValueError for a status that contradicts the call's own code or message.
    It reads an `AioRpcError` as well, whose methods don't wait.
    """
    try:
        return rpc_status.from_call(error) or Status()
    except (DecodeError, ValueError):
        return Status()


def _details(status: Status) -> Iterator[Message]:
    for packed in status.details:
        kind = _DETAILS.get(packed.TypeName())
        if kind is None:
            continue
        detail = kind()
        try:
            packed.Unpack(detail)
        except DecodeError:
            continue
        yield detail


def _first(details: Iterable[Message], kind: type[D]) -> D | None:
    return next((detail for detail in details if isinstance(detail, kind)), None)


def _violations(details: Iterable[Message]) -> Iterator[Violation]:
    for detail in details:
        if isinstance(detail, rpc.BadRequest):
            for bad in detail.field_violations:
                yield Violation(path=bad.field, description=bad.description)
        elif isinstance(detail, rpc.PreconditionFailure):
            for unmet in detail.violations:
                yield Violation(path=unmet.subject or unmet.type, description=unmet.description)


def _spec(reason: str) -> error_reason_pb2.ReasonSpec | None:
    value = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name.get(reason)
    if value is None:
        return None
    return value.GetOptions().Extensions[error_reason_pb2.reason_spec]
