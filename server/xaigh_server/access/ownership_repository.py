"""Repository of proofs of ownership, in the control database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from xaigh_server.access.model import OPEN_STATES, TicketState
from xaigh_server.access.ownership import Proof, ProofKind, ProofMethod, ProofSet
from xaigh_server.access.tables import ownership_proofs as _T
from xaigh_server.access.tables import tickets as _K
from xaigh_server.db.session import Row, Session, upsert
from xaigh_server.db.times import from_micros, to_micros

_KEY = ("ticket_id", "kind", "subject")
_ALL = select(*_T.c)
_OF = _ALL.where(_T.c.ticket_id == bindparam("ticket_id"))
# A request that led nowhere has nothing to prove any more.
_CHECKED_STATES = [state.value for state in (*sorted(OPEN_STATES), TicketState.APPROVED)]
_DUE = (
    _ALL.select_from(_T.join(_K, _K.c.ticket_id == _T.c.ticket_id))
    .where(_T.c.next_check_time <= bindparam("now"), _K.c.state.in_(_CHECKED_STATES))
    .order_by(_T.c.next_check_time, _T.c.ticket_id, _T.c.kind, _T.c.subject)
    .limit(bindparam("limit"))
)
_STORE = upsert(
    _T,
    key=_KEY,
    update=("method", "prove_time", "check_time", "next_check_time", "lapse_time", "finding"),
)


class Proofs:
    """Reads and writes proofs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, ticket_id: str) -> ProofSet:
        """Returns the proofs of a ticket, lapsed ones and those of former subjects included."""
        rows = self._session.all(_OF, ticket_id=ticket_id)
        return ProofSet(_proof(row) for row in rows)

    def due(self, now: datetime, *, limit: int) -> list[Proof]:
        """Returns proofs whose next check is due, of tickets that it matters for."""
        return [_proof(row) for row in self._session.all(_DUE, now=to_micros(now), limit=limit)]

    def store(self, proof: Proof) -> None:
        """Writes a proof, new or checked again."""
        self._session.run(
            _STORE,
            ticket_id=proof.ticket_id,
            kind=proof.kind.value,
            subject=proof.subject,
            method=proof.method.value,
            prove_time=to_micros(proof.prove_time),
            check_time=to_micros(proof.check_time),
            next_check_time=to_micros(proof.next_check_time),
            lapse_time=to_micros(proof.lapse_time),
            finding=proof.finding,
        )


def _proof(row: Row) -> Proof:
    return Proof(
        ticket_id=row.ticket_id,
        kind=ProofKind(row.kind),
        subject=row.subject,
        method=ProofMethod(row.method),
        prove_time=from_micros(row.prove_time),
        check_time=from_micros(row.check_time),
        next_check_time=from_micros(row.next_check_time),
        lapse_time=from_micros(row.lapse_time),
        finding=row.finding,
    )
