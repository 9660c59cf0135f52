"""Refusals about access requests."""

from __future__ import annotations

from xaigh_server.errors import DomainError


class TicketFull(DomainError):
    """`metadata.limit` says which limit of a ticket is reached."""

    reason = "TICKET_FULL"

    def __init__(self, limit: str) -> None:
        super().__init__(f"The request takes no more: {limit}.", metadata={"limit": limit})
