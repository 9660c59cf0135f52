"""Interceptor that checks messages against the rules of their fields in the protos.

Ranges of times are checked first, for every method: protovalidate itself, and all code behind it,
can't compute with a time that is out of range. What holds for text in any field is in
`text_rules`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from google.protobuf.message import Message
from protovalidate import Validator, Violation

from xaigh_server.errors import FieldInvalid, FieldViolation
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import Refused
from xaigh_server.rpc.interceptor import Decoded, NextDecoded, Reply
from xaigh_server.rpc.text_rules import blank, unfit
from xaigh_server.rpc.timestamps import out_of_range


class Validate:
    """Refuses a message that breaks a rule, naming every field by its path in JSON."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator

    async def __call__(self, call_next: NextDecoded, request: Decoded, call: Call) -> Reply:
        check_repeated(call)
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
        if found := unfit(message):
            raise FieldInvalid(found)
        found = [_violation(each) for each in self._validator.collect_violations(message)]
        found += blank(message)
        if found:
            raise FieldInvalid(found)


def check_repeated(call: Call) -> None:
    """Refuses a second header of a kind of which the first would silently win."""
    for name, shown in _SINGLE:
        if len(call.headers(name)) > 1:
            why = f"Send one {shown} header, not several."
            raise Refused(
                "HEADER_INVALID", why, violations=[FieldViolation(path=shown, description=why)]
            )


_SINGLE = (("authorization", "Authorization"), ("x-status-token", "X-Status-Token"))


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
