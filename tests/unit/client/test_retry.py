"""When another try is made."""

from __future__ import annotations

import pytest

from xaigh_client import errors
from xaigh_client.errors import ApiError, Failure
from xaigh_client.retry import RetryPolicy


def _error(kind: type[ApiError], *, reason: str = "", after: float | None = None) -> ApiError:
    return kind(Failure(message="no", reason=reason, retry_after=after))


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (_error(errors.UnavailableError), True),
        (_error(errors.UnavailableError, reason="SHUTTING_DOWN"), True),
        (_error(errors.RateLimitedError, reason="RATE_LIMITED", after=1), True),
        (_error(errors.RateLimitedError, reason="QUOTA_EXCEEDED"), False),
        (_error(errors.ConflictError, reason="RUN_IN_PROGRESS", after=1), True),
        (_error(errors.ConflictError, reason="ETAG_MISMATCH"), False),
        (_error(errors.InternalError), True),
        (_error(errors.InternalError, reason="INTERNAL"), False),
        (_error(errors.DeadlineExceededError), False),
        (_error(errors.CancelledError), False),
        (_error(errors.InvalidArgumentError, reason="FIELD_INVALID"), False),
        (_error(errors.UnauthenticatedError, reason="KEY_REVOKED"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: ApiError, again: bool) -> None:
    """A lasting refusal isn't repeated; a broken way, a restart, a limit with a time are."""
    delay = RetryPolicy().delay(error, attempt=1, random=lambda: 0.5)
    assert (delay is not None) == again


def test_pauses_grow_and_are_capped() -> None:
    """Each doubles the one before, up to the largest."""
    policy = RetryPolicy(max_attempts=10, first_delay=1, max_delay=5)
    error = _error(errors.UnavailableError)
    pauses = [policy.delay(error, attempt=n, random=lambda: 1.0) for n in range(1, 6)]
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_pauses_vary() -> None:
    """Clients that failed together don't come back together."""
    policy = RetryPolicy(first_delay=1)
    error = _error(errors.UnavailableError)
    assert policy.delay(error, attempt=1, random=lambda: 0.0) == 0.5
    assert policy.delay(error, attempt=1, random=lambda: 1.0) == 1.0


def test_the_servers_time_is_kept() -> None:
    """Coming back earlier would only be refused again."""
    error = _error(errors.RateLimitedError, after=7.5)
    assert RetryPolicy().delay(error, attempt=1, random=lambda: 0.5) == 7.5


def test_one_attempt_switches_it_off() -> None:
    """`max_attempts=1` never waits."""
    error = _error(errors.UnavailableError)
    assert RetryPolicy(max_attempts=1).delay(error, attempt=1, random=lambda: 0.5) is None
