"""Worker processes whose parsers break over what says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xaigh_server.ats.normalize import Normalizer
from xaigh_server.jobs import text as texts
from xaigh_server.worker_pool.pool import Limits

HANGS, EATS, HIDES = "hangs for ever", "eats all memory", "hides its id"
LIMITS = Limits(memory=700 * 1024 * 1024, seconds=0.3)


def break_over(said: str) -> None:
    """Runs without end, or takes memory without end, where a text says so."""
    if HANGS in said:
        while True:
            pass
    if EATS in said:
        held = []
        while True:
            held.append(bytearray(16 * 1024 * 1024))


def _before(run: Callable[..., Any], said: Callable[..., str]) -> Callable[..., Any]:
    def instead(*given: Any) -> Any:
        break_over(said(*given))
        return run(*given)

    return instead


def break_texts() -> None:
    """Makes this worker's cleaner of descriptions break."""
    clean = _before(texts.clean_description, lambda text, field: text)
    texts.clean_description = clean


def break_records() -> None:
    """Makes this worker's normalizer break, and its reader of ids."""
    normalizer: Any = Normalizer
    normalizer.normalize_all = _before(normalizer.normalize_all, lambda _, records: str(records))
    normalizer.unreadable = _before(
        normalizer.unreadable, lambda _, at, record, why: HANGS * (HIDES in str(record))
    )
