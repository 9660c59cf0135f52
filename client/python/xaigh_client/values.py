"""Converter from plain Python values to messages, for the keyword arguments of calls.

A mapping stands for a message, `datetime` or RFC 3339 text for a Timestamp, `timedelta` or seconds
for a Duration, paths for a FieldMask, a mapping for a Struct, a name for an enum value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from google.protobuf import message_factory
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct
from google.protobuf.timestamp_pb2 import Timestamp

Time: TypeAlias = datetime | str | Timestamp
Span: TypeAlias = timedelta | float | Duration
Mask: TypeAlias = str | Iterable[str] | FieldMask
Json: TypeAlias = Mapping[str, Any] | Struct

M = TypeVar("M", bound=Message)

# Numbers in a Struct are doubles: a larger integer would be rounded.
_MAX_EXACT = 2**53


def build(message_type: type[M], given: Mapping[str, Any]) -> M:
    """Builds a message from field values; None leaves a field unset.

    Raises TypeError for an unknown field or a value of the wrong type, ValueError for an
    ambiguous value, for example a time without a zone.
    """
    descriptor = message_type.DESCRIPTOR
    present = {name: value for name, value in given.items() if value is not None}
    _check_oneofs(descriptor, present)
    values = {}
    for name, value in present.items():
        field = descriptor.fields_by_name.get(name)
        if field is None:
            raise TypeError(f"{descriptor.name} has no field {name!r}")
        values[name] = _field(field, value)
    return message_type(**values)


def timestamp(value: Time) -> Timestamp:
    """Converts to a Timestamp. Raises ValueError for a `datetime` without a zone."""
    if isinstance(value, Timestamp):
        return value
    result = Timestamp()
    if isinstance(value, str):
        result.FromJsonString(value)
    elif value.utcoffset() is None:
        raise ValueError("a datetime without a time zone; add one, for example timezone.utc")
    else:
        result.FromDatetime(value)
    return result


def duration(value: Span) -> Duration:
    """Converts seconds or a `timedelta` to a Duration."""
    if isinstance(value, Duration):
        return value
    result = Duration()
    result.FromTimedelta(value if isinstance(value, timedelta) else timedelta(seconds=value))
    return result


def struct(value: Json) -> Struct:
    """Converts a mapping to a Struct. An integer too large for a double becomes text."""
    if isinstance(value, Struct):
        return value
    result = Struct()
    result.update({str(key): _without_rounding(item) for key, item in value.items()})
    return result


def _field_mask(value: Mask) -> FieldMask:
    if isinstance(value, FieldMask):
        return value
    paths = value.split(",") if isinstance(value, str) else value
    return FieldMask(paths=[path.strip() for path in paths])


_CONVERTERS: dict[str, Any] = {
    "google.protobuf.Timestamp": timestamp,
    "google.protobuf.Duration": duration,
    "google.protobuf.FieldMask": _field_mask,
    "google.protobuf.Struct": struct,
}


def _check_oneofs(descriptor: Any, present: Mapping[str, Any]) -> None:
    for oneof in descriptor.oneofs:
        given = [field.name for field in oneof.fields if field.name in present]
        if len(given) > 1:
            raise TypeError(f"at most one of {', '.join(given)}")


def _field(field: Any, value: Any) -> Any:
    if not field.is_repeated:
        return _single(field, value)
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        of = entry.fields_by_name["value"]
        return {key: _single(of, item) for key, item in value.items()}
    if isinstance(value, str | bytes):
        raise TypeError(f"{field.name} takes several values: give a list, not one text")
    return [_single(field, item) for item in value]


def _single(field: Any, value: Any) -> Any:
    if field.message_type is None:
        return value
    converter = _CONVERTERS.get(field.message_type.full_name)
    if converter is not None:
        return converter(value)
    if isinstance(value, Mapping):
        return build(message_factory.GetMessageClass(field.message_type), value)
    return value


def _without_rounding(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_rounding(item) for key, item in value.items()}
    if isinstance(value, list | tuple | ListValue):
        return [_without_rounding(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _MAX_EXACT:
        return str(value)
    return value
