"""A poller: asks for a condition until it holds, up to a limit."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_SECONDS = 30.0


def until(holds: Callable[[], bool], what: str) -> None:
    """Returns once `holds()` is true. Raises AssertionError, naming `what`, after the limit."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"this never came about: {what}"
        time.sleep(0.02)
