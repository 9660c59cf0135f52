"""Field mask of a JSON document: the paths of the fields that it names.

A PATCH without an `update_mask` changes the fields that the client sent, nulls included. Paths
descend into messages and stop at lists, maps and types with a JSON form of their own. They have the
names of the .proto file and are sorted.
"""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor

from httprule.errors import INVALID_TYPE, InvalidArgument
from httprule.fields import OPAQUE, field_named


def mask_paths(descriptor: Descriptor, tree: object) -> list[str]:
    """The sorted paths that a document names. Unknown members are left out.

    Raises `InvalidArgument` for an object where a field holds a scalar.
    """
    found: list[str] = []
    _collect(descriptor, tree, "", found)
    return sorted(set(found))


def _collect(descriptor: Descriptor, tree: object, prefix: str, found: list[str]) -> None:
    if not isinstance(tree, dict):
        return
    for key, value in tree.items():
        field = field_named(descriptor, key)
        if field is None:
            continue
        path = f"{prefix}{field.name}"
        kind = field.message_type
        if kind is None and not field.is_repeated and isinstance(value, dict):
            raise InvalidArgument.of(path, "must not be an object", INVALID_TYPE)
        goes_on = kind is not None and not field.is_repeated and kind.full_name not in OPAQUE
        if goes_on and isinstance(value, dict) and value:
            assert kind is not None
            _collect(kind, value, f"{path}.", found)
        else:
            found.append(path)
