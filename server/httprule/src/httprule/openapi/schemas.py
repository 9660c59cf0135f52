"""JSON Schemas of message types, by the JSON mapping of protobuf.

Messages and enums become components; schemas of well-known types are inline. A component has the
name of its message without the package, `Job`, or `JobState` for `Job.State`; two messages of the
same name in two packages get their full names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Final

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldOptions

from httprule.fields import (
    ANY,
    DURATION,
    FIELD_MASK,
    HTTP_BODY,
    LIST_VALUE,
    NULL_VALUE,
    STRUCT,
    TIMESTAMP,
    VALUE,
    WRAPPERS,
    is_map,
)
from httprule.openapi.comments import Comments, paragraphs
from httprule.openapi.profile import JsonObject, OpenApiProfile

_F = FieldDescriptor
_SCALARS: Final[dict[int, JsonObject]] = {
    _F.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    _F.CPPTYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    _F.CPPTYPE_INT64: {"type": "string", "format": "int64", "pattern": r"^-?[0-9]{1,19}$"},
    _F.CPPTYPE_UINT64: {"type": "string", "format": "uint64", "pattern": r"^[0-9]{1,20}$"},
    _F.CPPTYPE_DOUBLE: {"type": "number", "format": "double"},
    _F.CPPTYPE_FLOAT: {"type": "number", "format": "float"},
    _F.CPPTYPE_BOOL: {"type": "boolean"},
}
_BYTES: Final = {"type": "string", "contentEncoding": "base64"}
_WELL_KNOWN: Final[dict[str, JsonObject]] = {
    TIMESTAMP: {"type": "string", "format": "date-time"},
    DURATION: {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$"},
    FIELD_MASK: {"type": "string"},
    STRUCT: {"type": "object", "additionalProperties": True},
    LIST_VALUE: {"type": "array", "items": {}},
    VALUE: {},
    ANY: {
        "type": "object",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
        "additionalProperties": True,
    },
    HTTP_BODY: {"type": "string", "format": "binary"},
    "google.protobuf.Empty": {"type": "object"},
}
# The generated module has no types.
_BEHAVIOR: Final[Any] = field_behavior_pb2.field_behavior
BEHAVIOR: Final = field_behavior_pb2.FieldBehavior


class Side(Enum):
    """The direction of a message.

    Schemas of requests are closed and name required fields. Schemas of replies are open, since
    fields may be added, and require identifiers only, since defaults are not printed.
    """

    REQUEST = "request"
    REPLY = "reply"


class Schemas:
    """The schemas of messages that were asked for, and of all messages in them.

    `requests` and `replies` are the top messages of either side.
    """

    def __init__(
        self,
        comments: Comments,
        profile: OpenApiProfile,
        requests: Iterable[Descriptor],
        replies: Iterable[Descriptor],
    ) -> None:
        self._comments = comments
        self._profile = profile
        sent, returned = _reachable(requests), _reachable(replies)
        self._both = sent & returned
        self._names = _short_names(sent | returned)
        self._done: dict[str, JsonObject] = {}

    def components(self) -> dict[str, JsonObject]:
        """Every component made so far, sorted by name."""
        return dict(sorted(self._done.items()))

    def message(self, kind: Descriptor, side: Side) -> JsonObject:
        """A reference to the schema of a message, or the schema of a well-known type."""
        if kind.full_name in WRAPPERS:
            return _nullable(self.single(kind.fields_by_name["value"], side))
        if kind.full_name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[kind.full_name])
        suffix = "Input" if side is Side.REQUEST and kind.full_name in self._both else ""
        name = self._names[kind.full_name] + suffix
        return self._reference(name, lambda: self.object_of(kind, side, frozenset()))

    def body(self, kind: Descriptor, without: frozenset[str]) -> JsonObject:
        """The schema of a message as a request body, without the fields that the path binds."""
        if not without or kind.full_name in _WELL_KNOWN:
            return self.message(kind, Side.REQUEST)
        name = f"{self._names[kind.full_name].removesuffix('Request')}Body"
        return self._reference(name, lambda: self.object_of(kind, Side.REQUEST, without))

    def object_of(self, kind: Descriptor, side: Side, without: frozenset[str]) -> JsonObject:
        """The schema of a message, without a reference."""
        fields = [f for f in kind.fields if f.name not in without and self.is_on(f, side)]
        schema: JsonObject = {"type": "object"}
        if comment := self.describe(kind.full_name):
            schema["description"] = comment
        if fields:
            schema["properties"] = {field.json_name: self.field(field, side) for field in fields}
        required = [field.json_name for field in fields if self.is_required(field, side)]
        if required:
            schema["required"] = required
        if side is Side.REQUEST:
            schema["additionalProperties"] = False
        return {**schema, **self._profile.schema(kind)}

    def field(self, field: FieldDescriptor, side: Side) -> JsonObject:
        """The schema of a field with its comment and, in requests, its bounds."""
        keywords = dict(self._profile.keywords(field)) if side is Side.REQUEST else {}
        if is_map(field):
            assert field.message_type is not None
            held = self.single(field.message_type.fields_by_name["value"], side)
            values = {**held, **keywords.pop("additionalProperties", {})}
            schema: JsonObject = {"type": "object", "additionalProperties": values}
        elif field.is_repeated:
            items = {**self.single(field, side), **keywords.pop("items", {})}
            schema = {"type": "array", "items": items}
        else:
            schema = self.single(field, side)
        return {**schema, **keywords, **self._notes(field)}

    def is_on(self, field: FieldDescriptor, side: Side) -> bool:
        """Whether messages of this side have the field."""
        other = "OUTPUT_ONLY" if side is Side.REQUEST else "INPUT_ONLY"
        return BEHAVIOR.Value(other) not in behavior_of(field)

    def is_required(self, field: FieldDescriptor, side: Side) -> bool:
        """Whether messages of this side always have the field."""
        behavior = behavior_of(field)
        if side is Side.REPLY:
            return BEHAVIOR.Value("IDENTIFIER") in behavior
        return BEHAVIOR.Value("REQUIRED") in behavior or self._profile.is_required(field)

    def describe(self, full_name: str) -> str:
        """The comment of an element, as CommonMark."""
        return paragraphs(self._comments.of(full_name))

    def single(self, field: FieldDescriptor, side: Side) -> JsonObject:
        """The schema of one value of a field."""
        if field.message_type is not None:
            return self.message(field.message_type, side)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        if field.cpp_type == _F.CPPTYPE_STRING:
            return dict(_BYTES) if field.type == _F.TYPE_BYTES else {"type": "string"}
        return dict(_SCALARS[field.cpp_type])

    def _notes(self, field: FieldDescriptor) -> JsonObject:
        notes: JsonObject = {}
        text = self.describe(field.full_name)
        oneof = field.containing_oneof
        if oneof is not None and len(oneof.fields) > 1:
            names = ", ".join(f"`{each.json_name}`" for each in oneof.fields)
            text = f"{text} At most one of {names}.".strip()
        if text:
            notes["description"] = text
        if field.GetOptions().deprecated:
            notes["deprecated"] = True
        return notes

    def _enum(self, kind: EnumDescriptor) -> JsonObject:
        if kind.full_name == NULL_VALUE:
            return {"type": "null"}
        return self._reference(self._names[kind.full_name], lambda: self._enum_itself(kind))

    def _enum_itself(self, kind: EnumDescriptor) -> JsonObject:
        lines = [self.describe(kind.full_name), ""]
        for value in kind.values:
            text = " ".join(self._comments.of(f"{kind.full_name}.{value.name}").split())
            lines.append(f"- `{value.name}`: {text}" if text else f"- `{value.name}`")
        return {
            "type": "string",
            "description": "\n".join(lines).strip(),
            "enum": [value.name for value in kind.values],
        }

    def _reference(self, name: str, make: Callable[[], JsonObject]) -> JsonObject:
        if name not in self._done:
            # Registered first, so that a recursive type finds itself.
            self._done[name] = {}
            self._done[name] = make()
        return {"$ref": f"#/components/schemas/{name}"}


def behavior_of(field: FieldDescriptor) -> frozenset[int]:
    """The `google.api.field_behavior` of a field of any descriptor pool."""
    options = FieldOptions.FromString(field.GetOptions().SerializeToString())
    return frozenset(options.Extensions[_BEHAVIOR])


def _nullable(schema: JsonObject) -> JsonObject:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else schema


def _reachable(kinds: Iterable[Descriptor]) -> set[str]:
    """The full names of messages, and of the messages and enums below them."""
    seen: set[str] = set()
    pending = list(kinds)
    while pending:
        kind = pending.pop()
        if kind.full_name in seen or kind.full_name in WRAPPERS or kind.full_name in _WELL_KNOWN:
            continue
        seen.add(kind.full_name)
        for field in kind.fields:
            if field.message_type is not None:
                pending.append(field.message_type)
            if field.enum_type is not None:
                seen.add(field.enum_type.full_name)
    return seen


def _short_names(full_names: Iterable[str]) -> dict[str, str]:
    by_short: dict[str, list[str]] = {}
    for full in full_names:
        by_short.setdefault(_short(full), []).append(full)
    return {
        full: short if len(fulls) == 1 else full.replace(".", "_")
        for short, fulls in by_short.items()
        for full in fulls
    }


def _short(full_name: str) -> str:
    """The name without its package: the parts from the first upper-case one on, joined."""
    parts = full_name.split(".")
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return "".join(parts[first:])
