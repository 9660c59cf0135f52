"""Detached fields: lists of Structs that a request carries as plain values outside of its message.

A `google.protobuf.Struct` is a tree of messages, two for each of its values. The list of a detached
field reaches the backend as the plain values that such trees would hold, and the field of the
message stays empty. A list with unusual values stays in the message, so that the JSON library
decides on every fault and every limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any, Final, TypeAlias, TypeGuard

from google.protobuf.descriptor import Descriptor

DetachedLists: TypeAlias = dict[str, list[dict[str, Any]]]
"""Lists of objects by the name of their field. Whole numbers within 2^53 are integers, others are
doubles, as in a Struct."""

_EXACT: Final = 2**53
_DEEPEST: Final = 16  # the wire form of a Struct is bounded at about twice as many levels
_STRUCT: Final = "google.protobuf.Struct"


class _UnsupportedShape(Exception):
    """The list has to stay in its message."""


def detached_field_names(descriptor: Descriptor, declared: Iterable[str]) -> tuple[str, ...]:
    """The names of the detached fields of a message. `declared` are full names.

    Raises ValueError for one that isn't a list of Structs, or has a second name in JSON.
    """
    names = []
    for full_name in declared:
        owner, _, name = full_name.rpartition(".")
        if owner != descriptor.full_name:
            continue
        field = descriptor.fields_by_name.get(name)
        kind = None if field is None else field.message_type
        if field is None or kind is None or kind.full_name != _STRUCT or not field.is_repeated:
            raise ValueError(f"{full_name} is not a list of Structs")
        if field.json_name != name:
            raise ValueError(f"{full_name} has a second name in JSON")
        names.append(name)
    return tuple(names)


def extract_struct_lists(tree: Any, names: Iterable[str]) -> DetachedLists:
    """The lists of these names in a document; none where one of them has to stay in its message.

    Normalizes the numbers of the lists in place. The document keeps its members.
    """
    found: DetachedLists = {}
    if not isinstance(tree, dict):
        return found
    for name in names:
        objects = tree.get(name)
        if objects is None:
            continue
        if not _normalize_numbers(objects):
            return {}
        found[name] = objects
    return found


def _normalize_numbers(objects: Any) -> TypeGuard[list[dict[str, Any]]]:
    """Replaces the numbers in a list of objects, in place, by those that Structs would hold.

    Returns False where the value is no such list, or has to stay in its message.
    """
    if not isinstance(objects, list) or not all(type(each) is dict for each in objects):
        return False
    try:
        for each in objects:
            _normalize(each, 1)
    except (_UnsupportedShape, OverflowError):
        return False
    return True


def _normalize(value: Any, depth: int) -> None:
    """Replaces the numbers in an object or a list, at any depth."""
    if depth > _DEEPEST:
        raise _UnsupportedShape
    members = value.items() if type(value) is dict else enumerate(value)
    for place, member in members:
        kind = type(member)
        if kind is str or member is None or kind is bool:
            continue
        if kind is dict or kind is list:
            _normalize(member, depth + 1)
        elif kind is float or not -_EXACT < member < _EXACT:
            value[place] = _number(member)


def _number(value: float) -> float:
    """A number as a double holds it. Raises OverflowError, _UnsupportedShape for infinity."""
    double = float(value)
    if not isfinite(double):
        raise _UnsupportedShape
    return int(double) if double.is_integer() and -_EXACT < double < _EXACT else double
