"""Refusals about organizations."""

from __future__ import annotations

from xaigh_server.errors import DomainError


class OrganizationInactive(DomainError):
    reason = "ORGANIZATION_INACTIVE"

    def __init__(self, organization_id: str) -> None:
        super().__init__(
            f"Organization {organization_id} is suspended.",
            metadata={"organizationId": organization_id},
        )
