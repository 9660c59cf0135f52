"""Builder of OpenAPI paths and operations of HTTP rules.

OpenAPI has parameters for single segments only, so a variable of several segments is spelled out:
`{name=shelves/*/books/*}` becomes `/shelves/{shelvesId}/books/{booksId}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from httprule.accept import JSON, NDJSON, SSE
from httprule.etag import etag_path, has_etag
from httprule.fields import HTTP_BODY, OPAQUE, is_map
from httprule.http_rules import WHOLE, Rule
from httprule.openapi.comments import first_sentence
from httprule.openapi.examples import Examples
from httprule.openapi.profile import MISSING, Json, JsonObject, OpenApiProfile, OperationExtras
from httprule.openapi.schemas import Schemas, Side
from httprule.template import DEEP, STAR, Variable
from httprule.values import BINDABLE

_MAX_DEPTH: Final = 3
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_TIMEOUT: Final = {
    "name": "X-Request-Timeout",
    "in": "header",
    "description": "Seconds the call may take, with or without a fraction. The server has a limit "
    "of its own; the lower one counts.",
    "schema": {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?$"},
    "example": "10",
}


class Operations:
    """Builds the operations of rules."""

    def __init__(self, schemas: Schemas, examples: Examples, profile: OpenApiProfile) -> None:
        self._schemas = schemas
        self._examples = examples
        self._profile = profile

    def build(self, method: MethodDescriptor, rule: Rule, operation_id: str) -> JsonObject:
        """The operation of one rule of a method."""
        extras = self._profile.operation(method, rule)
        assert method.containing_service is not None
        comment = self._schemas.describe(method.full_name)
        operation: JsonObject = {
            "operationId": operation_id,
            "tags": [method.containing_service.name],
        }
        if comment:
            operation["summary"] = first_sentence(comment)
        if text := "\n\n".join(part for part in (comment, extras.note) if part):
            operation["description"] = text
        if method.GetOptions().deprecated:
            operation["deprecated"] = True
        parameters = [*self._parameters(rule), *extras.parameters]
        if parameters:
            operation["parameters"] = parameters
        if body := self._body(rule):
            operation["requestBody"] = body
        operation["responses"] = self._responses(rule, extras)
        if extras.security is not None:
            operation["security"] = extras.security
        return {**operation, **extras.extensions}

    def _parameters(self, rule: Rule) -> Iterator[JsonObject]:
        yield from self._path_parameters(rule)
        if rule.body != WHOLE:
            bound = {variable.field_path for variable in rule.template.variables}
            body = {rule.body} if rule.body else set()
            yield from self._query_parameters(rule.request, (), bound, body)
        yield _TIMEOUT
        if _answers_304(rule):
            yield _header("If-None-Match", "Answers 304 if the resource still has this version.")
        if etag_path(rule.request, rule.body) is not None:
            yield _header("If-Match", "The version that was read: the `etag` of the request.")

    def _path_parameters(self, rule: Rule) -> Iterator[JsonObject]:
        covered = {i for v in rule.template.variables for i in range(v.start, v.end)}
        for index, part in enumerate(rule.template.segments):
            if part in (STAR, DEEP) and index not in covered:
                name = f"segment{index}"
                yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for variable in rule.template.variables:
            field = _field_at(rule.request, variable.field_path)
            schema = self._schemas.field(field, Side.REQUEST)
            description = schema.pop("description", "")
            for name in _names_of(variable, rule):
                parameter = {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"} if variable.is_multi else schema,
                }
                if description:
                    parameter["description"] = description
                yield _with_example(parameter, self._example_of(field))

    def _query_parameters(
        self,
        owner: Descriptor,
        above: tuple[FieldDescriptor, ...],
        bound: set[tuple[str, ...]],
        body: set[str],
    ) -> Iterator[JsonObject]:
        for field in owner.fields:
            path = (*above, field)
            if tuple(f.name for f in path) in bound or (not above and field.name in body):
                continue
            if not self._schemas.is_on(field, Side.REQUEST):
                continue
            if _is_parameter(field):
                yield self._query_parameter(path)
            elif _goes_on(field) and len(path) < _MAX_DEPTH and not _is_ring(path):
                assert field.message_type is not None
                yield from self._query_parameters(field.message_type, path, bound, body)

    def _query_parameter(self, path: tuple[FieldDescriptor, ...]) -> JsonObject:
        field = path[-1]
        schema = self._schemas.field(field, Side.REQUEST)
        parameter: JsonObject = {"name": ".".join(each.json_name for each in path), "in": "query"}
        if description := schema.pop("description", ""):
            parameter["description"] = description
        if schema.pop("deprecated", False):
            parameter["deprecated"] = True
        if all(self._schemas.is_required(each, Side.REQUEST) for each in path):
            parameter["required"] = True
        if is_map(field):
            parameter.update(style="deepObject", explode=True)
        elif field.is_repeated:
            parameter.update(style="form", explode=True)
        parameter["schema"] = schema
        return _with_example(parameter, self._example_of(field))

    def _example_of(self, field: FieldDescriptor) -> Json:
        return self._examples.field(field, Side.REQUEST)

    def _body(self, rule: Rule) -> JsonObject | None:
        if not rule.body:
            return None
        field = None if rule.body == WHOLE else rule.request.fields_by_name[rule.body]
        depth = 0 if field is None else 1
        bound = frozenset(
            variable.field_path[depth]
            for variable in rule.template.variables
            if len(variable.field_path) == depth + 1
            and (field is None or variable.field_path[0] == field.name)
        )
        kind = rule.request if field is None else field.message_type
        if kind is not None and not (field is not None and field.is_repeated):
            if kind.full_name == HTTP_BODY:
                return {"required": True, "content": {"*/*": _BINARY}}
            schema = self._schemas.body(kind, bound)
            example = self._examples.message(kind, Side.REQUEST, bound)
            needed = _needs_something(self._schemas, kind, bound) or (
                field is not None and self._schemas.is_required(field, Side.REQUEST)
            )
        else:
            assert field is not None
            schema = self._schemas.field(field, Side.REQUEST)
            example = self._examples.field(field, Side.REQUEST)
            needed = self._schemas.is_required(field, Side.REQUEST)
        return self._request_body(rule, schema, example, is_required=needed)

    def _request_body(
        self, rule: Rule, schema: JsonObject, example: Json, *, is_required: bool
    ) -> JsonObject:
        one = _with_example({"schema": schema}, example)
        if not rule.client_streaming:
            return {"required": is_required, "content": {JSON: one}}
        many = {"schema": {"type": "array", "items": schema}}
        return {
            "required": False,
            "description": "One JSON document a line, or a JSON array of them.",
            "content": {NDJSON: one, JSON: many},
        }

    def _responses(self, rule: Rule, extras: OperationExtras) -> JsonObject:
        success: JsonObject = {
            "description": self._reply_description(rule),
            "content": self._reply_content(rule, sums_up=extras.sums_up),
        }
        headers = dict(extras.response_headers)
        if _has_version(rule):
            headers["ETag"] = {
                "description": "The version of the resource, in quotes.",
                "schema": {"type": "string"},
            }
        if headers:
            success["headers"] = headers
        responses: JsonObject = {"200": success}
        if _answers_304(rule):
            responses["304"] = {"description": "The client has this version already."}
        return {**responses, **dict(sorted(extras.responses.items()))}

    def _reply_description(self, rule: Rule) -> str:
        comment = self._schemas.describe(rule.response.full_name)
        text = comment or "The call succeeded."
        return f"A stream of: {text}" if rule.server_streaming else text

    def _reply_content(self, rule: Rule, *, sums_up: bool) -> Mapping[str, JsonObject]:
        schema, example, is_raw = self._reply_schema(rule)
        if is_raw:
            return {"*/*": _BINARY}
        one = _with_example({"schema": schema}, example)
        if not rule.server_streaming:
            return {JSON: one}
        many = {"schema": {"type": "array", "items": schema}}
        text = {"schema": {"type": "string"}}
        # A client without a preference gets the first type.
        if sums_up:
            return {JSON: {"schema": schema}, NDJSON: one, SSE: text}
        return {NDJSON: one, JSON: many, SSE: text}

    def _reply_schema(self, rule: Rule) -> tuple[JsonObject, Json, bool]:
        kind: Descriptor | None = rule.response
        if rule.response_body:
            field = rule.response.fields_by_name[rule.response_body]
            kind = None if field.is_repeated else field.message_type
            if kind is None:
                schema = self._schemas.field(field, Side.REPLY)
                return schema, self._examples.field(field, Side.REPLY), False
        assert kind is not None
        is_raw = kind.full_name == HTTP_BODY
        schema = self._schemas.message(kind, Side.REPLY)
        return schema, self._examples.message(kind, Side.REPLY), is_raw


def path_of(rule: Rule) -> str:
    """The template of a rule as an OpenAPI path."""
    parts = [_free(index, part) for index, part in enumerate(rule.template.segments)]
    for variable in rule.template.variables:
        names = iter(_names_of(variable, rule))
        for index in range(variable.start, variable.end):
            if rule.template.segments[index] in (STAR, DEEP):
                parts[index] = f"{{{next(names)}}}"
    verb = "" if rule.template.verb is None else f":{rule.template.verb}"
    return "/" + "/".join(parts) + verb


def _free(index: int, part: str) -> str:
    return f"{{segment{index}}}" if part in (STAR, DEEP) else part


def _names_of(variable: Variable, rule: Rule) -> list[str]:
    """The names of a variable's parameters: one for each of its wildcards."""
    wild = [i for i, part in enumerate(variable.segments) if part in (STAR, DEEP)]
    own = _field_at(rule.request, variable.field_path).json_name
    if not variable.is_multi:
        return [own] if wild else []
    names = []
    for index in wild:
        before = variable.segments[index - 1] if index else ""
        usable = before.isidentifier()
        names.append(f"{before}Id" if usable else own if len(wild) == 1 else f"{own}{index}")
    return names


def _field_at(owner: Descriptor, names: tuple[str, ...]) -> FieldDescriptor:
    field = owner.fields_by_name[names[0]]
    for name in names[1:]:
        assert field.message_type is not None
        field = field.message_type.fields_by_name[name]
    return field


def _is_parameter(field: FieldDescriptor) -> bool:
    if is_map(field):
        assert field.message_type is not None
        field = field.message_type.fields_by_name["value"]
    kind = field.message_type
    return kind is None or kind.full_name in BINDABLE


def _goes_on(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and not field.is_repeated and kind.full_name not in OPAQUE


def _is_ring(path: tuple[FieldDescriptor, ...]) -> bool:
    """Whether the last field holds a message that is on the path already."""
    kind = path[-1].message_type
    return any(kind is not None and kind == field.containing_type for field in path)


def _needs_something(schemas: Schemas, kind: Descriptor, bound: frozenset[str]) -> bool:
    return any(
        schemas.is_required(field, Side.REQUEST)
        for field in kind.fields
        if field.name not in bound and schemas.is_on(field, Side.REQUEST)
    )


def _has_version(rule: Rule) -> bool:
    return not rule.response_body and not rule.server_streaming and has_etag(rule.response)


def _answers_304(rule: Rule) -> bool:
    return rule.http_method == "GET" and _has_version(rule)


def _header(name: str, description: str) -> JsonObject:
    return {
        "name": name,
        "in": "header",
        "description": description,
        "schema": {"type": "string"},
        "example": '"v7"',
    }


def _with_example(part: JsonObject, example: Json) -> JsonObject:
    return part if example is MISSING or example is None else {**part, "example": example}
