"""Model of organizations. Approvals create them; a mail domain only suggests one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xaigh_server.rpc.etags import etag_of


class OrganizationState(StrEnum):
    """State of an organization."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A tenant. `suspension_reason` is empty while it is active."""

    organization_id: str
    display_name: str
    state: OrganizationState
    create_time: datetime
    update_time: datetime
    version: int = 1
    suspension_reason: str = ""
    email_domains: tuple[str, ...] = ()

    @property
    def etag(self) -> str:
        """Changes with every change."""
        return etag_of(self.organization_id, self.version)
