"""Errors of authentication, authorization and rate limits: 401, 403 and 429."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xaigh_server.errors import DomainError, FieldViolation
from xaigh_server.identity.environments import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key that was presented as a whole, and refused: it has ended."""

    key_id: str
    organization_id: str
    environment: Environment


class Unauthenticated(DomainError):
    """The base of every refusal of the credential itself; never raised as such."""

    reason = "CREDENTIALS_MALFORMED"
    key: KnownKey | None = None
    """Whose key it is, for the server's own logs; None for a credential that isn't known."""


class CredentialsMissing(Unauthenticated):
    reason = "CREDENTIALS_MISSING"
    default_message = "This method needs a credential: send `Authorization: Bearer` and a key."


class CredentialsMalformed(Unauthenticated):
    reason = "CREDENTIALS_MALFORMED"
    default_message = "The credential isn't of a known form."


class CredentialsAmbiguous(Unauthenticated):
    reason = "CREDENTIALS_AMBIGUOUS"
    default_message = "Send exactly one credential, in one Authorization header and nowhere else."


class CredentialKindRefused(DomainError):
    """Said to a valid credential alone, so it is 403: a bad one is refused as such, with 401."""

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


class PeerRequired(DomainError):
    reason = "PEER_REQUIRED"
    default_message = "The key has an address allowlist: send the caller's peerAddress."


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


class ScopeNotMintable(DomainError):
    """`metadata.scopes` names the scopes that can't be given, separated by spaces."""

    reason = "SCOPE_NOT_MINTABLE"

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(
            "Can't be given to keys of integrators: " + ", ".join(scopes) + ".",
            metadata={"scopes": " ".join(scopes)},
        )


class RateLimited(DomainError):
    reason = "RATE_LIMITED"
    default_message = "The limit of the grant's tier is used up."


class ContactRateLimited(DomainError):
    reason = "CONTACT_RATE_LIMITED"
    default_message = "This contact has submitted as many access requests as one may in a day."


class AddressCallsSpent(DomainError):
    reason = "ADDRESS_CALLS_SPENT"
    default_message = "This address has as many calls open as one may have at a time."


class KeyStreamsSpent(DomainError):
    reason = "KEY_STREAMS_SPENT"
    default_message = "This key has as many streams open as one may have at a time."


class StreamsSpent(DomainError):
    reason = "STREAMS_SPENT"
    default_message = "The server has as many streams open as it serves at a time."


class PeerStorageSpent(DomainError):
    reason = "PEER_STORAGE_SPENT"
    default_message = "This address has sent as much to public methods as one may in a day."


class PeerRateLimited(DomainError):
    reason = "PEER_RATE_LIMITED"
    default_message = "Too many calls or bad credentials from this address."
