"""Waiting for something to become so, with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_SECONDS = 15.0


def until(holds: Callable[[], bool], what: str) -> None:
    """Looks again and again. AssertionError, naming it, for what doesn't come about."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"this never came about: {what}"
        time.sleep(0.02)
