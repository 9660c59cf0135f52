"""Timestamps and Durations of messages: their conversion to datetime, and their ranges.

Both are pairs of integers on the wire, and most pairs are no valid time: JSON can't print them and
datetime can't hold them. `out_of_range` finds them in requests, which are refused. `clamp` replaces
them in rows that earlier builds stored by the nearest valid time, so that sorting and conversion
work.

The fields of a message type that can hold a time are computed once; for a type without any, both
functions cost one dictionary access.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def set_time(field: Timestamp, time: datetime | None) -> None:
    """Sets a Timestamp field; None leaves it absent."""
    if time is not None:
        since = time - _EPOCH
        field.seconds = since.days * 86_400 + since.seconds
        field.nanos = since.microseconds * 1000


def get_time(message: Any, name: str) -> datetime | None:
    """The time in a Timestamp field, in UTC; None where it is absent."""
    if not message.HasField(name):
        return None
    stamp: Timestamp = getattr(message, name)
    return stamp.ToDatetime(tzinfo=UTC)


TIMESTAMP = "google.protobuf.Timestamp"
DURATION = "google.protobuf.Duration"

_FIRST_SECOND = -62_135_596_800  # 0001-01-01T00:00:00Z
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_LONGEST = 315_576_000_000  # seconds, about 10,000 years
_LAST_NANO = 999_999_999

_RULES = {
    TIMESTAMP: "Must be a time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, "
    "with nanos from 0 to 999999999.",
    DURATION: "Must be at most 315576000000 seconds either way, with nanos from -999999999 to "
    "999999999 and of the same sign.",
}


class TimeField(NamedTuple):
    """A field that is a time (`kind` is its type's name) or can hold one (`kind` is empty)."""

    name: str
    json_name: str
    kind: str
    is_map: bool
    is_list: bool


def out_of_range(message: Message) -> list[tuple[str, str]]:
    """Lists the JSON path of each invalid time in the message, with the rule that it breaks."""
    if not fields_with_times(message.DESCRIPTOR):
        return []
    return [(path, _RULES[kind]) for path, kind, _ in _wrong_times(message, "")]


def clamp(message: Message) -> None:
    """Replaces each invalid time in the message by the nearest valid one."""
    if fields_with_times(message.DESCRIPTOR):
        for _, kind, time in _wrong_times(message, ""):
            _CLAMPS[kind](time)


@cache
def fields_with_times(kind: Descriptor) -> tuple[TimeField, ...]:
    """Returns the fields of a message type that are times or can hold one at any depth."""
    return tuple(
        _time_field(field, field.message_type)
        for field in kind.fields
        if field.message_type is not None and _reaches_time(field.message_type)
    )


def _time_field(field: FieldDescriptor, kind: Descriptor) -> TimeField:
    is_map = kind.GetOptions().map_entry
    held = kind.fields_by_name["value"].message_type if is_map else kind
    assert held is not None  # a map that reaches a time does so by its values
    return TimeField(
        name=field.name,
        json_name=field.json_name,
        kind=held.full_name if held.full_name in _RULES else "",
        is_map=is_map,
        is_list=field.is_repeated,
    )


def _reaches_time(kind: Descriptor) -> bool:
    seen, waiting = {kind.full_name}, [kind]
    while waiting:
        current = waiting.pop()
        if current.full_name in _RULES:
            return True
        for field in current.fields:
            inner = field.message_type
            if inner is not None and inner.full_name not in seen:
                seen.add(inner.full_name)
                waiting.append(inner)
    return False


def _wrong_times(message: Message, prefix: str) -> Iterator[tuple[str, str, Any]]:
    for field in fields_with_times(message.DESCRIPTOR):
        if not (field.is_list or message.HasField(field.name)):
            continue
        value = getattr(message, field.name)
        for at, each in _items(field, value) if field.is_list else (("", value),):
            if not field.kind:
                yield from _wrong_times(each, f"{prefix}{field.json_name}{at}.")
            elif not _IS_VALID[field.kind](each.seconds, each.nanos):
                yield f"{prefix}{field.json_name}{at}", field.kind, each


def _items(field: TimeField, value: Any) -> Iterable[tuple[str, Any]]:
    if field.is_map:
        return ((f'["{key}"]' if isinstance(key, str) else f"[{key}]", value[key]) for key in value)
    return ((f"[{index}]", each) for index, each in enumerate(value))


def _is_timestamp(seconds: int, nanos: int) -> bool:
    return _FIRST_SECOND <= seconds <= _LAST_SECOND and 0 <= nanos <= _LAST_NANO


def _is_duration(seconds: int, nanos: int) -> bool:
    is_one_sign = not (seconds > 0 > nanos or seconds < 0 < nanos)
    return abs(seconds) <= _LONGEST and abs(nanos) <= _LAST_NANO and is_one_sign


def _clamp_timestamp(time: Any) -> None:
    if time.seconds < _FIRST_SECOND:
        time.seconds, time.nanos = _FIRST_SECOND, 0
    elif time.seconds > _LAST_SECOND:
        time.seconds, time.nanos = _LAST_SECOND, _LAST_NANO
    else:
        time.nanos = min(max(time.nanos, 0), _LAST_NANO)


def _clamp_duration(time: Any) -> None:
    seconds = min(max(time.seconds, -_LONGEST), _LONGEST)
    lowest, highest = (-_LAST_NANO if seconds <= 0 else 0), (_LAST_NANO if seconds >= 0 else 0)
    time.seconds, time.nanos = seconds, min(max(time.nanos, lowest), highest)


_IS_VALID = {TIMESTAMP: _is_timestamp, DURATION: _is_duration}
_CLAMPS = {TIMESTAMP: _clamp_timestamp, DURATION: _clamp_duration}
