"""Renderer of REST errors: `{"error": {…}}`, or RFC 9457 for clients that accept it.

The gateway (httprule) has reasons of its own for what it refuses; the tables here map them to the
reasons of `xaigh.errors.v1.ErrorReason`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from google.rpc.code_pb2 import Code

from httprule import (
    ErrorResponse,
    Failure,
    HttpError,
    InvalidArgument,
    RequestHead,
    RpcFailure,
    errors,
)
from httprule.accept import JSON, PROBLEM, prefers_problem
from httprule.body import ClientGone
from httprule.codec import Codec
from httprule.failures import HeaderPairs
from xaigh_server.errors import FieldViolation
from xaigh_server.log_events import LogEvent
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import ReasonView
from xaigh_server.rpc.errors import Refused
from xaigh_server.rpc.interceptors.errors import CallFailed, Failures
from xaigh_server.rpc.interceptors.request_id import client_request_id

_SHOWN = 200
"""How many characters of a path are logged."""
_log = structlog.get_logger("xaigh.rest")


class RestFailure(RpcFailure):
    """A failed call, as the gateway gives it back to `RestErrors.render`."""

    def __init__(self, failed: CallFailed) -> None:
        cause = failed.__cause__
        extra = cause.headers if isinstance(cause, GatewayRefused) else ()
        super().__init__(failed.status, (*failed.headers, *extra))
        self.failed = failed


class GatewayRefused(Refused):
    """The gateway can make no message of the request. `headers` go with the reply."""

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        violations: Iterable[FieldViolation] = (),
        headers: HeaderPairs = (),
    ) -> None:
        super().__init__(reason, message, violations=violations)
        self.headers = headers


def refusal_of(error: InvalidArgument | HttpError | ClientGone) -> GatewayRefused:
    """Translates an error of head, path, query or body into the product's reasons."""
    if isinstance(error, ClientGone):
        return GatewayRefused("CANCELLED", "The caller went away.")
    if isinstance(error, HttpError):
        return GatewayRefused(reason_of(error), error.message, headers=error.headers)
    violations = [
        FieldViolation(path=found.field, description=found.description)
        for found in error.violations
    ]
    reason = REASONS.get(error.violations[0].reason, "FIELD_INVALID")
    return GatewayRefused(reason, str(error), violations=violations)


def reason_of(error: HttpError) -> str:
    """Returns the product's reason for an error of the HTTP layer."""
    return HTTP_REASONS.get(error.reason) or _BY_STATUS.get(error.status, "INTERNAL")


REASONS: Mapping[str, str] = {
    errors.UNKNOWN_FIELD: "FIELD_UNKNOWN",
    errors.INVALID_VALUE: "FIELD_INVALID",
    errors.INVALID_TYPE: "FIELD_INVALID",
    errors.OUT_OF_RANGE: "FIELD_INVALID",
    errors.ONEOF_CONFLICT: "FIELD_INVALID",
    errors.CONFLICTING_VALUE: "FIELD_INVALID",
    errors.MALFORMED_JSON: "BODY_MALFORMED",
    errors.DUPLICATE_MEMBER: "BODY_MALFORMED",
    errors.TOO_DEEP: "BODY_MALFORMED",
    errors.UNEXPECTED_BODY: "BODY_MALFORMED",
    errors.TOO_LARGE: "PAYLOAD_TOO_LARGE",
    errors.UNKNOWN_PARAMETER: "QUERY_INVALID",
    errors.REPEATED_PARAMETER: "QUERY_INVALID",
    errors.UNBINDABLE_PARAMETER: "QUERY_INVALID",
    errors.MALFORMED_QUERY: "QUERY_INVALID",
    errors.MALFORMED_ESCAPE: "PATH_INVALID",
    errors.MALFORMED_PATH: "PATH_INVALID",
}
"""Product reason by gateway reason. The first violation of a request decides."""

HTTP_REASONS: Mapping[str, str] = {
    "INVALID_TIMEOUT": "HEADER_INVALID",
    "INVALID_ENTITY_TAG": "HEADER_INVALID",
    "NO_ETAG": "HEADER_INVALID",
    "ETAG_CONFLICT": "HEADER_INVALID",
    "MALFORMED_GZIP": "BODY_MALFORMED",
}
"""Product reason by gateway reason, where the HTTP status has several."""


class RestErrors:
    """Renders each failure as `{"error": {…}}`, or by RFC 9457 where `Accept` prefers it."""

    def __init__(
        self,
        reasons: Mapping[str, ReasonView],
        failures: Failures,
        *,
        new_request_id: Callable[[], str],
        links: DocsLinks,
    ) -> None:
        self._reasons = reasons
        self._failures = failures
        self._new_request_id = new_request_id
        self._links = links
        # Not the gateway's codec: details are messages of google.rpc alone.
        files = (any_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR)
        self._any_to_json = Codec([], files=files).any_to_json

    def render(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        """Renders one failure. Never raises."""
        call = head.context if isinstance(head.context, Call) else None
        request_id = call.request_id if call and call.request_id else self._new_request_id()
        failed, view = self._failed(failure, request_id)
        headers = failure.headers if isinstance(failure, RestFailure) else failed.headers
        if call is None or not call.request_id:
            headers = (*headers, ("x-request-id", request_id), *_echo(head))
            self._log_refusal(head, request_id, failed)
        body = self._body(failed, request_id)
        if view.http_status == HTTPStatus.UNAUTHORIZED or (call and call.method.rule.secret_reply):
            headers = (*headers, ("cache-control", "no-store"))
        if prefers_problem(head.accept):
            return ErrorResponse(
                status=view.http_status,
                content_type=PROBLEM,
                body=orjson.dumps(_problem(body, view, self._links)),
                headers=headers,
            )
        return ErrorResponse(
            status=view.http_status,
            content_type=JSON,
            body=orjson.dumps({"error": body}),
            headers=headers,
        )

    def refusal(self, error: Exception, request_id: str) -> ErrorResponse:
        """Renders an error as JSON, for a gateway that gives it to its client in our place."""
        failed = self._failures.of(error, request_id=request_id)
        headers = failed.headers
        if failed.view.http_status == HTTPStatus.UNAUTHORIZED:
            headers = (*headers, ("cache-control", "no-store"))
        return ErrorResponse(
            status=failed.view.http_status,
            content_type=JSON,
            body=orjson.dumps({"error": self._body(failed, request_id)}),
            headers=headers,
        )

    def _body(self, failed: CallFailed, request_id: str) -> dict[str, Any]:
        return {
            "code": failed.view.code,
            "status": Code.Name(failed.status.code),
            "reason": failed.reason,
            "message": failed.status.message,
            "requestId": request_id,
            "details": [orjson.loads(self._any_to_json(each)) for each in failed.status.details],
        }

    def _log_refusal(self, head: RequestHead, request_id: str, failed: CallFailed) -> None:
        """Logs the error of a request that became no call, which no interceptor does."""
        _log.info(
            LogEvent.REQUEST_REFUSED,
            request_id=request_id,
            transport="rest",
            http_method=head.http_method[:_SHOWN],
            path=head.path[:_SHOWN],
            code=failed.view.code,
            reason=failed.reason,
            peer=head.peer,
        )

    def _failed(self, failure: Failure, request_id: str) -> tuple[CallFailed, ReasonView]:
        if isinstance(failure, RestFailure):
            return failure.failed, failure.failed.view
        if isinstance(failure, HttpError):
            return self._of_http_error(failure, request_id)
        reason = _BY_CODE.get(failure.status.code, "INTERNAL")
        return self._refused(reason, failure.status.message, failure.headers, request_id)

    def _of_http_error(self, error: HttpError, request_id: str) -> tuple[CallFailed, ReasonView]:
        reason = error.reason if error.reason in self._reasons else reason_of(error)
        return self._refused(reason, error.message, error.headers, request_id)

    def _refused(
        self, reason: str, message: str, headers: HeaderPairs, request_id: str
    ) -> tuple[CallFailed, ReasonView]:
        error = GatewayRefused(reason, message)
        failed = self._failures.of(error, request_id=request_id)
        merged = tuple(dict((*failed.headers, *headers)).items())
        view = failed.view
        return CallFailed(failed.status, reason=reason, view=view, headers=merged), view


def _echo(head: RequestHead) -> HeaderPairs:
    client_id = client_request_id(head.headers.get("x-request-id", ""))
    return (("x-client-request-id", client_id),) if client_id else ()


def _problem(error: Mapping[str, Any], view: ReasonView, links: DocsLinks) -> dict[str, Any]:
    try:
        title = HTTPStatus(view.http_status).phrase
    except ValueError:
        title = "Client Closed Request"
    return {
        "type": links.of_reason(str(error["reason"])),
        "title": title,
        "status": view.http_status,
        "detail": error["message"],
        "code": error["code"],
        "reason": error["reason"],
        "requestId": error["requestId"],
        "details": error["details"],
    }


_BY_CODE: Mapping[int, str] = {
    Code.CANCELLED: "CANCELLED",
    # The interceptors refuse a bad message; only a path fails before them.
    Code.INVALID_ARGUMENT: "PATH_INVALID",
    Code.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    Code.UNAVAILABLE: "SHUTTING_DOWN",
    Code.UNIMPLEMENTED: "UNIMPLEMENTED",
    Code.NOT_FOUND: "NOT_FOUND",
}
_BY_STATUS = {
    400: "HTTP_MALFORMED",
    404: "ROUTE_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    411: "LENGTH_REQUIRED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    431: "HEADER_TOO_LARGE",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
