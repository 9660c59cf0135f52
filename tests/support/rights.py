"""Rights that never move: for units whose callers no directory knows."""

from __future__ import annotations

from datetime import datetime

from xaigh_server.domain.call import Call
from xaigh_server.store.session import Session


class FixedRights:
    """Takes every call for authorized."""

    async def renew(self, call: Call) -> None:
        """Changes nothing."""

    async def authorize_again(self, call: Call) -> None:
        """Changes nothing."""

    def check(self, call: Call, session: Session, *, database: str, now: datetime) -> None:
        """Finds nothing moved."""
