"""Retry schedule of a delivery, and pauses of a failing endpoint.

A delivery has nine repeats, the last one about 73 hours after the first attempt. An endpoint pauses
longer after each consecutive failure, up to five minutes, so that a receiver which is down with a
long queue gets an attempt now and then rather than one for each event.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MINUTE, _HOUR = 60.0, 3600.0
SCHEDULE = (
    5.0,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    18 * _HOUR,
    23 * _HOUR,
)
MAX_PAUSE = 5 * _MINUTE
MAX_RETRY_AFTER = 24 * _HOUR
JITTER = 0.1


def delay(step: int, random: Callable[[], float]) -> float | None:
    """Seconds between the `step`-th try, from 1, and the next one; None: there is no next one.

    `random` gives numbers from 0 up to 1. Jitter only lengthens, by a tenth at most.
    """
    if step > len(SCHEDULE):
        return None
    return SCHEDULE[step - 1] * (1 + JITTER * random())


def pause(failures: int, random: Callable[[], float]) -> float:
    """Seconds to pause an endpoint after `failures` consecutive failures, 1 or more.

    The first pause is shorter than the first repeat, so other deliveries go on meanwhile.
    """
    longest = min(MAX_PAUSE, 2.0 ** min(failures - 1, 30))
    return longest * (1 - JITTER * random())


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` asks for, a day at most; None where the value isn't valid."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), MAX_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), MAX_RETRY_AFTER)
