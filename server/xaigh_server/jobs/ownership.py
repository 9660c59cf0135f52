"""Who writes which field of a job, from the one declaration in the protos.

Paths are dotted, in the spelling of the protos: `job_content.title`. A field without an owner of
its own has that of the field it is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from google.protobuf.descriptor import Descriptor

from xaigh.options.v1 import options_pb2


class Owner(StrEnum):
    """The writers of fields."""

    CLIENT = "CLIENT"
    INTEGRATOR = "INTEGRATOR"
    SERVICE = "SERVICE"
    SERVER = "SERVER"


class Ownership:
    """The owners of a message's fields, by path."""

    def __init__(self, owners: Mapping[str, Owner]) -> None:
        """`owners` holds each path that declares one. ValueError: nobody owns anything."""
        if not owners:
            raise ValueError("no field declares an owner")
        self._owners = dict(owners)

    def __iter__(self) -> Iterator[tuple[str, Owner]]:
        """Each declaration, in the order of the protos."""
        return iter(self._owners.items())

    def owner_of(self, path: str) -> Owner | None:
        """The owner of a field, declared or inherited; None for a field whose parts differ."""
        while path:
            if path in self._owners:
                return self._owners[path]
            path = path.rpartition(".")[0]
        return None

    def owned_by(self, *owners: Owner) -> tuple[str, ...]:
        """The paths that these owners declare, in the order of the protos."""
        return tuple(path for path, owner in self._owners.items() if owner in owners)

    def parts(self, path: str) -> tuple[str, ...]:
        """The declared paths within a field; the field itself where it has one owner."""
        if path == "*":
            return tuple(self._owners)
        if self.owner_of(path) is not None:
            return (path,)
        return tuple(known for known in self._owners if known.startswith(path + "."))

    def touched(self, paths: Iterable[str], *owners: Owner) -> tuple[str, ...]:
        """What of these owners a mask names: the path as given, or the parts of a wider one."""
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
    """The owners of a message's fields.

    ValueError, naming the field: neither it nor any field in it has an owner, so nobody could say
    who writes it.
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
