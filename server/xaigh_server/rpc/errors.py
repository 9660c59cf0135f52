"""Errors of the call itself: its message, headers, page token or idempotency key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xaigh_server.errors import DomainError, FieldViolation


class Refused(DomainError):
    """Error that a transport detects by itself. The code that raises it gives the reason."""

    def __init__(
        self, reason: str, message: str, *, violations: Iterable[FieldViolation] = ()
    ) -> None:
        self.reason = reason
        super().__init__(message, violations=violations)


class BodyMalformed(DomainError):
    reason = "BODY_MALFORMED"
    default_message = "The body isn't well-formed, or not of the message's shape."


class CredentialInField(DomainError):
    """Fields hold a credential that they aren't for. Nothing of the message may be stored."""

    reason = "CREDENTIAL_IN_FIELD"

    def __init__(self, paths: Sequence[str]) -> None:
        why = "Holds a credential. Take it out; revoke it if others may have seen it."
        super().__init__(
            f"{paths[0]}: {why}",
            violations=[FieldViolation(path=path, description=why) for path in paths],
        )


class PageTokenInvalid(DomainError):
    reason = "PAGE_TOKEN_INVALID"
    default_message = "The page token isn't one of this list with these filters."

    def __init__(self) -> None:
        description = "Send the token as it came, with the same filters, or begin without one."
        super().__init__(violations=(FieldViolation(path="pageToken", description=description),))


class IdempotencyKeyMissing(DomainError):
    reason = "IDEMPOTENCY_KEY_MISSING"
    default_message = "This method needs an Idempotency-Key."


class IdempotencyKeyInvalid(DomainError):
    reason = "IDEMPOTENCY_KEY_INVALID"
    default_message = "Idempotency-Key takes one key of 1 to 255 visible ASCII characters."


class IdempotencyKeyReused(DomainError):
    reason = "IDEMPOTENCY_KEY_REUSED"
    default_message = "The idempotency key was used before with another request."


class EtagMismatch(DomainError):
    reason = "ETAG_MISMATCH"
    default_message = "The object changed since it was read."

    def __init__(self, current: str = "") -> None:
        super().__init__(metadata={"etag": current} if current else None)


class Unimplemented(DomainError):
    reason = "UNIMPLEMENTED"
    default_message = "The method isn't served here."


class ShuttingDown(DomainError):
    reason = "SHUTTING_DOWN"
    default_message = "The server is going down and takes no new calls."

    def __init__(self) -> None:
        super().__init__(retry_after=1.0)
