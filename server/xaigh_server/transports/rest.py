"""REST onto the chain: the gateway's backend, and the one shape of every error.

The gateway knows HTTP and messages, the chain knows the product; here they meet, in one process and
without a second connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.code_pb2 import Code

from xaigh_server.domain.call import Call
from xaigh_server.domain.errors import FieldViolation, Refused
from xaigh_server.domain.method import Method
from xaigh_server.gateway.accept import JSON, PROBLEM, prefers_problem
from xaigh_server.gateway.backend import (
    ErrorPage,
    Failure,
    HeaderPairs,
    HttpRefusal,
    RequestHead,
    RpcFailure,
)
from xaigh_server.gateway.body import ClientGone
from xaigh_server.gateway.errors import UNKNOWN_FIELD, InvalidArgument
from xaigh_server.gateway.exchange import Exchange
from xaigh_server.interceptors.chain import Next
from xaigh_server.interceptors.errors import CallFailed, Failures
from xaigh_server.interceptors.reasons import ReasonView


class RestBackend:
    """Answers the gateway's calls through the chain."""

    def __init__(
        self,
        *,
        methods: Mapping[str, Method],
        chain: Next,
        pages: RestPages,
        clock: Callable[[], datetime],
    ) -> None:
        self._methods = methods
        self._chain = chain
        self._pages = pages
        self._clock = clock

    async def unary(self, exchange: Exchange) -> Message:
        """One reply. Its headers leave with it, and with an error as well."""
        call = self._call(exchange)
        try:
            reply: Message = await self._chain(_Source(exchange), call)
        except CallFailed as failed:
            raise RestFailure(failed) from failed
        finally:
            exchange.reply_headers.extend(call.reply_metadata)
        if call.method.rule.secret_reply:
            exchange.reply_headers.append(("cache-control", "no-store"))
        return reply

    async def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        """Replies as they come."""
        call = self._call(exchange)
        try:
            replies = await self._chain(_Source(exchange), call)
            exchange.reply_headers.extend(call.reply_metadata)
            call.reply_metadata.clear()
            async for reply in replies:
                yield reply
        except CallFailed as failed:
            exchange.reply_headers.extend(call.reply_metadata)
            raise RestFailure(failed) from failed

    def refused(self, head: RequestHead, failure: Failure) -> ErrorPage:
        """The page of any error, also of those that never became a call."""
        return self._pages.render(head, failure)

    def _call(self, exchange: Exchange) -> Call:
        method = exchange.method
        call = Call(
            method=self._methods[f"/{method.containing_service.full_name}/{method.name}"],
            transport="rest",
            metadata=tuple(
                (name, value) for name, value in exchange.metadata if isinstance(value, str)
            ),
            peer=exchange.peer,
            received=self._clock(),
            deadline=exchange.deadline,
            query=exchange.head.query,
        )
        exchange.head.context = call
        return call


class RestFailure(RpcFailure):
    """A failed call on its way to its page."""

    def __init__(self, failed: CallFailed) -> None:
        cause = failed.__cause__
        extra = cause.headers if isinstance(cause, GatewayRefused) else ()
        super().__init__(failed.status, (*failed.headers, *extra))
        self.failed = failed


class GatewayRefused(Refused):
    """The gateway couldn't make a message of what was sent. Its headers go with the reply."""

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


class _Source:
    """The request of one HTTP call, still unread."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def message(self) -> Message:
        try:
            return await self._exchange.request()
        except (InvalidArgument, HttpRefusal, ClientGone) as error:
            raise _refusal(error) from error

    async def messages(self) -> AsyncIterator[Message]:
        try:
            async for message in self._exchange.requests():
                yield message
        except (InvalidArgument, HttpRefusal, ClientGone) as error:
            raise _refusal(error) from error


def _refusal(error: InvalidArgument | HttpRefusal | ClientGone) -> GatewayRefused:
    """What the gateway found wrong with head, path, query or body, under the product's reasons."""
    if isinstance(error, ClientGone):
        return GatewayRefused("CANCELLED", "The caller went away.")
    if isinstance(error, HttpRefusal):
        reason = _BY_STATUS.get(error.status, "HTTP_MALFORMED")
        return GatewayRefused(reason, error.message, headers=error.headers)
    violations = [
        FieldViolation(path=found.field, description=found.description)
        for found in error.violations
    ]
    reason = _REASONS.get(error.violations[0].reason, "FIELD_INVALID")
    return GatewayRefused(reason, str(error), violations=violations)


_REASONS = {
    UNKNOWN_FIELD: "FIELD_UNKNOWN",
    "MALFORMED_JSON": "BODY_MALFORMED",
    "DUPLICATE_MEMBER": "BODY_MALFORMED",
    "TOO_DEEP": "BODY_MALFORMED",
    "UNEXPECTED_BODY": "BODY_MALFORMED",
    "UNKNOWN_PARAMETER": "QUERY_INVALID",
    "REPEATED_PARAMETER": "QUERY_INVALID",
    "UNBINDABLE_PARAMETER": "QUERY_INVALID",
    "MALFORMED_ESCAPE": "PATH_INVALID",
    "MALFORMED_PATH": "PATH_INVALID",
}


class RestPages:
    """Every error in the one shape: `{"error": {…}}`, or RFC 9457 for who asks for it."""

    def __init__(
        self,
        reasons: Mapping[str, ReasonView],
        failures: Failures,
        *,
        new_request_id: Callable[[], str],
        docs_url: str,
    ) -> None:
        self._reasons = reasons
        self._failures = failures
        self._new_request_id = new_request_id
        self._docs_url = docs_url
        self.any_to_json: Callable[[AnyMessage], bytes] = lambda packed: b"{}"
        """Prints a detail with its `@type`; the gateway's codec sets it, since it is made later."""

    def render(self, head: RequestHead, failure: Failure) -> ErrorPage:
        """The page of one failure. Never raises."""
        call = head.context if isinstance(head.context, Call) else None
        request_id = call.request_id if call and call.request_id else self._new_request_id()
        failed, view = self._failed(failure, request_id)
        headers = failure.headers if isinstance(failure, RestFailure) else failed.headers
        if call is None or not call.request_id:
            headers = (*headers, ("x-request-id", request_id))
        body: dict[str, Any] = {
            "code": view.code,
            "status": Code.Name(failed.status.code),
            "reason": failed.reason,
            "message": failed.status.message,
            "requestId": request_id,
            "details": [orjson.loads(self.any_to_json(each)) for each in failed.status.details],
        }
        if prefers_problem(head.accept):
            return ErrorPage(
                status=view.http_status,
                content_type=PROBLEM,
                body=orjson.dumps(_problem(body, view, self._docs_url)),
                headers=headers,
            )
        return ErrorPage(
            status=view.http_status,
            content_type=JSON,
            body=orjson.dumps({"error": body}),
            headers=headers,
        )

    def _failed(self, failure: Failure, request_id: str) -> tuple[CallFailed, ReasonView]:
        if isinstance(failure, RestFailure):
            return failure.failed, failure.failed.view
        if isinstance(failure, HttpRefusal):
            return self._of_refusal(failure, request_id)
        reason = _BY_CODE.get(failure.status.code, "INTERNAL")
        return self._refused(reason, failure.status.message, failure.headers, request_id)

    def _of_refusal(self, refusal: HttpRefusal, request_id: str) -> tuple[CallFailed, ReasonView]:
        known = refusal.reason in self._reasons
        reason = refusal.reason if known else _BY_STATUS.get(refusal.status, "INTERNAL")
        return self._refused(reason, refusal.message, refusal.headers, request_id)

    def _refused(
        self, reason: str, message: str, headers: HeaderPairs, request_id: str
    ) -> tuple[CallFailed, ReasonView]:
        error = GatewayRefused(reason, message)
        failed = self._failures.of(error, request_id=request_id)
        merged = tuple(dict((*failed.headers, *headers)).items())
        view = failed.view
        return CallFailed(failed.status, reason=reason, view=view, headers=merged), view


def _problem(error: Mapping[str, Any], view: ReasonView, docs_url: str) -> dict[str, Any]:
    try:
        title = HTTPStatus(view.http_status).phrase
    except ValueError:
        title = "Client Closed Request"
    return {
        "type": f"{docs_url}#{str(error['reason']).lower()}",
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
    Code.INVALID_ARGUMENT: "FIELD_INVALID",
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
