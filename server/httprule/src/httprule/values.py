"""Readers of text: make the value of a field of a path variable or query parameter.

A value is written as in proto3 JSON, without the quotes: `true`, `-12`, `NaN`, an enum by name
or number, bytes in either base64 alphabet with or without padding, timestamps and durations in
their JSON form, wrappers as what they wrap, `Struct`, `ListValue` and `Value` as JSON text. Field
masks take paths in lowerCamelCase and in the names of the .proto file.
"""

from __future__ import annotations

import json
import re
import struct
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Final

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule.codec import Codec
from httprule.error_locator import FLOAT_LIMIT, LARGEST_FLOAT, fault
from httprule.errors import InvalidArgument
from httprule.fields import DURATION, FIELD_MASK, LIST_VALUE, STRUCT, TIMESTAMP, VALUE, WRAPPERS

# Raises ValueError for text that is no such value; the caller knows the name of the parameter.
Reader = Callable[[str], object]

_F = FieldDescriptor
_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BASE64: Final = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_MASK: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_UPPER: Final = re.compile(r"[A-Z]")
_NOT_FINITE: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_BITS: Final = {
    _F.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    _F.CPPTYPE_UINT32: (0, 2**32 - 1),
    _F.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    _F.CPPTYPE_UINT64: (0, 2**64 - 1),
}
# Message types that a parameter can set.
BINDABLE: Final = WRAPPERS | {TIMESTAMP, DURATION, FIELD_MASK, STRUCT, LIST_VALUE, VALUE}


def reader_of(field: FieldDescriptor, codec: Codec) -> Reader | None:
    """The reader of one element of a field; None where text cannot set it."""
    if field.message_type is not None:
        return _message_reader(field.message_type, codec)
    return _scalar_reader(field)


def invalid_text(field: FieldDescriptor, name: str, text: str) -> InvalidArgument:
    """The error of a reader that refused `text` for the parameter or variable `name`."""
    kind = field.message_type
    if kind is None:
        return InvalidArgument.of(name, *fault(field, text))
    if kind.full_name in WRAPPERS:
        return InvalidArgument.of(name, *fault(kind.fields_by_name["value"], text))
    return InvalidArgument.of(name, _EXPECTED[kind.full_name], "INVALID_VALUE")


_EXPECTED: Final = {
    TIMESTAMP: "must be an RFC 3339 timestamp such as 2026-01-31T09:30:00Z",
    DURATION: "must be a duration in seconds such as 1.5s",
    FIELD_MASK: "must be a comma-separated list of field paths",
    STRUCT: "must be a JSON object",
    LIST_VALUE: "must be a JSON array",
    VALUE: "must be a JSON value",
}


def _message_reader(kind: Descriptor, codec: Codec) -> Reader | None:
    name = kind.full_name
    if name in WRAPPERS:
        return _wrapper_reader(kind)
    if name == FIELD_MASK:
        return _mask_reader(kind)
    if name not in BINDABLE:
        return None
    of_kind = codec.of(kind)
    as_text = name in (TIMESTAMP, DURATION)

    def read(text: str) -> object:
        body = json.dumps(text) if as_text else text
        try:
            return of_kind.decode(body.encode())
        except InvalidArgument as error:
            raise ValueError(str(error)) from None

    return read


def _wrapper_reader(kind: Descriptor) -> Reader:
    wrapped = _scalar_reader(kind.fields_by_name["value"])
    new: type[Message] = message_factory.GetMessageClass(kind)
    return lambda text: new(value=wrapped(text))


def _scalar_reader(field: FieldDescriptor) -> Reader:
    kind = field.cpp_type
    if kind in _BITS:
        return _integer_reader(*_BITS[kind])
    if kind == _F.CPPTYPE_STRING:
        return _read_bytes if field.type == _F.TYPE_BYTES else _read_string
    if kind == _F.CPPTYPE_ENUM:
        assert field.enum_type is not None
        return _enum_reader(field.enum_type)
    if kind == _F.CPPTYPE_BOOL:
        return _read_bool
    return _read_float if field.type == _F.TYPE_FLOAT else _read_double


def _read_string(text: str) -> object:
    return text


def _read_bool(text: str) -> object:
    if text == "true":
        return True
    if text == "false":
        return False
    raise ValueError(text)


def _integer_reader(low: int, high: int) -> Reader:
    def read(text: str) -> object:
        number = int(text) if _INTEGER.fullmatch(text) else _integral(text)
        if low <= number <= high:
            return number
        raise ValueError(text)

    return read


def _integral(text: str) -> int:
    """An integer written as `1.0` or `1e3`, as JSON allows."""
    number = _read_double(text)
    if not number.is_integer() or abs(number) >= 2**64:
        raise ValueError(text)
    return int(number)


def _read_double(text: str) -> float:
    if text in _NOT_FINITE:
        return _NOT_FINITE[text]
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    number = float(text)
    if number in (_NOT_FINITE["Infinity"], _NOT_FINITE["-Infinity"]):
        raise ValueError(text)
    return number


def _read_float(text: str) -> float:
    number = _read_double(text)
    if LARGEST_FLOAT < abs(number) < FLOAT_LIMIT:
        return LARGEST_FLOAT if number > 0 else -LARGEST_FLOAT
    try:
        struct.pack("<f", number)
    except OverflowError:
        raise ValueError(text) from None
    return number


def _read_bytes(text: str) -> object:
    # An unescaped "+" of a query has become a space; base64 has no spaces.
    text = text.replace(" ", "-").replace("+", "-").replace("/", "_")
    if not _BASE64.fullmatch(text):
        raise ValueError(text)
    bare = text.rstrip("=")
    if len(bare) % 4 == 1:
        raise ValueError(text)
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _enum_reader(kind: EnumDescriptor) -> Reader:
    numbers = {value.name: value.number for value in kind.values}
    known = frozenset(numbers.values()) if kind.is_closed else None
    read_number = _integer_reader(-(2**31), 2**31 - 1)

    def read(text: str) -> object:
        number = numbers.get(text)
        if number is not None:
            return number
        if not _INTEGER.fullmatch(text):
            raise ValueError(text)
        given = read_number(text)
        if known is not None and given not in known:
            raise ValueError(text)
        return given

    return read


def _mask_reader(kind: Descriptor) -> Reader:
    new: type[Message] = message_factory.GetMessageClass(kind)

    def read(text: str) -> object:
        paths = text.split(",") if text else []
        if not all(_MASK.fullmatch(path) for path in paths):
            raise ValueError(text)
        return new(paths=[_UPPER.sub(lambda m: f"_{m.group().lower()}", path) for path in paths])

    return read
