"""Exceptions of the client: one class for each error code of the API.

XaighError
  ConfigurationError          the client was set up in a way that can't work, nothing was sent
    CredentialMissingError    there is no key, and the method needs one
  WebhookError                a webhook doesn't verify
  ApiError                    the call was refused, or failed
    UnauthenticatedError      no credential, or one that isn't valid
    InsufficientScopeError    a good key without the scope
    PermissionDeniedError     not allowed, whatever the scope
    InvalidArgumentError      the request is wrong: `violations` lists the fields
    FailedPreconditionError   the object's state doesn't allow it
    OutOfRangeError
    NotFoundError             no such object, or not one of yours
    ConflictError             the object changed, or exists already
    IdempotencyKeyReusedError the same key, another request
    RateLimitedError          too many calls: `retry_after` says for how long
    CancelledError
    InternalError             the fault is on the server's side
    UnimplementedError
    UnavailableError          the server can't be reached, or can't take calls
    DeadlineExceededError     no reply in time
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from google.protobuf.message import Message


class XaighError(Exception):
    """Base of every exception that this package raises."""


class ConfigurationError(XaighError):
    """The client was set up in a way that can't work. Nothing was sent."""


class CredentialMissingError(ConfigurationError):
    """The method needs a key and the client has none. Nothing was sent."""


class WebhookError(XaighError):
    """A webhook doesn't verify. Answer 400 and do nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One invalid field of a request, or one unmet condition."""

    path: str
    """The field, for example `pay.minMinor`; the subject or type of an unmet condition."""
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The content of a failed call's status."""

    message: str
    reason: str = ""
    """A value of ErrorReason; empty where no server of the API answered."""
    request_id: str = ""
    cause: str = ""
    cure: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    violations: tuple[Violation, ...] = ()
    retry_after: float | None = None
    """Seconds that the server asks to wait before a repeat."""
    details: tuple[Message, ...] = ()
    """Every google.rpc message of the status."""


class ApiError(XaighError):
    """A call was refused, or failed. Catch a subclass, or look at `reason`."""

    code: ClassVar[str] = ""
    """From the closed list of the API, the same as `error.code` over REST."""

    def __init__(self, failure: Failure, *, attempts: int = 1) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.attempts = attempts
        """The number of attempts."""

    @property
    def message(self) -> str:
        """The message of the error, a sentence."""
        return self.failure.message

    @property
    def reason(self) -> str:
        """A value of ErrorReason, for example `SCOPE_NOT_GRANTED`."""
        return self.failure.reason

    @property
    def request_id(self) -> str:
        """Quote it when you ask about the call. Empty where no server answered."""
        return self.failure.request_id

    @property
    def cure(self) -> str:
        """The remedy, a sentence. May be empty."""
        return self.failure.cure

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Each wrong field or unmet condition."""
        return self.failure.violations

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before a repeat, where the server said."""
        return self.failure.retry_after

    @property
    def details(self) -> tuple[Message, ...]:
        """The google.rpc messages that came with the error."""
        return self.failure.details

    @property
    def metadata(self) -> dict[str, str]:
        """The facts that came with the reason, for example the scope that is missing."""
        return dict(self.failure.metadata)

    def __str__(self) -> str:
        parts = [part for part in (self.reason, self.request_id) if part]
        return f"{self.message} [{', '.join(parts)}]" if parts else self.message


class UnauthenticatedError(ApiError):
    """No credential, or one that isn't valid: unknown, expired, revoked."""

    code = "unauthenticated"


class InsufficientScopeError(ApiError):
    """The key is good but doesn't carry the scope that the method needs."""

    code = "insufficient_scope"


class PermissionDeniedError(ApiError):
    """The caller may not do this, whatever its scopes."""

    code = "permission_denied"


class InvalidArgumentError(ApiError):
    """The request is wrong, whatever the state of things."""

    code = "invalid_argument"


class FailedPreconditionError(ApiError):
    """The object's state doesn't allow it."""

    code = "failed_precondition"


class OutOfRangeError(ApiError):
    """A value lies past its bounds."""

    code = "out_of_range"


class NotFoundError(ApiError):
    """No such object, or not one of yours: the error is the same for both."""

    code = "not_found"


class ConflictError(ApiError):
    """The object changed, or exists already: read it again and decide anew."""

    code = "conflict"


class IdempotencyKeyReusedError(ApiError):
    """The idempotency key was used before, with another request."""

    code = "idempotency_key_reused"


class RateLimitedError(ApiError):
    """Too many calls, or too much at once."""

    code = "rate_limited"


class CancelledError(ApiError):
    """The call was cancelled, by the client or between client and server."""

    code = "cancelled"


class InternalError(ApiError):
    """Something broke on the server's side."""

    code = "internal"


class UnimplementedError(ApiError):
    """The server doesn't serve the method."""

    code = "unimplemented"


class UnavailableError(ApiError):
    """The server can't be reached, or can't take calls now."""

    code = "unavailable"


class DeadlineExceededError(ApiError):
    """No reply came in time. Whether the call took effect isn't known."""

    code = "deadline_exceeded"


BY_CODE: dict[str, type[ApiError]] = {cls.code: cls for cls in ApiError.__subclasses__()}
"""The class for each error code of the API."""
