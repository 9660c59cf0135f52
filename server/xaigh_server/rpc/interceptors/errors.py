"""Interceptor that converts exceptions into `google.rpc.Status`. Only this module knows gRPC codes.

A `DomainError` becomes its reason. Any other exception is logged under the request id and answered
as INTERNAL, so that driver text, stack traces and secrets are never sent.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import structlog
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details
from google.rpc.status_pb2 import Status

from xaigh_server.db import errors as store_errors
from xaigh_server.errors import DomainError, Internal, Unavailable
from xaigh_server.identity.errors import (
    CredentialsMissing,
    RateLimited,
    ScopeNotGranted,
    Unauthenticated,
)
from xaigh_server.identity.redaction import redact
from xaigh_server.log_events import LogEvent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import ReasonView
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource

DOMAIN = "api.xaigh.com"
_log = structlog.get_logger("xaigh.errors")


class CallFailed(Exception):
    """A call that failed, ready for either transport.

    `headers` go with the reply: as HTTP headers over REST, as trailing metadata over gRPC.
    """

    def __init__(
        self, status: Status, *, reason: str, view: ReasonView, headers: tuple[tuple[str, str], ...]
    ) -> None:
        super().__init__(f"{reason}: {status.message}")
        self.status = status
        self.reason = reason
        self.view = view
        self.headers = headers


class Failures:
    """Converts any exception into `CallFailed`."""

    def __init__(self, reasons: Mapping[str, ReasonView], links: DocsLinks) -> None:
        self._reasons = reasons
        self._links = links

    def of(self, error: Exception, *, request_id: str) -> CallFailed:
        """Returns the failure that the caller sees."""
        if isinstance(error, CallFailed):
            return error
        if isinstance(error, store_errors.DatabaseUnavailable):
            _log.warning(LogEvent.DATABASE_UNAVAILABLE, request_id=request_id, cause=str(error))
            error = Unavailable()
        if not isinstance(error, DomainError) or error.reason not in self._reasons:
            _log.error(LogEvent.CALL_UNTYPED_ERROR, request_id=request_id, exc_info=error)
            error = Internal()
        view = self._reasons[error.reason]
        return CallFailed(
            _status(error, view, request_id, self._links.of_reason(error.reason)),
            reason=error.reason,
            view=view,
            headers=tuple(_headers(error)),
        )


class Errors:
    """Raises nothing but `CallFailed`, also in the middle of a stream.

    Replies are encoded here, behind Observe: a reply that can't be printed is logged with the
    code and the request id that the caller sees.
    """

    def __init__(self, failures: Failures) -> None:
        self._failures = failures

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        try:
            reply = await call_next(request, call)
            if call.method.server_streaming:
                return self._each(cast(AsyncIterator[Message], reply), call)
            return reply if call.encode is None else call.encode(reply)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # Everything: an untyped text must not be sent.
            raise self._failures.of(error, request_id=call.request_id) from error

    async def _each(self, replies: AsyncIterator[Message], call: Call) -> AsyncIterator[Any]:
        encode = call.encode
        try:
            async for reply in replies:
                yield reply if encode is None else encode(reply)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except Exception as error:  # As above.
            raise self._failures.of(error, request_id=call.request_id) from error


def _status(error: DomainError, view: ReasonView, request_id: str, url: str) -> Status:
    status = Status(code=view.grpc_code, message=redact(error.message))
    metadata = {name: redact(value) for name, value in error.metadata.items()}
    metadata["requestId"] = request_id
    _pack(status, details.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=metadata))
    if error.violations:
        bad = details.BadRequest()
        for violation in error.violations:
            bad.field_violations.add(
                field=redact(violation.path), description=redact(violation.description)
            )
        _pack(status, bad)
    if error.preconditions:
        failure = details.PreconditionFailure()
        for unmet in error.preconditions:
            failure.violations.add(
                type=unmet.type, subject=unmet.subject, description=redact(unmet.description)
            )
        _pack(status, failure)
    if isinstance(error, RateLimited):
        quota = details.QuotaFailure()
        quota.violations.add(subject=error.metadata.get("policy", ""), description=error.message)
        _pack(status, quota)
    if error.retry_after is not None:
        _pack(status, details.RetryInfo(retry_delay=_duration(error.retry_after)))
    help_ = details.Help()
    help_.links.add(description=view.cure, url=url)
    _pack(status, help_)
    return status


def _pack(status: Status, detail: Message) -> None:
    status.details.add().Pack(detail)


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(math.ceil(seconds * 1000))
    return duration


def _headers(error: DomainError) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    if error.retry_after is not None:
        headers.append(("retry-after", str(max(1, math.ceil(error.retry_after)))))
    challenge = _challenge(error)
    if challenge:
        headers.append(("www-authenticate", challenge))
    return headers


def _challenge(error: DomainError) -> str:
    """The Bearer challenge of RFC 6750: no `error` where no credential was sent."""
    if isinstance(error, CredentialsMissing):
        return 'Bearer realm="xaigh"'
    if isinstance(error, Unauthenticated):
        return 'Bearer realm="xaigh", error="invalid_token"'
    if isinstance(error, ScopeNotGranted):
        scope = error.metadata["scope"]
        return f'Bearer realm="xaigh", error="insufficient_scope", scope="{scope}"'
    return ""
