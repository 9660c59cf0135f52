"""Whether work grows in proportion to its input."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

FACTOR = 8
SLACK = 4  # a square would be 8 times the proportion
_FLOOR = 0.006  # seconds that say nothing
_TRIES = 5


def seconds(work: Callable[[Input], object], given: Input, rounds: int = 3) -> float:
    """Processor time of this thread, in the best of a few rounds."""
    spent = []
    for _ in range(rounds):
        began = time.thread_time()
        work(given)
        spent.append(time.thread_time() - began)
    return min(spent)


def assert_linear(
    work: Callable[[Input], object], make: Callable[[int], Input], size: int = 20_000
) -> None:
    """Eight times the input takes eight times the time, with a fourfold allowance.

    A busy machine slows single rounds, so the best times of several tries count. Work that grows
    faster than its input stays over the allowance in every try.
    """
    small, large = seconds(work, make(size)), float("inf")
    for _ in range(_TRIES):
        large = min(large, seconds(work, make(size * FACTOR)))
        if large <= max(small, _FLOOR) * FACTOR * SLACK:
            return
    raise AssertionError((small, large))
