"""JSON printers of message types: closures composed once from descriptors.

A native library reads a message's wire form before it prints, and makes an object of every
submessage on the way. A printer takes the fields that are set out of the message as it is, by
`ListFields`, puts them under their JSON names into a dictionary, and has orjson write that in one
call. Each field has a converter, chosen when the printer is made, so a call looks nothing up but
the field itself.

Types whose JSON is not an object of their fields (`Struct`, `Any`, the wrappers, extendable
messages) are printed by another library; its text is put into the document unchanged.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from operator import itemgetter
from typing import Any, Final

import orjson
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule.fields import NULL_VALUE, OPAQUE, TIMESTAMP, is_map

Print = Callable[[Message], bytes]
# Makes what orjson prints of a value: of a message, of a scalar, of a whole list or map.
Convert = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE_SECONDS: Final = tuple(f"{second:02d}Z" for second in range(60))
_LONG: Final = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
_FLOATING: Final = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)


class Printers:
    """The printers of a set of message types, each made when it is first asked for.

    `fallback` makes the printer of a type whose JSON is not an object of its fields.
    """

    def __init__(self, fallback: Callable[[Descriptor], Print]) -> None:
        self._fallback = fallback
        self._converters: dict[str, Convert] = {}

    def of(self, descriptor: Descriptor) -> Print:
        """The printer of one type: compact JSON, members in the order of the .proto file."""
        if not _is_plain(descriptor):
            return self._fallback(descriptor)
        dumps, convert = orjson.dumps, self._message(descriptor)
        return lambda message: dumps(convert(message))

    def _message(self, descriptor: Descriptor) -> Convert:
        """The converter of a message type, made once."""
        known = self._converters.get(descriptor.full_name)
        if known is None:
            if descriptor.full_name == TIMESTAMP:
                known = _timestamp_converter(self._fallback(descriptor))
            elif _is_plain(descriptor):
                return self._fields(descriptor)
            else:
                known = _fragment_converter(self._fallback(descriptor))
            self._converters[descriptor.full_name] = known
        return known

    def _fields(self, descriptor: Descriptor) -> Convert:
        """The converter of a message whose JSON is an object of its fields.

        It is registered before its fields are converted, since types may contain themselves.
        """
        members: dict[FieldDescriptor, tuple[str, Convert | None]] = {}
        numbers = [field.number for field in descriptor.fields]
        is_sorted = numbers == sorted(numbers)
        convert = _object_converter(members) if is_sorted else _reordering_converter(members)
        self._converters[descriptor.full_name] = convert
        for field in descriptor.fields:
            members[field] = (field.json_name, self._field(field))
        return convert

    def _field(self, field: FieldDescriptor) -> Convert | None:
        """The converter of a field's whole value; None where orjson prints the value as it is."""
        if is_map(field):
            return self._map(field)
        single = self._single(field)
        if not field.is_repeated:
            return single
        if single is None:
            return itemgetter(slice(None))  # a list of the elements
        return lambda values: list(map(single, values))

    def _map(self, field: FieldDescriptor) -> Convert:
        assert field.message_type is not None
        key_field, value_field = field.message_type.fields
        text, single = _key_converter(key_field), self._single(value_field)
        if text is None and single is None:
            return dict
        text, single = text or _as_it_is, single or _as_it_is
        return lambda values: {text(key): single(value) for key, value in values.items()}

    def _single(self, field: FieldDescriptor) -> Convert | None:
        """The converter of one element of a field; None where orjson prints it as it is."""
        if field.message_type is not None:
            return self._message(field.message_type)
        if field.enum_type is not None:
            return _EnumNames(field.enum_type).__getitem__
        if field.type == FieldDescriptor.TYPE_BYTES:
            return _base64
        if field.cpp_type in _LONG:
            return str
        return _number if field.cpp_type in _FLOATING else None


def _is_plain(descriptor: Descriptor) -> bool:
    """Whether the JSON of a message is an object of its fields."""
    return descriptor.full_name not in OPAQUE and not descriptor.is_extendable


def _object_converter(members: dict[FieldDescriptor, tuple[str, Convert | None]]) -> Convert:
    """Puts the set fields of a message under their JSON names, by field number."""

    def convert(message: Message) -> dict[str, Any]:
        tree = {}
        for field, value in message.ListFields():
            name, value_converter = members[field]
            tree[name] = value if value_converter is None else value_converter(value)
        return tree

    return convert


def _reordering_converter(members: dict[FieldDescriptor, tuple[str, Convert | None]]) -> Convert:
    """The same in the order of the .proto file, where that is not the order of the numbers."""

    def convert(message: Message) -> dict[str, Any]:
        tree = {}
        for field, value in sorted(message.ListFields(), key=_place_in_file):
            name, value_converter = members[field]
            tree[name] = value if value_converter is None else value_converter(value)
        return tree

    return convert


def _place_in_file(listed: tuple[FieldDescriptor, Any]) -> int:
    return listed[0].index


class _EnumNames(dict[int, str | int | None]):
    """Names of an enum by number. A number without a name is printed as a number.

    Of several names for one number, the first one in the .proto file counts.
    """

    def __init__(self, descriptor: EnumDescriptor) -> None:
        is_null = descriptor.full_name == NULL_VALUE
        super().__init__(
            (each.number, None if is_null else each.name) for each in reversed(descriptor.values)
        )

    def __missing__(self, number: int) -> int:
        return number


def _key_converter(field: FieldDescriptor) -> Convert | None:
    """The converter of a map's keys to text; None for keys that are text."""
    if field.type == FieldDescriptor.TYPE_STRING:
        return None
    return _boolean_key if field.type == FieldDescriptor.TYPE_BOOL else str


def _boolean_key(key: bool) -> str:
    return "true" if key else "false"


def _as_it_is(value: Any) -> Any:
    return value


def _fragment_converter(print_: Print) -> Convert:
    return lambda message: orjson.Fragment(print_(message))


def _timestamp_converter(fallback: Print) -> Convert:
    """Prints timestamps from year 1 to 9999 of up to microseconds; `fallback` prints others."""

    def convert(message: Any) -> object:
        seconds, nanos = message.seconds, message.nanos
        try:
            minute = _minute(seconds // 60)
        except OverflowError:
            return orjson.Fragment(fallback(message))
        if not nanos:
            return minute + _WHOLE_SECONDS[seconds % 60]
        if nanos % 1_000 == 0 < nanos < 1_000_000_000:
            if nanos % 1_000_000:
                return f"{minute}{seconds % 60:02d}.{nanos // 1_000:06d}Z"
            return f"{minute}{seconds % 60:02d}.{nanos // 1_000_000:03d}Z"
        return orjson.Fragment(fallback(message))

    return convert


@lru_cache(maxsize=1024)
def _minute(since_epoch: int) -> str:
    """`2026-02-01T18:00:` for a minute since 1970. Times of many messages share few minutes."""
    return (_EPOCH + timedelta(minutes=since_epoch)).isoformat()[:17]


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def _number(value: float) -> float | str:
    """A number as JSON has it; protobuf writes the three that are not finite as text."""
    if isfinite(value):
        return value
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
