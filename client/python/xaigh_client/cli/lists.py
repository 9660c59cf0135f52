"""Small things that commands over lists share."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Repeated: TypeAlias = list[str] | None
"""An option that may be given several times."""


def take(items: Iterable[T], limit: int) -> list[T]:
    """The first so many, and no page more than that needs."""
    return list(islice(items, limit))
