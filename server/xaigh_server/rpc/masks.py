"""Field masks: the leaves of a message that a change names, and functions that copy them.

Paths are dotted and use the names of the protos; texts for callers use those of JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from xaigh_server.errors import FieldInvalid, FieldViolation

EVERYTHING = "*"


def named_paths(mask: FieldMask, message: Message) -> tuple[str, ...]:
    """What a mask names; without one, the fields that are set in the message.

    FieldInvalid: a path leads to no field, or past a list, a map or a single value.
    """
    if not mask.paths:
        return tuple(_set_paths(message, ""))
    unknown = [path for path in mask.paths if path != EVERYTHING and not _leads(message, path)]
    if unknown:
        raise FieldInvalid(
            [
                FieldViolation(path="updateMask", description=f"No such field: {p!r}.")
                for p in unknown
            ]
        )
    return tuple(dict.fromkeys(mask.paths))


def leaves(message: Descriptor, path: str) -> tuple[str, ...]:
    """The writable leaves at and under a path: messages that can be written whole are leaves.

    A leaf that only the server writes isn't among them, unless the path names it itself.
    """
    field = field_at(message, path)
    if field is None or field.message_type is None or _whole(field):
        return (path,)
    return tuple(_inner(field.message_type, path))


def output_only(message: Descriptor, path: str) -> bool:
    """Whether a path names, or leads through, a field that only the server writes."""
    steps = path.split(".")
    prefixes = (".".join(steps[: n + 1]) for n in range(len(steps)))
    return any(_is_output(field_at(message, prefix)) for prefix in prefixes)


@lru_cache(maxsize=1024)
def field_at(message: Descriptor, path: str) -> FieldDescriptor | None:
    """The field that a path leads to, or None."""
    found: FieldDescriptor | None = None
    inside: Descriptor | None = message
    for step in path.split("."):
        found = None if inside is None else inside.fields_by_name.get(step)
        if found is None:
            return None
        singular = found.type == FieldDescriptor.TYPE_MESSAGE and not found.is_repeated
        inside = found.message_type if singular else None
    return found


def json_path(message: Descriptor, path: str) -> str:
    """A path in the spelling of JSON: `jobContent.title`."""
    steps = path.split(".")
    fields = (field_at(message, ".".join(steps[: n + 1])) for n in range(len(steps)))
    return ".".join(
        step if field is None else field.json_name
        for step, field in zip(steps, fields, strict=True)
    )


def carry(source: Message, target: Message, paths: Iterable[str]) -> list[str]:
    """Makes each path of the target what it is in the source. Returns those that changed.

    What isn't set in the source is cleared in the target.
    """
    return [path for path in paths if _carry(source, target, path.split("."))]


def _carry(source: Message, target: Message, steps: list[str]) -> bool:
    *parents, name = steps
    for parent in parents:
        if not target.HasField(parent) and not source.HasField(parent):
            return False
        source, target = getattr(source, parent), getattr(target, parent)
    field = target.DESCRIPTOR.fields_by_name[name]
    if _same(source, target, field):
        return False
    target.ClearField(name)
    if field.is_repeated:
        getattr(target, name).MergeFrom(getattr(source, name))
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        if source.HasField(name):
            getattr(target, name).CopyFrom(getattr(source, name))
    elif not field.has_presence or source.HasField(name):
        setattr(target, name, getattr(source, name))
    return True


def _same(source: Message, target: Message, field: Any) -> bool:
    if field.has_presence and source.HasField(field.name) != target.HasField(field.name):
        return False
    return bool(getattr(source, field.name) == getattr(target, field.name))


def _set_paths(message: Message, prefix: str) -> Iterator[str]:
    for field, value in message.ListFields():
        path = f"{prefix}{field.name}"
        if field.is_repeated or field.type != FieldDescriptor.TYPE_MESSAGE or _whole(field):
            yield path
            continue
        inner = list(_set_paths(value, f"{path}."))
        yield from inner or [path]


def _leads(message: Message, path: str) -> bool:
    return field_at(message.DESCRIPTOR, path) is not None


def _inner(message: Descriptor, path: str) -> Iterator[str]:
    for field in message.fields:
        if _is_output(field):
            continue
        inside = f"{path}.{field.name}"
        if field.message_type is None or _whole(field):
            yield inside
        else:
            yield from _inner(field.message_type, inside)


@lru_cache(maxsize=1024)
def _whole(field: FieldDescriptor) -> bool:
    """Whether a field is carried over in one piece: nothing inside of it is the server's."""
    if field.is_repeated or field.message_type is None:
        return True
    if field.message_type.file.package == "google.protobuf":
        return True
    return not any(_is_output(f) or not _whole(f) for f in field.message_type.fields)


@lru_cache(maxsize=1024)
def _is_output(field: FieldDescriptor | None) -> bool:
    if field is None:
        return False
    # The stubs of google.api type the extension as a plain descriptor.
    extension: Any = field_behavior_pb2.field_behavior
    behaviors: Any = field.GetOptions().Extensions[extension]
    return field_behavior_pb2.OUTPUT_ONLY in behaviors
