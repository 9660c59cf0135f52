"""Base class of errors with a reason, and the errors that several layers raise.

Each class owns one `reason`, a value of `xaigh.errors.v1.ErrorReason`; the enum says how a reason
shows on each transport, and nothing here does. Messages are safe to show to the caller: no
secret, no driver text. Metadata keys are lowerCamelCase, values are short text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldViolation:
    """One field that breaks its rule. `path` is as in JSON: `records[3].pay.minMinor`."""

    path: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreconditionViolation:
    """One thing that must be so and isn't: its kind, what it is about, and what would cure it."""

    type: str
    subject: str
    description: str


class DomainError(Exception):
    """A refusal with a reason. `retry_after` is in seconds, None where waiting doesn't help."""

    reason: str = "INTERNAL"
    default_message: ClassVar[str] = "Something broke on our side."

    def __init__(
        self,
        message: str = "",
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Iterable[FieldViolation] = (),
        preconditions: Iterable[PreconditionViolation] = (),
        retry_after: float | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.metadata: dict[str, str] = dict(metadata or {})
        self.violations = tuple(violations)
        self.preconditions = tuple(preconditions)
        self.retry_after = retry_after
        super().__init__(f"{self.reason}: {self.message}")


class FieldInvalid(DomainError):
    """One or more fields break their rules. The message names the first."""

    reason = "FIELD_INVALID"

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        first = violations[0]
        super().__init__(f"{first.path}: {first.description}{more}", violations=violations)

    @classmethod
    def at(cls, path: str, description: str) -> FieldInvalid:
        """The refusal of a single field."""
        return cls((FieldViolation(path=path, description=description),))


class IllegalTransition(DomainError):
    """The object's state doesn't allow the step; metadata name the state and the allowed steps."""

    reason = "ILLEGAL_TRANSITION"

    def __init__(self, subject: str, *, state: str, step: str, allowed: Sequence[str]) -> None:
        listed = ", ".join(allowed) or "nothing"
        super().__init__(
            f"{subject} is {state}: {step} isn't possible; possible: {listed}.",
            metadata={"state": state, "step": step, "allowed": " ".join(allowed)},
        )


class NotFound(DomainError):
    """No such object, or not one of the caller's: the error is the same for both."""

    reason = "NOT_FOUND"

    def __init__(self, kind: str, object_id: str = "") -> None:
        metadata = {"resourceType": kind}
        if object_id:
            metadata["resourceId"] = object_id
        super().__init__(f"No such {kind}.", metadata=metadata)


class ConcurrentUpdate(DomainError):
    reason = "CONCURRENT_UPDATE"
    default_message = "Another call won the race; nothing of this one was written."


class AlreadyExists(DomainError):
    reason = "ALREADY_EXISTS"

    def __init__(self, kind: str, description: str = "") -> None:
        super().__init__(description or f"Such a {kind} exists.", metadata={"resourceType": kind})


class Unavailable(DomainError):
    reason = "UNAVAILABLE"
    default_message = "The call can't be served now; nothing was written."

    def __init__(self, message: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(message, retry_after=retry_after)


class Internal(DomainError):
    """What everything untyped becomes at the edge; its cause is logged, never shown."""

    reason = "INTERNAL"
    default_message = "Something broke on our side; it was logged under the request id."
