"""Short names of methods: `GetJob`, or `OperationsService.GetJob` for a name that is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def by_short_name(methods: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    """Names methods shortly. Each comes with its full name, dotted or as a path, in order."""
    found: dict[str, T] = {}
    for full_name, method in methods:
        *_, service, name = full_name.replace("/", ".").split(".")
        found[f"{service}.{name}" if name in found else name] = method
    return found


def operation_id(short_name: str) -> str:
    """The `operationId` in OpenAPI of a method with a short name."""
    joined = short_name.replace(".", "")
    return joined[0].lower() + joined[1:]
