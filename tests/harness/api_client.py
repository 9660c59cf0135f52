"""One API client for each transport of a real server, with one form of reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import grpc
import httpx
from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from tests.harness.method_names import by_short_name, operation_id
from tests.harness.schemas import violations

from xaigh.errors.v1 import error_reason_pb2
from xaigh_server.rpc.services import SERVICES

METHODS: Mapping[str, MethodDescriptor] = by_short_name(
    (method.full_name, method) for service in SERVICES for method in service.methods
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: `code` is `ok` or the error's, `body` the reply or the error as JSON."""

    code: str
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    """The request's first line, as a person would write it."""

    @property
    def reason(self) -> str:
        """The reason of an error."""
        return str(self.body.get("reason", ""))

    @property
    def violations(self) -> list[str]:
        """The fields that an error names, in order."""
        found = (each.get("fieldViolations", []) for each in self.body.get("details", []))
        return [violation["field"] for each in found for violation in each]


class ApiClient(Protocol):
    """One transport. `call` takes the method's short name and the request as JSON."""

    name: str

    def call(self, method: str, body: Mapping[str, Any], **headers: str) -> Reply: ...

    def close(self) -> None: ...


class RestClient:
    """Plain HTTP, by the routes that the protos declare.

    Every reply is compared with its published schema, unless `checked` is False: that takes time.
    """

    name = "REST"

    def __init__(self, address: str, *, checked: bool = True) -> None:
        self._checked = checked
        self._http = httpx.Client(base_url=f"http://{address}", timeout=20)

    def call(self, method: str, body: Mapping[str, Any], **headers: str) -> Reply:
        verb, path, content = _route(METHODS[method], dict(body))
        reply = self._http.request(verb, path, json=content, headers=_headers(headers))
        found = reply.json()
        if self._checked:
            wrong = violations(operation_id(method), reply.status_code, found)
            assert not wrong, f"{verb} {path} → {reply.status_code} isn't as published: {wrong[:5]}"
        code = "ok" if reply.is_success else found["error"]["code"]
        shown = f"{verb} {path}  → {reply.status_code}"
        payload = found if reply.is_success else found["error"]
        return Reply(code=code, body=payload, headers=dict(reply.headers), shown=shown)

    def close(self) -> None:
        self._http.close()


class GrpcClient:
    """The generated messages over a channel; metadata in place of headers."""

    name = "gRPC"

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)

    def call(self, method: str, body: Mapping[str, Any], **headers: str) -> Reply:
        descriptor = METHODS[method]
        path = f"/{descriptor.containing_service.full_name}/{descriptor.name}"
        request = ParseDict(dict(body), GetMessageClass(descriptor.input_type)())
        reply_type = GetMessageClass(descriptor.output_type)
        rpc = self._channel.unary_unary(
            path,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=reply_type.FromString,
        )
        metadata = tuple(_headers(headers).items())
        try:
            reply, state = rpc.with_call(request, metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return _failed(error, path)
        initial = {key: str(value) for key, value in state.initial_metadata() or ()}
        return Reply(
            code="ok", body=MessageToDict(reply), headers=initial, shown=f"{path[1:]}  → OK"
        )

    def close(self) -> None:
        self._channel.close()


def _failed(error: Any, path: str) -> Reply:
    trailing = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    details = []
    for detail in status.details:
        details.append(MessageToDict(detail))
        if detail.type_url.endswith("/google.rpc.ErrorInfo"):
            detail.Unpack(info)
    value = error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name[info.reason]
    code = value.GetOptions().Extensions[error_reason_pb2.reason_spec].code
    body = {
        "code": code,
        "reason": info.reason,
        "message": status.message,
        "requestId": info.metadata["requestId"],
        "details": details,
    }
    headers = {key: value for key, value in trailing.items() if isinstance(value, str)}
    shown = f"{path[1:]}  → {error.code().name}"
    return Reply(code=code, body=body, headers=headers, shown=shown)


def _route(
    method: MethodDescriptor, request: dict[str, Any]
) -> tuple[str, str, dict[str, Any] | None]:
    """HTTP method, path with its query, and body: where each member of the request belongs."""
    rule: Any = method.GetOptions().Extensions[annotations_pb2.http]  # type: ignore[index]  # no stubs
    verb = rule.WhichOneof("pattern")

    def fill(found: re.Match[str]) -> str:
        owner, names = request, found[1].split(".")
        for name in names[:-1]:
            owner = owner[_json(name)]
        return quote(str(owner.pop(_json(names[-1]))), safe="")

    path = re.sub(r"{([a-z_.]+)}", fill, getattr(rule, verb))
    if rule.body == "*":
        return verb.upper(), path, request
    body = request.pop(_json(rule.body)) if rule.body else None
    query = urlencode(_flat(request), doseq=True)
    return verb.upper(), f"{path}?{query}" if query else path, body


def _json(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in body.items()
    }


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    """`key=` becomes the Authorization header; others lose their underscores."""
    headers = {name.replace("_", "-"): value for name, value in given.items() if name != "key"}
    if "key" in given:
        headers["authorization"] = f"Bearer {given['key']}"
    return headers
