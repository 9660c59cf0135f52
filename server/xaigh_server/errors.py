"""Why a call is refused, as meanings.

Each class owns one `reason`, a value of `xaigh.errors.v1.ErrorReason`; the enum says how a reason
shows on each transport, and nothing here does. Messages are safe to show to the caller: no
secret, no driver text. Metadata keys are lowerCamelCase, values are short text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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


class Refused(DomainError):
    """A refusal whose reason the raiser knows: what a transport found wrong on its own."""

    def __init__(
        self, reason: str, message: str, *, violations: Iterable[FieldViolation] = ()
    ) -> None:
        self.reason = reason
        super().__init__(message, violations=violations)


# --- credentials: all 401 ---------------------------------------------------------------------


class Unauthenticated(DomainError):
    """The base of every refusal of the credential itself; never raised as such."""

    reason = "CREDENTIALS_MALFORMED"


class CredentialsMissing(Unauthenticated):
    reason = "CREDENTIALS_MISSING"
    default_message = "This method needs a credential: send `Authorization: Bearer` and a key."


class CredentialsMalformed(Unauthenticated):
    reason = "CREDENTIALS_MALFORMED"
    default_message = "The credential isn't of a known form, or its checksum is wrong."


class CredentialsAmbiguous(Unauthenticated):
    reason = "CREDENTIALS_AMBIGUOUS"
    default_message = "Send exactly one credential, in one Authorization header and nowhere else."


class CredentialKindRefused(Unauthenticated):
    reason = "CREDENTIAL_KIND_REFUSED"
    default_message = "This method doesn't take credentials of this kind."


class KeyUnknown(Unauthenticated):
    reason = "KEY_UNKNOWN"
    default_message = "No such key exists."


class KeyExpired(Unauthenticated):
    reason = "KEY_EXPIRED"
    default_message = "The key is past its expiry."


class KeyRevoked(Unauthenticated):
    reason = "KEY_REVOKED"
    default_message = "The key was revoked."


class KeyRotated(Unauthenticated):
    reason = "KEY_ROTATED"
    default_message = "The key was replaced by a rotation and its grace is over."


class GrantExpired(Unauthenticated):
    reason = "GRANT_EXPIRED"
    default_message = "The grant behind the key is past its expiry."


class GrantRevoked(Unauthenticated):
    reason = "GRANT_REVOKED"
    default_message = "The grant behind the key was revoked."


class OrganizationSuspended(Unauthenticated):
    """Said to a key of a suspended organization; to an operator it is OrganizationInactive."""

    reason = "SUSPENDED"
    default_message = "The organization is suspended."


class OperatorUnknown(Unauthenticated):
    reason = "OPERATOR_UNKNOWN"
    default_message = "No such operator credential exists."


class OperatorRevoked(Unauthenticated):
    reason = "OPERATOR_REVOKED"
    default_message = "The operator credential was revoked or rotated away."


class OperatorExpired(Unauthenticated):
    reason = "OPERATOR_EXPIRED"
    default_message = "The operator credential is past its expiry."


# --- permissions: all 403 ---------------------------------------------------------------------


class ScopeNotGranted(DomainError):
    """`metadata.scope` names the scope that is missing."""

    reason = "SCOPE_NOT_GRANTED"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"The credential doesn't carry the scope {scope}.", metadata={"scope": scope}
        )


class SecretKeyInBrowser(DomainError):
    reason = "SECRET_KEY_IN_BROWSER"
    default_message = "A secret credential came from a browser. It may have leaked: rotate it."


class OriginNotAllowed(DomainError):
    reason = "ORIGIN_NOT_ALLOWED"
    default_message = "The origin isn't on the publishable key's list."


class KeyTypeNotAllowed(DomainError):
    reason = "KEY_TYPE_NOT_ALLOWED"
    default_message = "This method doesn't take keys of this type."


class AddressNotAllowed(DomainError):
    reason = "ADDRESS_NOT_ALLOWED"
    default_message = "The peer address isn't in the key's allowlist."


class OperationNotPermitted(DomainError):
    reason = "OPERATION_NOT_PERMITTED"
    default_message = "You may not do this."


# --- the request: 400 -------------------------------------------------------------------------


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


class BodyMalformed(DomainError):
    reason = "BODY_MALFORMED"
    default_message = "The body isn't well-formed, or not of the message's shape."


class HeaderInvalid(DomainError):
    reason = "HEADER_INVALID"

    def __init__(self, header: str, description: str) -> None:
        super().__init__(f"{header}: {description}", metadata={"header": header})


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


class ScopeUnknown(DomainError):
    """`metadata.scopes` names the unknown ones, separated by spaces."""

    reason = "SCOPE_UNKNOWN"

    def __init__(self, scopes: Sequence[str], *, path: str = "scopes") -> None:
        super().__init__(
            "Not in the catalogue of scopes: " + ", ".join(scopes) + ".",
            metadata={"scopes": " ".join(scopes)},
            violations=[
                FieldViolation(path=path, description=f"{scope!r} isn't a scope.")
                for scope in scopes
            ],
        )


class EnvironmentMismatch(DomainError):
    reason = "ENVIRONMENT_MISMATCH"
    default_message = "The request names another environment than the credential's."


class ValueOutOfRange(DomainError):
    reason = "VALUE_OUT_OF_RANGE"
    default_message = "A value is past what exists."


# --- the state: 400 ---------------------------------------------------------------------------


class ScopeNotMintable(DomainError):
    """`metadata.scopes` names the scopes that can't be given, separated by spaces."""

    reason = "SCOPE_NOT_MINTABLE"

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(
            "Can't be given to keys of integrators: " + ", ".join(scopes) + ".",
            metadata={"scopes": " ".join(scopes)},
        )


class IllegalTransition(DomainError):
    """The object's state doesn't allow the step; metadata name the state and the allowed steps."""

    reason = "ILLEGAL_TRANSITION"

    def __init__(self, subject: str, *, state: str, step: str, allowed: Sequence[str]) -> None:
        listed = ", ".join(allowed) or "nothing"
        super().__init__(
            f"{subject} is {state}: {step} isn't possible; possible: {listed}.",
            metadata={"state": state, "step": step, "allowed": " ".join(allowed)},
        )


class GrantExceeded(DomainError):
    """The key would be wider than its grant; each excess is listed."""

    reason = "GRANT_EXCEEDED"
    default_message = "The key would be wider than its grant."


class GrantInactive(DomainError):
    reason = "GRANT_INACTIVE"
    default_message = "The grant is revoked, expired or superseded."

    def __init__(self, grant_id: str, state: str) -> None:
        super().__init__(
            f"Grant {grant_id} is {state}.", metadata={"grantId": grant_id, "state": state}
        )


class AllowanceSpent(DomainError):
    reason = "ALLOWANCE_SPENT"

    def __init__(self, grant_id: str, allowance: int) -> None:
        super().__init__(
            f"All {allowance} keys of grant {grant_id} have been issued.",
            metadata={"grantId": grant_id, "allowance": str(allowance)},
        )


class KeyInactive(DomainError):
    """Said to whoever manages a key; whoever presents it hears KeyRevoked or KeyExpired."""

    reason = "KEY_INACTIVE"

    def __init__(self, key_id: str, state: str) -> None:
        super().__init__(f"Key {key_id} is {state}.", metadata={"keyId": key_id, "state": state})


class KeyRotationOpen(DomainError):
    reason = "KEY_ROTATION_OPEN"

    def __init__(self, key_id: str, until: datetime) -> None:
        super().__init__(
            f"An earlier rotation of key {key_id} is in its grace until {until.isoformat()}.",
            metadata={"keyId": key_id, "graceEndTime": until.isoformat()},
        )


class ReasonRequired(DomainError):
    reason = "REASON_REQUIRED"
    default_message = "This step needs a reason."


class OrganizationInactive(DomainError):
    reason = "ORGANIZATION_INACTIVE"

    def __init__(self, organization_id: str) -> None:
        super().__init__(
            f"Organization {organization_id} is suspended.",
            metadata={"organizationId": organization_id},
        )


class PreconditionFailed(DomainError):
    reason = "PRECONDITION_FAILED"
    default_message = "The system isn't in the state that this call needs."


# --- existence and races ----------------------------------------------------------------------


class NotFound(DomainError):
    """No such object, or not one of the caller's: the two are never told apart."""

    reason = "NOT_FOUND"

    def __init__(self, kind: str, object_id: str = "") -> None:
        metadata = {"resourceType": kind}
        if object_id:
            metadata["resourceId"] = object_id
        super().__init__(f"No such {kind}.", metadata=metadata)


class EtagMismatch(DomainError):
    reason = "ETAG_MISMATCH"
    default_message = "The object changed since it was read."

    def __init__(self, current: str = "") -> None:
        super().__init__(metadata={"etag": current} if current else None)


class ConcurrentUpdate(DomainError):
    reason = "CONCURRENT_UPDATE"
    default_message = "Another call won the race; nothing of this one was written."


class IdempotencyInProgress(DomainError):
    reason = "IDEMPOTENCY_IN_PROGRESS"
    default_message = "A call with the same idempotency key is under way."

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__(retry_after=retry_after)


class IdempotencyKeyReused(DomainError):
    reason = "IDEMPOTENCY_KEY_REUSED"
    default_message = "The idempotency key was used before with another request."


class AlreadyExists(DomainError):
    reason = "ALREADY_EXISTS"

    def __init__(self, kind: str, description: str = "") -> None:
        super().__init__(description or f"Such a {kind} exists.", metadata={"resourceType": kind})


# --- limits and the server's own state --------------------------------------------------------


class RateLimited(DomainError):
    reason = "RATE_LIMITED"
    default_message = "The limit of the grant's tier is used up."


class PeerRateLimited(DomainError):
    reason = "PEER_RATE_LIMITED"
    default_message = "Too many calls or bad credentials from this address."


class QuotaExceeded(DomainError):
    reason = "QUOTA_EXCEEDED"
    default_message = "A quota of objects is used up."


class DeadlineExceeded(DomainError):
    reason = "DEADLINE_EXCEEDED"
    default_message = "The deadline passed before the reply was ready."


class Unimplemented(DomainError):
    reason = "UNIMPLEMENTED"
    default_message = "The method isn't served here."


class Unavailable(DomainError):
    reason = "UNAVAILABLE"
    default_message = "The call can't be served now; nothing was written."

    def __init__(self, message: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(message, retry_after=retry_after)


class ShuttingDown(DomainError):
    reason = "SHUTTING_DOWN"
    default_message = "The server is going down and takes no new calls."

    def __init__(self) -> None:
        super().__init__(retry_after=1.0)


class Internal(DomainError):
    """What everything untyped becomes at the edge; its cause is logged, never shown."""

    reason = "INTERNAL"
    default_message = "Something broke on our side; it was logged under the request id."
