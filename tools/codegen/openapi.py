"""The product's part of the OpenAPI document, and the file that it is committed as."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from codegen import constraints, examples, prose
from codegen.events import Catalogue
from httprule.http_rules import Rule
from httprule.openapi import Comments, OperationExtras, build_document
from httprule.openapi.profile import MISSING
from httprule.openapi.schemas import BEHAVIOR, behavior_of

JsonObject = dict[str, Any]

_PACKAGE = "xaigh."
_LONG = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
_NEEDED = {BEHAVIOR.Value("REQUIRED")}
_NO_SIDE_EFFECTS = 1  # google.protobuf.MethodOptions.IdempotencyLevel
_TICKET_PATHS = "/v1/developer/api-access/requests/"
# How each refused status is called among the components.
_RESPONSES = {
    400: "BadRequest",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    408: "RequestTimeout",
    409: "Conflict",
    411: "LengthRequired",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    422: "IdempotencyKeyReused",
    429: "RateLimited",
    500: "Internal",
    503: "Unavailable",
    504: "DeadlineExceeded",
}
_ALWAYS = (400, 406, 429, 500, 503, 504)
_WITH_BODY = (408, 411, 413, 415)
_STATUS_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One error reason, as the protos declare it."""

    name: str
    code: str
    grpc_code: int
    http_status: int
    cause: str
    cure: str


def events_page(image: FileDescriptorSet) -> str:
    """The page of event types, with the examples of the document."""
    pool = _pool(image)
    return Catalogue(image, pool, Profile(pool, "")).page()


def _pool(image: FileDescriptorSet) -> DescriptorPool:
    pool = DescriptorPool()
    for file in image.file:
        pool.Add(file)
    return pool


def write(image: FileDescriptorSet, version: str) -> bytes:
    """The document as the file `openapi.json`, readable and ending in a line feed."""
    pool = _pool(image)
    services = [
        pool.FindServiceByName(f"{file.package}.{service.name}")
        for file in image.file
        if file.package.startswith(_PACKAGE)
        for service in file.service
    ]
    profile = Profile(pool, version)
    document = build_document(services, Comments(image), profile)
    Catalogue(image, pool, profile).add_to(document)
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


class Profile:
    """Who may call, how errors look, what headers there are; read from the options in the protos.

    Everything is read through the pool of the image, so that a generated module that is out of date
    never has a say.
    """

    def __init__(self, pool: DescriptorPool, version: str) -> None:
        self._version = version
        self._pool = pool
        self._field_options = self._options_type("FieldOptions")
        self._method_options = self._options_type("MethodOptions")
        self._value_options = self._options_type("EnumValueOptions")
        self._rule: Any = pool.FindExtensionByName("xaigh.options.v1.rule")
        self._validate: Any = pool.FindExtensionByName("buf.validate.field")
        self._scopes = self._read_scopes()
        self._reasons = self._read_reasons()

    def document(self) -> JsonObject:
        """The title page."""
        return {
            "info": {
                "title": "XaiGH API",
                "version": self._version,
                "summary": prose.SUMMARY,
                "description": prose.DESCRIPTION,
                "contact": {"name": "XaiGH API operations", "url": "https://api.xaigh.com"},
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/", "description": "The server that this document came from."}],
        }

    def components(self) -> JsonObject:
        """Security schemes, headers, parameters, errors."""
        return {
            "securitySchemes": prose.SECURITY_SCHEMES,
            "headers": prose.HEADERS,
            "parameters": prose.PARAMETERS,
            "schemas": prose.error_schemas(sorted({r.code for r in self._reasons})),
            "responses": {
                **{name: self._response(status) for status, name in _RESPONSES.items()},
                "Error": self._other_response(),
            },
        }

    def operation(self, method: MethodDescriptor, rule: Rule) -> OperationExtras:
        """Security, headers, errors and the note on scopes of one operation."""
        access = self._access(method)
        required = access.idempotency == _enum_number(access, "idempotency", "REQUIRED")
        has_key = access.idempotency != 0
        parameters = [_parameter("RequestId")]
        if has_key:
            parameters.append(
                _parameter("IdempotencyKeyRequired" if required else "IdempotencyKey")
            )
        extensions: JsonObject = {"x-risk": _enum_name(access, "risk")}
        if access.WhichOneof("access") == "scope":
            extensions["x-required-scope"] = self._scopes[access.scope][0]
        headers = ["X-Request-Id", "X-Client-Request-Id", "RateLimit", "RateLimit-Policy"]
        headers += ["Idempotent-Replayed"] if has_key else []
        headers += ["Deprecation", "Sunset"] if not access.public else []
        return OperationExtras(
            security=self._security(access, rule),
            parameters=tuple(parameters),
            response_headers={name: _header(name) for name in headers},
            responses=self._refusals(method, rule, access),
            extensions=extensions,
            note=self._note(access, rule),
            sums_up=rule.client_streaming and rule.server_streaming,
        )

    def schema(self, message: Descriptor) -> JsonObject:
        """Nothing further."""
        return {}

    def keywords(self, field: FieldDescriptor) -> JsonObject:
        """What `buf.validate` says of a field."""
        return constraints.keywords(self._rules_of(field), field.enum_type)

    def is_required(self, field: FieldDescriptor) -> bool:
        """Whether `buf.validate` wants the field."""
        return bool(self._rules_of(field).required)

    def example(self, field: FieldDescriptor, *, is_request: bool) -> Any:
        """From the table of examples."""
        name = field.json_name
        own = f"{field.containing_type.name}.{name}" if field.containing_type else name
        is_needed = behavior_of(field) & _NEEDED or self.is_required(field)
        if is_request and not is_needed and {own, name} & examples.NOT_SENT:
            return None
        if own in examples.BY_FIELD:
            return examples.BY_FIELD[own]
        is_text = field.cpp_type == FieldDescriptor.CPPTYPE_STRING
        value = (examples.BY_NAME if is_text else examples.OTHERS).get(name, MISSING)
        return str(value) if isinstance(value, int) and field.cpp_type in _LONG else value

    def _access(self, method: MethodDescriptor) -> Any:
        options: Any = self._method_options.FromString(method.GetOptions().SerializeToString())
        return options.Extensions[self._rule]

    def _rules_of(self, field: FieldDescriptor) -> Any:
        options: Any = self._field_options.FromString(field.GetOptions().SerializeToString())
        return options.Extensions[self._validate]

    def _security(self, access: Any, rule: Rule) -> list[JsonObject]:
        kind = access.WhichOneof("access")
        if kind == "public":
            is_ticket = rule.template.source.startswith(_TICKET_PATHS)
            return [{"statusToken": []}] if is_ticket else []
        if kind == "self":
            return [{"secretKey": []}]
        name, is_integrators = self._scopes[access.scope]
        if not is_integrators:
            return [{"operatorCredential": [name]}]
        kinds = ["secretKey", "publishableKey"] if access.publishable else ["secretKey"]
        found: list[JsonObject] = [{each: [name]} for each in kinds]
        if access.or_scope:
            found.append({"operatorCredential": [self._scopes[access.or_scope][0]]})
        return found

    def _refusals(
        self, method: MethodDescriptor, rule: Rule, access: Any
    ) -> Mapping[str, JsonObject]:
        statuses = set(_ALWAYS)
        if self._security(access, rule):
            statuses |= {401, 403}
        if rule.template.variables or (rule.body and _names_objects(method.input_type)):
            statuses.add(404)
        if rule.body:
            statuses |= set(_WITH_BODY)
        if method.GetOptions().idempotency_level != _NO_SIDE_EFFECTS:
            statuses.add(409)
        if access.idempotency:
            statuses |= {409, 422}
        found = {str(each): {"$ref": f"#/components/responses/{_RESPONSES[each]}"}
                 for each in statuses}  # fmt: skip
        return {**found, "default": {"$ref": "#/components/responses/Error"}}

    def _note(self, access: Any, rule: Rule) -> str:
        kind = access.WhichOneof("access")
        if kind == "scope":
            note = f"Needs the scope `{self._scopes[access.scope][0]}`."
            if access.or_scope:
                note += f" Services of ours need `{self._scopes[access.or_scope][0]}`."
            return f"{note} Publishable keys may call it." if access.publishable else note
        if kind == "self":
            return "Any valid secret key may call it, about itself."
        if rule.template.source.startswith(_TICKET_PATHS):
            return "Needs no key, but the ticket's status token."
        return "Public: needs no credential."

    def _response(self, status: int) -> JsonObject:
        reasons = [reason for reason in self._reasons if reason.http_status == status]
        lines = [f"{prose.TITLES[status]} Reasons:", ""]
        lines += [f"- `{r.name}` (`{r.code}`): {r.cause} {r.cure}" for r in reasons]
        response = _error_response("\n".join(lines), reasons[0] if reasons else None)
        names = ["X-Request-Id", "X-Client-Request-Id"]
        names += [_STATUS_HEADERS[status]] if status in _STATUS_HEADERS else []
        return {**response, "headers": {name: _header(name) for name in names}}

    def _other_response(self) -> JsonObject:
        others = [reason for reason in self._reasons if reason.http_status not in _RESPONSES]
        lines = ["Any other refusal. Reasons:", ""]
        lines += [f"- `{r.name}` (`{r.code}`, {r.http_status}): {r.cause} {r.cure}" for r in others]
        names = ("X-Request-Id", "X-Client-Request-Id", "Allow")
        response = _error_response("\n".join(lines), others[0] if others else None)
        return {**response, "headers": {name: _header(name) for name in names}}

    def _read_scopes(self) -> dict[int, tuple[str, bool]]:
        """Name, and whether integrators hold it, by number."""
        spec: Any = self._pool.FindExtensionByName("xaigh.options.v1.scope_spec")
        scopes: dict[int, tuple[str, bool]] = {}
        for value in self._pool.FindEnumTypeByName("xaigh.options.v1.Scope").values:
            facts = self._value(value).Extensions[spec]
            scopes[value.number] = (facts.name, _enum_name(facts, "audience") == "INTEGRATOR")
        return scopes

    def _read_reasons(self) -> tuple[Reason, ...]:
        spec: Any = self._pool.FindExtensionByName("xaigh.errors.v1.reason_spec")
        reasons = self._pool.FindEnumTypeByName("xaigh.errors.v1.ErrorReason").values
        return tuple(
            _reason(value.name, self._value(value).Extensions[spec])
            for value in reasons
            if value.number
        )

    def _value(self, value: Any) -> Any:
        return self._value_options.FromString(value.GetOptions().SerializeToString())

    def _options_type(self, name: str) -> Any:
        kind = self._pool.FindMessageTypeByName(f"google.protobuf.{name}")
        return message_factory.GetMessageClass(kind)


def _reason(name: str, spec: Any) -> Reason:
    return Reason(
        name=name,
        code=spec.code,
        grpc_code=spec.grpc_code,
        http_status=spec.http_status,
        cause=spec.cause,
        cure=spec.cure,
    )


def _error_response(description: str, reason: Reason | None) -> JsonObject:
    error: JsonObject = {"schema": {"$ref": "#/components/schemas/Error"}}
    problem: JsonObject = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if reason is not None:
        error["example"] = prose.error_example(
            reason.name, reason.code, reason.grpc_code, reason.cause
        )
    content = {"application/json": error, "application/problem+json": problem}
    return {"description": description, "content": content}


def _parameter(name: str) -> JsonObject:
    return {"$ref": f"#/components/parameters/{name}"}


def _header(name: str) -> JsonObject:
    return {"$ref": f"#/components/headers/{name}"}


def _names_objects(message: Descriptor) -> bool:
    """Whether a body names objects by their ids, which may be nobody's or somebody else's."""
    inner = [field.message_type for field in message.fields if field.message_type is not None]
    return any(
        field.name.endswith(("_id", "_ids")) for each in (message, *inner) for field in each.fields
    )


def _enum_name(message: Any, field: str) -> str:
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    return str(kind.values_by_number[getattr(message, field)].name)


def _enum_number(message: Any, field: str, name: str) -> int:
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    return int(kind.values_by_name[name].number)
