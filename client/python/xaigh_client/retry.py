"""Retry policy: which failures are retried, and after which delay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xaigh_client.errors import (
    ApiError,
    ConflictError,
    InternalError,
    RateLimitedError,
    UnavailableError,
)

Random = Callable[[], float]
"""A number from 0 to 1, like `random.random`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential backoff with jitter.

    Only calls that are safe to repeat are retried: reads, idempotent methods, and writes with an
    idempotency key, which the client makes by itself. `max_attempts=1` switches retries off.
    """

    max_attempts: int = 5
    first_delay: float = 0.1
    """Seconds; doubled for each attempt."""
    max_delay: float = 5.0

    def delay(self, error: ApiError, *, attempt: int, random: Random) -> float | None:
        """Returns the seconds after attempt number `attempt` (from 1); None: don't retry."""
        if attempt >= self.max_attempts or not _is_transient(error):
            return None
        ceiling: float = min(self.max_delay, self.first_delay * 2 ** (attempt - 1))
        # Jitter over the upper half: clients that failed together retry at different times.
        pause = ceiling * (0.5 + random() / 2)
        return max(pause, error.retry_after or 0.0)


def _is_transient(error: ApiError) -> bool:
    """True for a failure that a retry may not meet."""
    match error:
        case UnavailableError():
            return True
        case RateLimitedError() | ConflictError():
            # Without a RetryInfo it is a lasting limit, or a real conflict.
            return error.retry_after is not None
        case InternalError():
            # Without a reason no server sent it: a connection broke within a reply.
            return not error.reason
        case _:
            return False
