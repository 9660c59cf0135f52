"""What the secrets of ticket callbacks follow from, sealed, by ticket."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from xaigh_server.store.session import Session
from xaigh_server.store.tables.webhooks import callback_secrets as _T

_GET = select(_T.c.secret).where(_T.c.ticket_id == bindparam("ticket_id"))
_ADD = insert(_T)


class CallbackSecrets:
    """One sealed secret a ticket, written once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, ticket_id: str, sealed: bytes) -> None:
        """Keeps a new ticket's secret. UniqueViolation(pk_callback_secrets): it has one."""
        self._session.run(_ADD, ticket_id=ticket_id, secret=sealed)

    def get(self, ticket_id: str) -> bytes | None:
        """The sealed secret, or None."""
        sealed: bytes | None = self._session.scalar(_GET, ticket_id=ticket_id)
        return sealed
