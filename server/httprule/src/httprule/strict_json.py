"""Parser of JSON text into plain values, and the strict checks that JSON libraries omit.

The checks find fields under both their names, and several members of one oneof.

A client may send a field under its JSON name or under its name in the .proto file. If it sends
both, or one of them twice, or two members of a oneof, libraries let the last one win. A
`StrictChecker` finds all three in a parsed document. Most documents need no check: without a "_"
there can be no second spelling.
"""

from __future__ import annotations

import json
from typing import Any, Final

import jiter
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from httprule.errors import (
    DUPLICATE_MEMBER,
    MALFORMED_JSON,
    ONEOF_CONFLICT,
    TOO_DEEP,
    TOO_LARGE,
    InvalidArgument,
    Violation,
)
from httprule.fields import OPAQUE, is_map, is_null_value
from httprule.fields import item as item_path
from httprule.fields import member as member_path

MAX_VIOLATIONS: Final = 50


class _Member:
    """One field for the walk: its number, its oneof, and the checker of its messages."""

    __slots__ = ("is_map", "null_counts", "number", "oneof", "shape")

    def __init__(self, field: FieldDescriptor, shape: StrictChecker | None) -> None:
        self.number = field.number
        # A proto3 `optional` makes a oneof of one member, which nothing conflicts with.
        oneof = field.containing_oneof
        self.oneof = oneof.name if oneof is not None and len(oneof.fields) > 1 else None
        self.is_map = is_map(field)
        self.null_counts = is_null_value(field)
        self.shape = shape


class StrictChecker:
    """Checks documents of one message type. Checkers of recursive types refer to each other."""

    def __init__(self) -> None:
        self.members: dict[str, _Member] = {}
        self.is_opaque = False
        self.has_oneof = False
        self.has_odd_name = False
        self._always = False

    def seal(self) -> None:
        """Finds out once, after all checkers are linked, whether every document needs a check."""
        seen: set[int] = set()
        pending = [self]
        while pending:
            shape = pending.pop()
            if id(shape) in seen:
                continue
            seen.add(id(shape))
            self._always = self._always or shape.has_oneof or shape.has_odd_name
            pending.extend(m.shape for m in shape.members.values() if m.shape is not None)

    def needs_check(self, body: bytes) -> bool:
        """Whether a document of this type can hold a conflict."""
        return self._always or b"_" in body or b"\\u" in body

    def conflicts(self, tree: object) -> list[Violation]:
        """The conflicts of a parsed document, at most `MAX_VIOLATIONS`."""
        found: list[Violation] = []
        self._walk(tree, "", found)
        return found

    def prune(self, tree: object) -> object:
        """The document without the members that no field has."""
        if self.is_opaque or not isinstance(tree, dict):
            return tree
        kept: dict[str, object] = {}
        for key, value in tree.items():
            known = self.members.get(key)
            if known is not None:
                kept[key] = value if known.shape is None else known.shape._prune_held(known, value)
        return kept

    def _prune_held(self, known: _Member, value: object) -> object:
        if isinstance(value, list):
            return [self.prune(each) for each in value]
        if known.is_map and isinstance(value, dict):
            return {key: self.prune(each) for key, each in value.items()}
        return self.prune(value)

    def _walk(self, tree: object, path: str, found: list[Violation]) -> None:
        if not isinstance(tree, dict) or len(found) >= MAX_VIOLATIONS:
            return
        numbers: dict[int, str] = {}
        oneofs: dict[str, str] = {}
        for key, value in tree.items():
            known = self.members.get(key)
            if known is None:
                continue
            twin = numbers.setdefault(known.number, key)
            if twin != key:
                found.append(_twice(member_path(path, key), twin))
            if known.oneof is not None and (value is not None or known.null_counts):
                other = oneofs.setdefault(known.oneof, key)
                if other != key and twin == key:
                    found.append(_conflict(member_path(path, key), other))
            if known.shape is not None and value is not None:
                known.shape._descend(known, value, member_path(path, key), found)

    def _descend(self, known: _Member, value: object, path: str, found: list[Violation]) -> None:
        if isinstance(value, list):
            for index, each in enumerate(value):
                self._walk(each, item_path(path, index), found)
        elif known.is_map and isinstance(value, dict):
            for key, each in value.items():
                self._walk(each, item_path(path, key), found)
        else:
            self._walk(value, path, found)


class StrictCheckers:
    """The checkers of message types, each made once."""

    def __init__(self) -> None:
        self._shapes: dict[str, StrictChecker] = {}

    def of(self, descriptor: Descriptor) -> StrictChecker:
        """The checker of a type, with those of all types below it."""
        known = self._shapes.get(descriptor.full_name)
        if known is None:
            known = self._make(descriptor)
            known.seal()
        return known

    def _make(self, descriptor: Descriptor) -> StrictChecker:
        known = self._shapes.get(descriptor.full_name)
        if known is not None:
            return known
        shape = self._shapes[descriptor.full_name] = StrictChecker()
        if descriptor.full_name in OPAQUE:
            shape.is_opaque = True
            return shape
        for field in descriptor.fields:
            child = _walked_type(field)
            entry = _Member(field, None if child is None else self._make(child))
            shape.members[field.json_name] = entry
            shape.members[field.name] = entry
            shape.has_oneof = shape.has_oneof or entry.oneof is not None
            shape.has_odd_name = shape.has_odd_name or _is_odd(field)
        return shape


def duplicate_members(body: bytes) -> list[Violation]:
    """The members that occur twice in a document that is JSON otherwise."""
    found: list[Violation] = []
    try:
        tree = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return found
    _find_twice(tree, "", found)
    return found[:MAX_VIOLATIONS]


class _Pairs(list[tuple[str, Any]]):
    """The members of an object in order, with duplicates. Its type differs from an array's."""


def _find_twice(tree: object, path: str, found: list[Violation]) -> None:
    if isinstance(tree, _Pairs):
        seen: set[str] = set()
        for key, value in tree:
            here = member_path(path, key)
            if key in seen:
                found.append(_twice(here, key))
            seen.add(key)
            _find_twice(value, here, found)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            _find_twice(value, item_path(path, index), found)


def _walked_type(field: FieldDescriptor) -> Descriptor | None:
    """The message type to descend into; None for types with a JSON form of their own."""
    kind = field.message_type
    if kind is not None and is_map(field):
        kind = kind.fields_by_name["value"].message_type
    return None if kind is None or kind.full_name in OPAQUE else kind


def _is_odd(field: FieldDescriptor) -> bool:
    """Whether the two names of a field differ although neither has a "_"."""
    return field.json_name != field.name and "_" not in field.name and "_" not in field.json_name


def _twice(path: str, twin: str) -> Violation:
    text = "occurs twice" if path.endswith(twin) else f"names the same field as {twin!r}"
    return Violation(field=path, description=text, reason=DUPLICATE_MEMBER)


def _conflict(path: str, other: str) -> Violation:
    return Violation(
        field=path, description=f"cannot stand beside {other!r}", reason=ONEOF_CONFLICT
    )


MAX_DEPTH: Final = 100
MAX_VALUES: Final = 1_000_000


def parse_json(body: bytes, max_values: int = MAX_VALUES) -> object:
    """Parses one JSON document. Raises `InvalidArgument` for anything else.

    Refused: duplicate members, text after the document, NaN and Infinity, lone surrogates, invalid
    UTF-8, a byte order mark, more than `max_values` values, more than about 200 levels.
    """
    if may_hold_over(max_values, body):
        raise InvalidArgument.of("", f"the document holds over {max_values} values", TOO_LARGE)
    try:
        return jiter.from_json(
            body, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys"
        )
    except ValueError as error:
        text = str(error)
    except RecursionError:
        raise too_deep() from None
    if text.startswith("recursion limit"):
        raise too_deep()
    if text.startswith("Detected duplicate key"):
        found = duplicate_members(body)
        if found:
            raise InvalidArgument(tuple(found))
    raise InvalidArgument.of("", f"the document is not JSON: {text}", MALFORMED_JSON)


def may_hold_over(values: int, body: bytes) -> bool:
    """Whether a document may hold more than `values` values, by its length and punctuation."""
    # A value takes at least two bytes with its separator.
    if len(body) // 2 < values:
        return False
    return body.count(b",") + body.count(b"[") + body.count(b"{") > values


def too_deep() -> InvalidArgument:
    """The error of a document that nests too deep."""
    return InvalidArgument.of("", f"the document nests more than {MAX_DEPTH} levels", TOO_DEEP)
