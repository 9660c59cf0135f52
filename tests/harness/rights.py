"""Rights that never move: for units whose callers no directory knows."""

from __future__ import annotations

from datetime import datetime

from xaigh_server.db.session import Session
from xaigh_server.rpc.call import Call


class FixedRights:
    """Takes every call for authorized."""

    async def renew(self, call: Call) -> None:
        """Changes nothing."""

    async def authorize_again(self, call: Call) -> None:
        """Changes nothing."""

    async def settle(self) -> None:
        """Returns at once."""

    def check(self, call: Call, session: Session, *, database: str, now: datetime) -> None:
        """Finds nothing moved."""
