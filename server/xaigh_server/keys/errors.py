"""Refusals of issuing, rotating and revoking keys, and of grants that can't serve."""

from __future__ import annotations

from datetime import datetime

from xaigh_server.errors import DomainError


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
    """For calls that manage a key. A call with the key itself gets KeyRevoked or KeyExpired."""

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


class RouteUnknown(DomainError):
    """The route belongs to no product, so no scope opens it."""

    reason = "ROUTE_NOT_FOUND"
    default_message = "The route belongs to no product."
