"""Profile: what a product adds to the OpenAPI document of its services.

httprule covers messages, rules and HTTP. A profile adds the callers of a method, the form of errors
and the limits of fields. `PlainProfile` adds nothing and serves as a base class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from httprule.http_rules import Rule

Json = Any
JsonObject = dict[str, Any]


class _Missing:
    """The type of `MISSING`: no example is known. None would be JSON null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationExtras:
    """What a profile adds to one operation.

    `security` is the operation's security requirement, None for that of the document. `parameters`
    and `responses` (by status, "default" among them) may be references to components.
    `response_headers` go with every success. `extensions` are further members, such as `x-…`.
    `sums_up`: the method answers a stream with its last message alone where JSON is asked for.
    """

    security: list[JsonObject] | None = None
    parameters: tuple[JsonObject, ...] = ()
    response_headers: Mapping[str, JsonObject] = field(default_factory=dict)
    responses: Mapping[str, JsonObject] = field(default_factory=dict)
    extensions: Mapping[str, Json] = field(default_factory=dict)
    note: str = ""
    sums_up: bool = False


class OpenApiProfile(Protocol):
    """The product's part of a document."""

    def document(self) -> JsonObject:
        """The document's own members: `info` at least; `servers`, `security`, `externalDocs`."""

    def components(self) -> JsonObject:
        """Components by kind: `securitySchemes`, `responses`, `headers`, `schemas`."""

    def operation(self, method: MethodDescriptor, rule: Rule) -> OperationExtras:
        """What one operation has beyond its messages."""

    def schema(self, message: Descriptor) -> JsonObject:
        """Further keywords of a message's schema."""

    def keywords(self, field: FieldDescriptor) -> JsonObject:
        """Further keywords of a field's schema: bounds, patterns, formats.

        Under "items" those of the elements of a list; under "additionalProperties" those of the
        values of a map.
        """

    def is_required(self, field: FieldDescriptor) -> bool:
        """Whether a request must have the field, beside `google.api.field_behavior`."""

    def example(self, field: FieldDescriptor, *, is_request: bool) -> Json:
        """The JSON of a valid value of a field, of an element for a list; `MISSING` without one.

        None leaves the field out of examples.
        """


class PlainProfile:
    """A document of the services alone: no security, no extra headers, a bare error."""

    def __init__(self, title: str, version: str) -> None:
        self._info = {"title": title, "version": version}

    def document(self) -> JsonObject:
        """The title and the version."""
        return {"info": self._info}

    def components(self) -> JsonObject:
        """The bare error response."""
        return {"responses": {"Error": {"description": "The call failed."}}}

    def operation(self, method: MethodDescriptor, rule: Rule) -> OperationExtras:
        """The bare error for every failure."""
        return OperationExtras(responses={"default": {"$ref": "#/components/responses/Error"}})

    def schema(self, message: Descriptor) -> JsonObject:
        """Nothing further."""
        return {}

    def keywords(self, field: FieldDescriptor) -> JsonObject:
        """Nothing further."""
        return {}

    def is_required(self, field: FieldDescriptor) -> bool:
        """Nothing further."""
        return False

    def example(self, field: FieldDescriptor, *, is_request: bool) -> Json:
        """None known."""
        return MISSING
