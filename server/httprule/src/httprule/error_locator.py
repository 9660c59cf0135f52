"""Locator of errors: names every fault of a refused JSON document by its path.

JSON libraries stop at the first fault and name a type, not a path. This second pass walks the
parsed document beside the descriptors and has the engine itself read each part, so that the two
never disagree. It does not descend into parts that the engine reads, and halves long lists. It runs
for refused documents only, stops at `MAX_VIOLATIONS`, and bounds the bytes that it has read again,
so that a fault at the end of a large document costs little more than the document itself.

It also corrects the one value that a library refuses wrongly: a `float` that rounds to the largest
float, as most printers write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from httprule.errors import INVALID_TYPE, INVALID_VALUE, OUT_OF_RANGE, UNKNOWN_FIELD, Violation
from httprule.fields import (
    DURATION,
    FIELD_MASK,
    LIST_VALUE,
    OPAQUE,
    STRUCT,
    TIMESTAMP,
    WRAPPERS,
    field_named,
    is_map,
    item,
    member,
)
from httprule.strict_json import MAX_VIOLATIONS

LARGEST_FLOAT: Final = 3.4028234663852886e38
# Halfway to the next power of two: below it, a number rounds to the largest float.
FLOAT_LIMIT: Final = 3.4028235677973366e38

# Bytes read again in search of faults, at most.
_WORK_TIMES: Final = 12
_WORK_FREE: Final = 1 << 20
_WORK_MOST: Final = 1 << 26

# A number as JSON writes it, bare or in quotes.
NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_F = FieldDescriptor
_INTEGERS: Final = {
    _F.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    _F.CPPTYPE_UINT32: (0, 2**32 - 1),
    _F.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    _F.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_FLOATS: Final = (_F.CPPTYPE_FLOAT, _F.CPPTYPE_DOUBLE)
_TEXTS: Final = {
    TIMESTAMP: "must be an RFC 3339 timestamp such as 2026-01-31T09:30:00Z",
    DURATION: "must be a duration in seconds such as 1.5s",
    FIELD_MASK: "must be a comma-separated list of field paths in lowerCamelCase",
}


class JsonProbe(Protocol):
    """The codec of a message type, as far as this pass needs it."""

    def probe(self, body: bytes) -> Exception | None:
        """The exception of the engine for a JSON document, or None."""


class ErrorLocator:
    """One pass over a document of `size` bytes. `codec_of` returns the codec of a message type.

    When the bound of work is reached, parts that were not read count as correct.
    """

    def __init__(self, codec_of: Callable[[Descriptor], JsonProbe], size: int) -> None:
        self._codec_of = codec_of
        self._work = min(_WORK_TIMES * size + _WORK_FREE, _WORK_MOST)
        self._found: list[Violation] = []

    def locate(self, descriptor: Descriptor, tree: object) -> tuple[object, list[Violation]]:
        """The corrected document, and every fault that remains."""
        corrected = self._message(descriptor, tree, "")
        return corrected, self._found

    def _message(self, descriptor: Descriptor, tree: object, path: str) -> object:
        if descriptor.full_name in OPAQUE:
            return self._well_known(descriptor, tree, path)
        if not isinstance(tree, dict):
            self._add(path, "must be an object", INVALID_TYPE)
            return tree
        corrected: dict[str, object] = {}
        for key, value in tree.items():
            field = field_named(descriptor, key)
            here = member(path, key)
            if self._is_full():
                break
            if field is None:
                self._add(here, "is not a known field", UNKNOWN_FIELD)
            elif value is None or self._passes(descriptor, {key: value}):
                corrected[key] = value
            else:
                corrected[key] = self._field(descriptor, field, key, value, here)
        return corrected

    def _field(
        self, owner: Descriptor, field: FieldDescriptor, key: str, value: object, path: str
    ) -> object:
        if is_map(field):
            return self._map(owner, field, key, value, path)
        if field.is_repeated:
            return self._list(owner, field, key, value, path)
        return self._single(field, value, path)

    def _single(self, field: FieldDescriptor, value: object, path: str) -> object:
        if field.message_type is not None:
            return self._message(field.message_type, value, path)
        if field.type == _F.TYPE_FLOAT and (number := _largest_float(value)) is not None:
            return number
        self._add(path, *fault(field, value))
        return value

    def _well_known(self, descriptor: Descriptor, value: object, path: str) -> object:
        """Checks a type with a JSON form of its own; a wrapper is checked as the type it wraps."""
        if self._passes(descriptor, value):
            return value
        if descriptor.full_name in WRAPPERS:
            return self._single(descriptor.fields_by_name["value"], value, path)
        if descriptor.full_name in _TEXTS:
            reason = INVALID_VALUE if isinstance(value, str) else INVALID_TYPE
            self._add(path, _TEXTS[descriptor.full_name], reason)
        elif descriptor.full_name == STRUCT and not isinstance(value, dict):
            self._add(path, "must be an object", INVALID_TYPE)
        elif descriptor.full_name == LIST_VALUE and not isinstance(value, list):
            self._add(path, "must be a list", INVALID_TYPE)
        else:
            self._add(path, f"is not a {descriptor.full_name}", INVALID_VALUE)
        return value

    def _list(
        self, owner: Descriptor, field: FieldDescriptor, key: str, value: object, path: str
    ) -> object:
        if not isinstance(value, list):
            self._add(path, "must be a list", INVALID_TYPE)
            return value
        corrected = list(value)
        for index in self._failing(value, lambda part: self._passes(owner, {key: part})):
            here = item(path, index)
            if value[index] is None:
                self._add(here, "must not be null", INVALID_TYPE)
            else:
                corrected[index] = self._single(field, value[index], here)
        return corrected

    def _map(
        self, owner: Descriptor, field: FieldDescriptor, key: str, value: object, path: str
    ) -> object:
        if not isinstance(value, dict):
            self._add(path, "must be an object", INVALID_TYPE)
            return value
        entry = field.message_type
        assert entry is not None
        corrected = dict(value)
        pairs = list(value.items())
        for index in self._failing(pairs, lambda part: self._passes(owner, {key: dict(part)})):
            name, held = pairs[index]
            corrected[name] = self._entry(entry, name, held, item(path, name))
        return corrected

    def _entry(self, entry: Descriptor, name: str, value: object, path: str) -> object:
        key_field = entry.fields_by_name["key"]
        if not self._passes(entry, {"key": _key_value(key_field, name)}):
            self._add(path, f"the key {fault(key_field, name)[0]}", INVALID_VALUE)
        elif value is None:
            self._add(path, "must not be null", INVALID_TYPE)
        else:
            return self._single(entry.fields_by_name["value"], value, path)
        return value

    def _failing(self, parts: list[Any], passes: Callable[[list[Any]], bool]) -> list[int]:
        """The indexes of the parts that fail, found by halving, at most `MAX_VIOLATIONS`."""
        failing: list[int] = []
        pending = [(0, len(parts))]
        while pending and len(failing) < MAX_VIOLATIONS:
            start, end = pending.pop()
            if start == end or passes(parts[start:end]):
                continue
            if end - start == 1:
                failing.append(start)
                continue
            middle = (start + end) // 2
            pending += [(middle, end), (start, middle)]
        return failing

    def _passes(self, descriptor: Descriptor, tree: object) -> bool:
        if self._work <= 0:
            return True
        body = dump(tree)
        self._work -= len(body)
        return self._codec_of(descriptor).probe(body) is None

    def _is_full(self) -> bool:
        return len(self._found) >= MAX_VIOLATIONS

    def _add(self, path: str, description: str, reason: str) -> None:
        if not self._is_full():
            self._found.append(Violation(field=path, description=description, reason=reason))


def dump(tree: object) -> bytes:
    """Prints plain values as JSON."""
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")


def fault(field: FieldDescriptor, value: object) -> tuple[str, str]:
    """The description and the reason of a refused scalar: its type, its range or its value."""
    kind = field.cpp_type
    if kind in _INTEGERS:
        low, high = _INTEGERS[kind]
        return f"must be an integer from {low} to {high}", _number_reason(value)
    if kind in _FLOATS:
        return f"must be a number that fits a {_float_name(field)}", _number_reason(value)
    if kind == _F.CPPTYPE_BOOL:
        return "must be true or false", _reason(value, bool)
    if kind == _F.CPPTYPE_ENUM:
        assert field.enum_type is not None
        return _one_of(field.enum_type), _reason(value, str, int, float)
    text = "must be base64" if field.type == _F.TYPE_BYTES else "must be a string"
    return text, _reason(value, str)


def _reason(value: object, *types: type) -> str:
    fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    return INVALID_VALUE if fits else INVALID_TYPE


def _number_reason(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return INVALID_TYPE
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        return INVALID_VALUE
    try:
        number = float(value)
    except OverflowError:
        return OUT_OF_RANGE
    return OUT_OF_RANGE if number.is_integer() or number in (_INF, -_INF) else INVALID_VALUE


_INF: Final = float("inf")


def _float_name(field: FieldDescriptor) -> str:
    return "float" if field.type == _F.TYPE_FLOAT else "double"


def _one_of(kind: EnumDescriptor) -> str:
    names = [value.name for value in kind.values]
    shown = ", ".join(names[:20])
    return f"must be one of {shown}" + (", …" if len(names) > 20 else "")


def _key_value(field: FieldDescriptor, name: str) -> object:
    """A map key as a field value; JSON writes boolean keys as text."""
    if field.cpp_type == _F.CPPTYPE_BOOL:
        return {"true": True, "false": False}.get(name, name)
    return name


def _largest_float(value: object) -> float | None:
    """The largest float with the sign of a number that rounds to it, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if LARGEST_FLOAT < abs(number) < FLOAT_LIMIT:
        return LARGEST_FLOAT if number > 0 else -LARGEST_FLOAT
    return None
