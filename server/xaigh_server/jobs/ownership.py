"""Owners of a job's fields, read from the field options of the protos.

Paths are dotted, in proto spelling: `job_content.title`. A field without an owner has the owner of
its parent field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from google.protobuf.descriptor import Descriptor

from xaigh.options.v1 import options_pb2


class Owner(StrEnum):
    """Writers of fields."""

    CLIENT = "CLIENT"
    INTEGRATOR = "INTEGRATOR"
    SERVICE = "SERVICE"
    SERVER = "SERVER"


class Ownership:
    """Owners of a message's fields by path."""

    def __init__(self, owners: Mapping[str, Owner]) -> None:
        """`owners` maps each declaring path. Raises ValueError if it is empty."""
        if not owners:
            raise ValueError("no field declares an owner")
        self._owners = dict(owners)

    def __iter__(self) -> Iterator[tuple[str, Owner]]:
        """Iterates over the declarations in proto order."""
        return iter(self._owners.items())

    def owner_of(self, path: str) -> Owner | None:
        """Returns a field's owner, declared or inherited; None where its parts differ."""
        while path:
            if path in self._owners:
                return self._owners[path]
            path = path.rpartition(".")[0]
        return None

    def owned_by(self, *owners: Owner) -> tuple[str, ...]:
        """Returns the paths declared by these owners, in proto order."""
        return tuple(path for path, owner in self._owners.items() if owner in owners)

    def parts(self, path: str) -> tuple[str, ...]:
        """Returns the declared paths within a field; the field itself where it has one owner."""
        if path == "*":
            return tuple(self._owners)
        if self.owner_of(path) is not None:
            return (path,)
        return tuple(known for known in self._owners if known.startswith(path + "."))

    def touched(self, paths: Iterable[str], *owners: Owner) -> tuple[str, ...]:
        """Returns the paths in a mask that these owners own; a wide path is split into parts."""
        found: dict[str, None] = {}
        for path in paths:
            for part in self.parts(path):
                if self.owner_of(part) in owners:
                    found[part] = None
        return tuple(found)


_OWNERS = {
    options_pb2.OWNER_CLIENT: Owner.CLIENT,
    options_pb2.OWNER_INTEGRATOR: Owner.INTEGRATOR,
    options_pb2.OWNER_SERVICE: Owner.SERVICE,
    options_pb2.OWNER_SERVER: Owner.SERVER,
}


def load_ownership(message: Descriptor) -> Ownership:
    """Reads the owners of a message's fields.

    Raises ValueError, naming the field, where a field and all of its parts lack an owner.
    """
    return Ownership(dict(_declared(message, "")))


def _declared(message: Descriptor, prefix: str) -> Iterator[tuple[str, Owner]]:
    for field in message.fields:
        path = f"{prefix}{field.name}"
        owner = _OWNERS.get(field.GetOptions().Extensions[options_pb2.owner])
        if owner is not None:
            yield path, owner
        elif field.message_type is None or field.is_repeated:
            raise ValueError(f"{message.full_name}.{field.name} has no owner")
        else:
            yield from _declared(field.message_type, f"{path}.")
