"""REST onto the chain: the gateway's backend, and the one shape of every error.

The gateway knows HTTP and messages, the chain knows the product; here they meet, in one process and
without a second connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import orjson
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.code_pb2 import Code

from httprule import (
    ErrorResponse,
    Exchange,
    Failure,
    Framing,
    HttpError,
    InvalidArgument,
    RequestHead,
    RpcFailure,
    errors,
)
from httprule.accept import JSON, PROBLEM, prefers_problem
from httprule.body import ClientGone
from httprule.failures import HeaderPairs
from xaigh_server.errors import FieldViolation, Refused
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.error_reasons import ReasonView
from xaigh_server.rpc.interceptor import Next
from xaigh_server.rpc.interceptors.errors import CallFailed, Failures, reason_url
from xaigh_server.rpc.method import Method

Pairs = tuple[tuple[str, str], ...]


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
            reply: Message = await self._chain(_Source(exchange, call), call)
        except CallFailed as failed:
            raise RestFailure(failed) from failed
        finally:
            exchange.reply_headers.extend(call.reply_metadata)
        if call.method.rule.secret_reply:
            exchange.reply_headers.append(("cache-control", "no-store"))
        return reply

    async def stream(self, exchange: Exchange) -> AsyncIterator[Message]:
        """Replies as they come; or the last one alone, where a method that takes a stream sums up
        at its end and the client didn't name a form that holds several."""
        call = self._call(exchange)
        if wants_summary(exchange):
            exchange.framing = Framing.SINGLE
        try:
            replies = await self._chain(_Source(exchange, call), call)
            exchange.reply_headers.extend(call.reply_metadata)
            call.reply_metadata.clear()
            if exchange.framing is Framing.SINGLE:
                yield await _last(replies, call.method.reply_type())
                return
            async for reply in replies:
                yield reply
        except CallFailed as failed:
            exchange.reply_headers.extend(call.reply_metadata)
            raise RestFailure(failed) from failed

    def render_error(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        """The page of any error, also of those that never became a call."""
        return self._pages.render(head, failure)

    def _call(self, exchange: Exchange) -> Call:
        call = Call(
            method=self._methods[exchange.rule.name],
            transport="rest",
            # Only a gateway that lets prefixed headers pass has values that are bytes.
            metadata=cast(Pairs, exchange.metadata),
            peer=exchange.peer,
            received=self._clock(),
            deadline=exchange.deadline,
            query=exchange.head.query,
        )
        call.encode = partial(_printable, exchange)
        exchange.head.context = call
        return call


def _printable(exchange: Exchange, reply: Message) -> Message:
    """The reply, printed. Of a stream that leaves as its last message nobody knows yet which."""
    if exchange.framing is not Framing.SINGLE:
        exchange.print(reply)
    return reply


def wants_summary(exchange: Exchange) -> bool:
    """Whether a stream that answers a stream leaves as one document, its last message.

    It does unless `Accept` names NDJSON or Server-Sent Events: who sends a feed without a wish
    gets what every other POST gets, and a status that speaks for the whole.
    """
    method = exchange.method
    if not (method.client_streaming and method.server_streaming):
        return False
    return exchange.framing is Framing.ARRAY or not exchange.accept.names(exchange.framing.value)


async def _last(replies: AsyncIterator[Message], otherwise: Message) -> Message:
    last = otherwise
    async for reply in replies:
        last = reply
    return last


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
    """The request of one HTTP call, before the chain reads it."""

    __slots__ = ("_call", "_exchange")

    def __init__(self, exchange: Exchange, call: Call) -> None:
        self._exchange = exchange
        self._call = call

    async def message(self) -> Message:
        try:
            message = await self._exchange.request()
        except (InvalidArgument, HttpError, ClientGone) as error:
            raise _refusal(error) from error
        self._call.detached = self._exchange.detached_lists
        return message

    async def messages(self) -> AsyncIterator[Message]:
        try:
            async for message in self._exchange.requests():
                yield message
        except (InvalidArgument, HttpError, ClientGone) as error:
            raise _refusal(error) from error


def _refusal(error: InvalidArgument | HttpError | ClientGone) -> GatewayRefused:
    """What the gateway found wrong with head, path, query or body, under the product's reasons."""
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


def reason_of(refusal: HttpError) -> str:
    """The product's reason for a refusal of the HTTP layer."""
    return REFUSALS.get(refusal.reason) or _BY_STATUS.get(refusal.status, "INTERNAL")


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
"""The product's reason for each of the gateway's, by the first violation of a request."""

REFUSALS: Mapping[str, str] = {
    "INVALID_TIMEOUT": "HEADER_INVALID",
    "INVALID_ENTITY_TAG": "HEADER_INVALID",
    "NO_ETAG": "HEADER_INVALID",
    "ETAG_CONFLICT": "HEADER_INVALID",
    "MALFORMED_GZIP": "BODY_MALFORMED",
}
"""The same for those refusals whose status doesn't say enough."""


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

    def render(self, head: RequestHead, failure: Failure) -> ErrorResponse:
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
            return ErrorResponse(
                status=view.http_status,
                content_type=PROBLEM,
                body=orjson.dumps(_problem(body, view, self._docs_url)),
                headers=headers,
            )
        return ErrorResponse(
            status=view.http_status,
            content_type=JSON,
            body=orjson.dumps({"error": body}),
            headers=headers,
        )

    def _failed(self, failure: Failure, request_id: str) -> tuple[CallFailed, ReasonView]:
        if isinstance(failure, RestFailure):
            return failure.failed, failure.failed.view
        if isinstance(failure, HttpError):
            return self._of_refusal(failure, request_id)
        reason = _BY_CODE.get(failure.status.code, "INTERNAL")
        return self._refused(reason, failure.status.message, failure.headers, request_id)

    def _of_refusal(self, refusal: HttpError, request_id: str) -> tuple[CallFailed, ReasonView]:
        reason = refusal.reason if refusal.reason in self._reasons else reason_of(refusal)
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
        "type": reason_url(docs_url, str(error["reason"])),
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
    # What is wrong with a call's own message is refused within it; only paths fail before.
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
