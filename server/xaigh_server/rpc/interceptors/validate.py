"""Interceptor that checks messages against the rules of their fields in the protos.

Ranges of times are checked first, for every method: protovalidate itself, and all code behind it,
can't compute with a time that is out of range. Text that no database can store is checked last.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from protovalidate import Validator, Violation

from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Decoded, NextDecoded, Reply
from xaigh_server.rpc.timestamps import out_of_range

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


class Validate:
    """Refuses a message that breaks a rule, naming every field by its path in JSON."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator

    async def __call__(self, call_next: NextDecoded, request: Decoded, call: Call) -> Reply:
        if call.method.client_streaming:
            return await call_next(self._each(cast(AsyncIterator[Message], request)), call)
        self._check(cast(Message, request))
        return await call_next(request, call)

    async def _each(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        async for request in requests:
            self._check(request)
            yield request

    def _check(self, message: Message) -> None:
        if times := out_of_range(message):
            raise FieldInvalid([FieldViolation(path=at, description=why) for at, why in times])
        violations = self._validator.collect_violations(message)
        if violations:
            raise FieldInvalid([_violation(violation) for violation in violations])
        if found := unstorable(message):
            raise FieldInvalid(found)


def _violation(violation: Violation) -> FieldViolation:
    path = "".join(_steps(violation)).removeprefix(".")
    # The rules' own sentences begin with "value"; what is meant is the field.
    text = violation.proto.message or "breaks its rule"
    return FieldViolation(path=path, description=text[:1].upper() + text[1:] + ".")


def _steps(violation: Violation) -> list[str]:
    steps: list[str] = []
    path = violation.proto.field
    for element in path.elements if path is not None else ():
        steps.append("." + json_name(element.field_name))
        subscript = element.subscript
        if subscript is not None:
            key = subscript.value
            steps.append(f'["{key}"]' if isinstance(key, str) else f"[{key}]")
    return steps


def json_name(field_name: str) -> str:
    """The JSON name that the protobuf specification derives from a field's name."""
    head, *rest = field_name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
