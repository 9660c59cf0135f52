"""When a failed call is tried again, and after how long."""

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
    """Tries again what did no harm, after a pause that grows and varies.

    Only calls that are safe to repeat are repeated: reads, methods that say so, and writes that
    carry an idempotency key, which the client makes by itself. `max_attempts=1` switches it off.
    """

    max_attempts: int = 5
    first_delay: float = 0.1
    """Seconds; doubled each time."""
    max_delay: float = 5.0

    def delay(self, error: ApiError, *, attempt: int, random: Random) -> float | None:
        """Seconds to wait after attempt number `attempt` (from 1); None means: give up."""
        if attempt >= self.max_attempts or not _may_pass(error):
            return None
        ceiling: float = min(self.max_delay, self.first_delay * 2 ** (attempt - 1))
        # Never less than half of the ceiling: clients that failed together come back apart.
        pause = ceiling * (0.5 + random() / 2)
        return max(pause, error.retry_after or 0.0)


def _may_pass(error: ApiError) -> bool:
    """True for a failure that another try may not meet."""
    match error:
        case UnavailableError():
            return True
        case RateLimitedError() | ConflictError():
            # Without a time to come back it is a lasting limit, or a real conflict.
            return error.retry_after is not None
        case InternalError():
            # Without a reason it came from the way: a connection that broke in the middle.
            return not error.reason
        case _:
            return False
