"""gRPC status codes as HTTP statuses and back, and `google.rpc.Status` as JSON and back.

The tables are those of google/rpc/code.proto and of the gRPC protocol document. Nothing else in the
gateway knows both number spaces.
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
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
# What a gRPC client makes of an HTTP reply that carries no gRPC status; all others are UNKNOWN.
CODE_OF_HTTP: Final[Mapping[int, int]] = {
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    429: Code.UNAVAILABLE,
    502: Code.UNAVAILABLE,
    503: Code.UNAVAILABLE,
    504: Code.UNAVAILABLE,
}
# The code that names a refusal of the HTTP layer best; gRPC itself says RESOURCE_EXHAUSTED for a
# message or for metadata past its limit.
CODE_OF_REFUSAL: Final[Mapping[int, int]] = {
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
# grpc.health.v1, as a load balancer reads it.
HTTP_OF_HEALTH: Final[Mapping[str, int]] = {
    "SERVING": 200,
    "NOT_SERVING": 503,
    "UNKNOWN": 503,
    "SERVICE_UNKNOWN": 404,
}

_NAMES: Final = frozenset(Code.keys())

AnyToJson = Callable[[AnyMessage], bytes]


def http_status(code: int | None) -> int:
    """The HTTP status of a gRPC code; 500 for a code that does not exist, 503 for none at all."""
    if code is None:
        return 503
    return HTTP_OF_CODE.get(code, 500)


def grpc_code(status: int) -> int:
    """What a gRPC client makes of an HTTP status."""
    if 200 <= status < 300:
        return Code.OK
    return CODE_OF_HTTP.get(status, Code.UNKNOWN)


def code_name(code: int) -> str:
    """`NOT_FOUND` for 5; `UNKNOWN` for a code that does not exist."""
    return Code.Name(code) if code in HTTP_OF_CODE else "UNKNOWN"


def from_trailers(code: str | None, message: str = "", details: str = "") -> Status:
    """A status from gRPC trailers: `grpc-status`, `grpc-message`, `grpc-status-details-bin`.

    The message is percent-encoded on the wire. Details win when they parse and agree on the code.
    """
    number = int(code) if code is not None and code.isdecimal() else Code.UNKNOWN
    if details:
        try:
            status = Status.FromString(b64decode(details + "=" * (-len(details) % 4)))
        except (DecodeError, Base64Error):
            status = Status()
        if status.code == number:
            return status
    return Status(code=number, message=unquote(message))


def details_to_json(status: Status, any_to_json: AnyToJson) -> bytes:
    """The details as a JSON array, each with its `@type`."""
    return b"[%b]" % b",".join(any_to_json(detail) for detail in status.details)


def status_to_json(status: Status, any_to_json: AnyToJson) -> bytes:
    """`{"code", "message", "details"}`; `details` is left out when empty."""
    head = json.dumps({"code": status.code, "message": status.message}, ensure_ascii=False)
    if not status.details:
        return head.encode()
    return b'%b,"details":%b}' % (head[:-1].encode(), details_to_json(status, any_to_json))


def status_from_json(document: str | bytes) -> Status:
    """Read what `status_to_json` or an AIP-193 error wrote. Raises `ValueError` for anything else.

    In an AIP-193 error `code` is the HTTP status, so the name under `status` gives the code. A
    detail of unknown type keeps its bytes.
    """
    tree = json.loads(document)
    if isinstance(tree, dict) and isinstance(tree.get("error"), dict):
        tree = tree["error"]
    if not isinstance(tree, dict):
        raise ValueError("a status is a JSON object")
    code, name = tree.get("code", 0), tree.get("status")
    if isinstance(name, str):
        code = Code.Value(name) if name in _NAMES else Code.UNKNOWN
    if not isinstance(code, int) or not isinstance(tree.get("message", ""), str):
        raise ValueError("a status has a number for a code and a text for a message")
    status = Status(code=code, message=tree.get("message", ""))
    for detail in tree.get("details") or ():
        status.details.append(_any_from_json(detail))
    return status


def _any_from_json(detail: Any) -> AnyMessage:
    if not isinstance(detail, dict) or not isinstance(detail.get("@type"), str):
        raise ValueError("a detail is an object with an @type")
    try:
        return json_format.ParseDict(detail, AnyMessage())
    except json_format.ParseError:
        value = detail.get("value", "")
    try:
        return AnyMessage(type_url=detail["@type"], value=b64decode(value, validate=True))
    except (Base64Error, TypeError, ValueError):
        raise ValueError("a detail of unknown type keeps its bytes as base64 in `value`") from None


def pack(code: int, message: str, *details: Any) -> Status:
    """A status with its details packed."""
    status = Status(code=code, message=message)
    for detail in details:
        status.details.add().Pack(detail)
    return status


def bad_request(message: str, violations: list[tuple[str, str, str]]) -> Status:
    """INVALID_ARGUMENT with a `BadRequest` of (field, description, reason) each."""
    request = error_details_pb2.BadRequest()
    for field, description, reason in violations:
        request.field_violations.add(field=field, description=description, reason=reason)
    return pack(Code.INVALID_ARGUMENT, message, request)


__all__ = [
    "CODE_OF_HTTP",
    "CODE_OF_REFUSAL",
    "HTTP_OF_CODE",
    "HTTP_OF_HEALTH",
    "AnyToJson",
    "bad_request",
    "code_name",
    "details_to_json",
    "from_trailers",
    "grpc_code",
    "http_status",
    "pack",
    "status_from_json",
    "status_to_json",
]
