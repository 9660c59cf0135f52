"""Messages to JSON by functions compiled from their descriptors, one function a message type.

A native library has to read a message's wire form before it can print it, and makes an object of
every submessage on the way. A function written for the type takes the fields out of the message as
it is: no copy, no names looked up, and the text comes out of orjson in one go. The source of such a
function holds nothing but names of fields, quoted:

    def print0(message):
        tree = {}
        if value := message.job_id: tree['jobId'] = value
        if message.HasField('pay'): tree['pay'] = print1(message.pay)
        return tree

What isn't the sum of its fields in JSON (`Struct`, `Any`, the wrappers, whatever has extensions)
stays with the other library and is set into the document as it prints it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from keyword import iskeyword
from math import copysign, isfinite
from typing import Any, Final

import orjson
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule.fields import NULL_VALUE, OPAQUE, TIMESTAMP, is_map

Print = Callable[[Message], bytes]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE_SECONDS: Final = tuple(f"{second:02d}Z" for second in range(60))
_LONG: Final = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
_FLOATING: Final = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)


class Printers:
    """The printers of a set of message types, each made when it is first asked for.

    `otherwise` gives the printer of a type whose JSON isn't that of its fields.
    """

    def __init__(self, otherwise: Callable[[Descriptor], Print]) -> None:
        self._otherwise = otherwise
        self._functions: dict[str, str] = {}
        # What the functions see: each other, so that types may nest in themselves, and the helpers.
        self._names: dict[str, Any] = {
            "dumps": orjson.dumps,
            "base64": _base64,
            "number": _number,
            "is_negative": _is_negative,
        }

    def of(self, descriptor: Descriptor) -> Print:
        """The printer of one type: compact JSON, members in the order of the .proto file."""
        if not _is_plain(descriptor):
            return self._otherwise(descriptor)
        name = f"text{len(self._functions)}"
        self._define(name, descriptor, "dumps(tree)")
        printer: Print = self._names.pop(name)
        return printer

    def _function(self, descriptor: Descriptor) -> str:
        """The name of the function that makes a value for orjson of a message."""
        known = self._functions.get(descriptor.full_name)
        if known is not None:
            return known
        name = self._functions[descriptor.full_name] = f"print{len(self._functions)}"
        if descriptor.full_name == TIMESTAMP:
            self._names[name] = _timestamps(self._otherwise(descriptor))
        elif not _is_plain(descriptor):
            self._names[name] = _fragments(self._otherwise(descriptor))
        else:
            self._define(name, descriptor, "tree")
        return name

    def _define(self, name: str, descriptor: Descriptor, result: str) -> None:
        """Compile the function that takes a message of one type and gives a result of its tree."""
        lines = [self._line(field) for field in descriptor.fields]
        body = "\n    ".join(["tree = {}", *lines, f"return {result}"])
        code = compile(f"def {name}(message):\n    {body}\n", f"<{descriptor.full_name}>", "exec")
        exec(code, self._names)

    def _line(self, field: FieldDescriptor) -> str:
        """The statement that prints one field, if it is there."""
        put = f"tree[{field.json_name!r}] ="
        got = f"message.{field.name}"
        if iskeyword(field.name):
            got = f"getattr(message, {field.name!r})"
        if is_map(field):
            return f"if values := {got}: {put} {self._map(field)}"
        if field.is_repeated:
            value = self._value(field)
            items = "values[:]" if value == "value" else f"[{value} for value in values]"
            return f"if values := {got}: {put} {items}"
        if field.has_presence:
            return f"if message.HasField({field.name!r}): value = {got}; {put} {self._value(field)}"
        there = f"(value := {got})"
        if field.cpp_type in _FLOATING:
            there = f"{there} or is_negative(value)"
        return f"if {there}: {put} {self._value(field)}"

    def _map(self, field: FieldDescriptor) -> str:
        assert field.message_type is not None
        key_field, value_field = field.message_type.fields
        key = "str(key)"
        if key_field.type == FieldDescriptor.TYPE_STRING:
            key = "key"
        elif key_field.type == FieldDescriptor.TYPE_BOOL:
            key = "str(key).lower()"
        return f"{{{key}: {self._value(value_field)} for key, value in values.items()}}"

    def _value(self, field: FieldDescriptor) -> str:
        """The expression of one `value` of the field's kind."""
        if field.message_type is not None:
            return f"{self._function(field.message_type)}(value)"
        if field.enum_type is not None:
            return f"{self._enum(field.enum_type)}.get(value, value)"
        if field.type == FieldDescriptor.TYPE_BYTES:
            return "base64(value)"
        if field.cpp_type in _LONG:
            return "str(value)"
        return "number(value)" if field.cpp_type in _FLOATING else "value"

    def _enum(self, descriptor: EnumDescriptor) -> str:
        """The name of the table from numbers to names; of several names the first one counts."""
        known = self._functions.get(descriptor.full_name)
        if known is None:
            known = self._functions[descriptor.full_name] = f"names{len(self._functions)}"
            is_null = descriptor.full_name == NULL_VALUE
            self._names[known] = {
                each.number: None if is_null else each.name for each in reversed(descriptor.values)
            }
        return known


def _is_plain(descriptor: Descriptor) -> bool:
    """Whether the JSON of a message is that of its fields."""
    return descriptor.full_name not in OPAQUE and not descriptor.is_extendable


def _fragments(print_: Print) -> Callable[[Message], object]:
    return lambda message: orjson.Fragment(print_(message))


def _timestamps(otherwise: Print) -> Callable[[Any], object]:
    """Timestamps within years 1 to 9999; whatever else one holds is up to the other library."""

    def timestamp(message: Any) -> object:
        seconds, nanos = message.seconds, message.nanos
        try:
            minute = _minute(seconds // 60)
        except OverflowError:
            return orjson.Fragment(otherwise(message))
        if not nanos:
            return minute + _WHOLE_SECONDS[seconds % 60]
        if nanos % 1_000 == 0 < nanos < 1_000_000_000:
            if nanos % 1_000_000:
                return f"{minute}{seconds % 60:02d}.{nanos // 1_000:06d}Z"
            return f"{minute}{seconds % 60:02d}.{nanos // 1_000_000:03d}Z"
        return orjson.Fragment(otherwise(message))

    return timestamp


@lru_cache(maxsize=1024)
def _minute(since_epoch: int) -> str:
    """`2026-02-01T18:00:`; the times of many messages lie in few minutes."""
    return (_EPOCH + timedelta(minutes=since_epoch)).isoformat()[:17]


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def _number(value: float) -> float | str:
    """JSON has no name for what isn't finite; protobuf has three."""
    if isfinite(value):
        return value
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _is_negative(value: float) -> bool:
    """Tells -0.0, which is not the default, from 0.0."""
    return copysign(1.0, value) < 0
