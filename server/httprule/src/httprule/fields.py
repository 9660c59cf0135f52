"""Facts about the fields of descriptors, and the spelling of paths to them."""

from __future__ import annotations

import re
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

WRAPPERS: Final = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
TIMESTAMP: Final = "google.protobuf.Timestamp"
DURATION: Final = "google.protobuf.Duration"
FIELD_MASK: Final = "google.protobuf.FieldMask"
STRUCT: Final = "google.protobuf.Struct"
LIST_VALUE: Final = "google.protobuf.ListValue"
VALUE: Final = "google.protobuf.Value"
ANY: Final = "google.protobuf.Any"
NULL_VALUE: Final = "google.protobuf.NullValue"
HTTP_BODY: Final = "google.api.HttpBody"

# Message types whose JSON form is not that of their fields.
OPAQUE: Final = WRAPPERS | {TIMESTAMP, DURATION, FIELD_MASK, STRUCT, LIST_VALUE, VALUE, ANY}

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_map(field: FieldDescriptor) -> bool:
    """Whether a field is a map."""
    kind = field.message_type
    return kind is not None and field.is_repeated and kind.GetOptions().map_entry


def is_null_value(field: FieldDescriptor) -> bool:
    """Whether JSON null is a value of the field, and does not mean its absence."""
    if field.message_type is not None:
        return field.message_type.full_name == VALUE
    return field.enum_type is not None and field.enum_type.full_name == NULL_VALUE


def field_named(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    """A field by its name in the .proto file, else by its JSON name."""
    found = descriptor.fields_by_name.get(name)
    if found is None:
        found = descriptor.fields_by_camelcase_name.get(name)
        if found is not None and found.json_name != name:
            found = None
    if found is None:
        found = next((f for f in descriptor.fields if f.json_name == name), None)
    return found


def member(path: str, name: str) -> str:
    """The path of a member of an object: `pay.minMinor`, or `pay["a.b"]` for an odd name."""
    if not _PLAIN.fullmatch(name):
        return f"{path}{_quoted(name)}"
    return f"{path}.{name}" if path else name


def item(path: str, key: int | str) -> str:
    """The path of an element of a list or of a map: `scopes[2]`, `labels["team"]`."""
    return f"{path}[{key}]" if isinstance(key, int) else f"{path}{_quoted(key)}"


def _quoted(name: str) -> str:
    shown = name if len(name) <= 100 else f"{name[:100]}…"
    text = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{text}"]'
