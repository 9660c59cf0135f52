"""Who writes which field of a job, from the one declaration in the protos.

Paths are dotted, in the spelling of the protos: `job_content.title`. A field without an owner of
its own has that of the field it is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum


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
