"""Finds text that not every database can keep: PostgreSQL takes no U+0000, so no engine gets it.

Records of a feed are left to their own reading: what is wrong with one is said in its own outcome,
and never fails the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from xaigh_server.errors import FieldViolation

_RECORDS = frozenset({"google.protobuf.Struct", "xaigh.ats.v1.NormalizedJob"})
_DESCRIPTION = "Must not contain U+0000."


def unstorable(message: Message) -> list[FieldViolation]:
    """A violation for each text with U+0000 in it, by its path in JSON."""
    # One search through the bytes spares nearly every message the walk.
    if b"\0" not in message.SerializePartialToString():
        return []
    return [FieldViolation(path=path, description=_DESCRIPTION) for path in _walk(message, "")]


def _walk(message: Message, prefix: str) -> Iterator[str]:
    for field, value in message.ListFields():
        path = prefix + field.json_name
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            for key in sorted(value):
                yield from _single(key, path)
                yield from _single(value[key], f"{path}[{_shown(key)}]")
        elif kind is not None and kind.full_name in _RECORDS:
            continue
        elif field.is_repeated and field.type in (_STRING, _MESSAGE):
            for index, item in enumerate(value):
                yield from _single(item, f"{path}[{index}]")
        else:
            yield from _single(value, path)


def _single(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, Message):
        yield from _walk(value, f"{path}.")


def _shown(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) else str(key)


_STRING = FieldDescriptor.TYPE_STRING
_MESSAGE = FieldDescriptor.TYPE_MESSAGE
