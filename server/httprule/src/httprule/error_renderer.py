"""Renderer of errors as JSON: AIP-193, or a bare `google.rpc.Status`.

A client that names `application/problem+json` gets RFC 9457 in the place of both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from http import HTTPStatus
from typing import Any

from google.protobuf import any_pb2
from google.protobuf.descriptor import FileDescriptor
from google.rpc import error_details_pb2
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from httprule.accept import JSON, PROBLEM, prefers_problem
from httprule.codec import Codec
from httprule.failures import ErrorResponse, Failure, HttpError, RpcFailure
from httprule.headers import RequestHead
from httprule.status import (
    CODE_OF_HTTP_ERROR,
    AnyToJson,
    code_name,
    details_to_json,
    http_status,
    status_to_json,
)


class ErrorFormat(Enum):
    """The form of an error.

    `AIP193` is `{"error": {"code": 404, "status": "NOT_FOUND", …}}`, `RPC_STATUS` is
    `{"code": 5, …}`.
    """

    AIP193 = "aip193"
    RPC_STATUS = "rpc_status"


class ErrorRenderer:
    """Renders failures as JSON.

    `any_to_json` prints a detail with its `@type`, as `Codec.any_to_json` does. By default the
    renderer has the details of `google.rpc.error_details` and the messages of `files`; a detail
    of another type keeps its bytes as base64.
    """

    def __init__(
        self,
        any_to_json: AnyToJson | None = None,
        error_format: ErrorFormat = ErrorFormat.AIP193,
        *,
        files: Iterable[FileDescriptor] = (),
    ) -> None:
        self._any_to_json = any_to_json or _codec_of(files).any_to_json
        self._format = error_format

    def render(self, head: RequestHead, failure: Failure) -> ErrorResponse:
        """Renders a failure. Does not raise."""
        if isinstance(failure, HttpError):
            rpc = RpcFailure(_status_of(failure), failure.headers)
            http = failure.status
        else:
            rpc, http = failure, http_status(failure.status.code)
        if prefers_problem(head.accept):
            return ErrorResponse(
                status=http,
                content_type=PROBLEM,
                body=self._problem(http, rpc),
                headers=rpc.headers,
            )
        body = (
            status_to_json(rpc.status, self._any_to_json)
            if self._format is ErrorFormat.RPC_STATUS
            else self._aip193(http, rpc)
        )
        return ErrorResponse(status=http, content_type=JSON, body=body, headers=rpc.headers)

    def _aip193(self, http: int, failure: RpcFailure) -> bytes:
        status = failure.status
        known = {"code": http, "message": status.message, "status": code_name(status.code)}
        return b'{"error":%b}' % self._with_details(known, failure)

    def _problem(self, http: int, failure: RpcFailure) -> bytes:
        known = {
            "type": "about:blank",
            "title": _title(http),
            "status": http,
            "detail": failure.status.message,
            "code": code_name(failure.status.code),
        }
        return self._with_details(known, failure)

    def _with_details(self, known: dict[str, Any], failure: RpcFailure) -> bytes:
        head = json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode()
        details = details_to_json(failure.status, self._any_to_json)
        return b'%b,"details":%b}' % (head[:-1], details)


def _codec_of(files: Iterable[FileDescriptor]) -> Codec:
    return Codec([], files=[any_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR, *files])


def _status_of(error: HttpError) -> Status:
    code = CODE_OF_HTTP_ERROR.get(error.status, Code.UNKNOWN)
    return Status(code=code, message=error.message)


def _title(http: int) -> str:
    try:
        return HTTPStatus(http).phrase
    except ValueError:
        return "Client Closed Request" if http == 499 else "Error"
