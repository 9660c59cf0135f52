"""Records of a feed as plain Python values, out of the messages that carry them.

A Struct's numbers are doubles. Whole ones within 2^53 become integers, so that an id is read as it
was written; a larger one stays a double and is nobody's id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct, Value

_EXACT = 2.0**53
_READ: dict[str | None, Callable[[Value], Any]] = {
    None: lambda value: None,
    "null_value": lambda value: None,
    "number_value": lambda value: _number(value.number_value),
    "string_value": lambda value: value.string_value,
    "bool_value": lambda value: value.bool_value,
    "struct_value": lambda value: struct_to_dict(value.struct_value),
    "list_value": lambda value: _list(value.list_value),
}


def plain(record: Message) -> dict[str, Any]:
    """The object that a message stands for: a Struct, or a message of ours as its JSON."""
    return struct_to_dict(record) if isinstance(record, Struct) else message_to_dict(record)


def struct_to_dict(struct: Struct) -> dict[str, Any]:
    """The object that a Struct stands for."""
    read = _READ
    return {name: read[value.WhichOneof("kind")](value) for name, value in struct.fields.items()}


def message_to_dict(message: Message) -> dict[str, Any]:
    """The fields that are set in a message, by their JSON names; enums by their words."""
    return {field.json_name: _plain(field, value) for field, value in message.ListFields()}


def _list(values: ListValue) -> list[Any]:
    read = _READ
    found: list[Value] = list(values.values)
    return [read[value.WhichOneof("kind")](value) for value in found]


def _number(number: float) -> int | float:
    return int(number) if number.is_integer() and -_EXACT < number < _EXACT else number


def _plain(field: FieldDescriptor, value: Any) -> Any:
    if field.is_repeated:
        return [_single(field, item) for item in value]
    return _single(field, value)


def _single(field: FieldDescriptor, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return message_to_dict(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    return value
