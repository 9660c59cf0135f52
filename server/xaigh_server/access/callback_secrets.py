"""Repository of the sealed secrets from which ticket callbacks' signing keys are derived."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from xaigh_server.access.tables import callback_secrets as _T
from xaigh_server.db.session import Session

_GET = select(_T.c.secret).where(_T.c.ticket_id == bindparam("ticket_id"))
_ADD = insert(_T)
_SEALED = (
    select(_T.c.ticket_id, _T.c.secret)
    .where(_T.c.ticket_id > bindparam("after"))
    .order_by(_T.c.ticket_id)
    .limit(bindparam("limit"))
)
_RESEAL = update(_T).where(_T.c.ticket_id == bindparam("id_"))


class CallbackSecrets:
    """One sealed secret per ticket. A secret never changes; only its encryption key does."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, ticket_id: str, sealed: bytes) -> None:
        """Stores a new ticket's secret. Raises UniqueViolation if the ticket has one."""
        self._session.run(_ADD, ticket_id=ticket_id, secret=sealed)

    def get(self, ticket_id: str) -> bytes | None:
        """Returns the sealed secret, or None."""
        sealed: bytes | None = self._session.scalar(_GET, ticket_id=ticket_id)
        return sealed

    def sealed(self, *, after: str, limit: int) -> list[tuple[str, bytes]]:
        """Returns (ticket id, sealed secret) in id order, starting behind the id `after`."""
        rows = self._session.all(_SEALED, after=after, limit=limit)
        return [(row.ticket_id, row.secret) for row in rows]

    def reseal(self, ticket_id: str, secret: bytes) -> None:
        """Replaces the stored ciphertext; the secret inside stays the same."""
        self._session.run(_RESEAL, id_=ticket_id, secret=secret)
