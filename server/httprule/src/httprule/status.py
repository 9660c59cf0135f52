"""gRPC status codes as HTTP statuses, and `google.rpc.Status` as JSON.

The table of codes is that of google/rpc/code.proto. No other module has both kinds of numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

HTTP_OF_CODE: Final[Mapping[int, int]] = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}
# The code of each error of the HTTP layer. gRPC itself says RESOURCE_EXHAUSTED for a message or
# for metadata past their limit.
CODE_OF_HTTP_ERROR: Final[Mapping[int, int]] = {
    400: Code.INVALID_ARGUMENT,
    404: Code.NOT_FOUND,
    405: Code.UNIMPLEMENTED,
    406: Code.INVALID_ARGUMENT,
    408: Code.DEADLINE_EXCEEDED,
    411: Code.INVALID_ARGUMENT,
    413: Code.RESOURCE_EXHAUSTED,
    415: Code.INVALID_ARGUMENT,
    431: Code.RESOURCE_EXHAUSTED,
    501: Code.UNIMPLEMENTED,
    503: Code.UNAVAILABLE,
}
AnyToJson = Callable[[AnyMessage], bytes]


def http_status(code: int | None) -> int:
    """The HTTP status of a gRPC code; 500 for an unknown code, 503 for None."""
    if code is None:
        return 503
    return HTTP_OF_CODE.get(code, 500)


def code_name(code: int) -> str:
    """The name of a code, such as `NOT_FOUND` for 5; `UNKNOWN` for an unknown code."""
    return Code.Name(code) if code in HTTP_OF_CODE else "UNKNOWN"


def details_to_json(status: Status, any_to_json: AnyToJson) -> bytes:
    """Prints the details as a JSON array, each with its `@type`."""
    return b"[%b]" % b",".join(any_to_json(detail) for detail in status.details)


def status_to_json(status: Status, any_to_json: AnyToJson) -> bytes:
    """Prints `{"code", "message", "details"}`; empty details are left out."""
    head = json.dumps({"code": status.code, "message": status.message}, ensure_ascii=False)
    if not status.details:
        return head.encode()
    return b'%b,"details":%b}' % (head[:-1].encode(), details_to_json(status, any_to_json))


def pack(code: int, message: str, *details: Any) -> Status:
    """Makes a status and packs its details."""
    status = Status(code=code, message=message)
    for detail in details:
        status.details.add().Pack(detail)
    return status


def bad_request(message: str, violations: list[tuple[str, str, str]]) -> Status:
    """Makes INVALID_ARGUMENT with a `BadRequest` of (field, description, reason) triples."""
    request = error_details_pb2.BadRequest()
    for field, description, reason in violations:
        request.field_violations.add(field=field, description=description, reason=reason)
    return pack(Code.INVALID_ARGUMENT, message, request)
