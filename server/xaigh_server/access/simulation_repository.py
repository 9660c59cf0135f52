"""Repository of simulations, in the control database: the last one of each grant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from xaigh_server.access.tables import grant_simulations as _T
from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import to_micros

_STORE = upsert(_T, key=("grant_id",), update=("simulate_time", "simulation"))
_LAST = (
    select(_T.c.simulation)
    .where(_T.c.organization_id == bindparam("organization_id"))
    .order_by(_T.c.simulate_time.desc(), _T.c.grant_id)
    .limit(1)
)


class Simulations:
    """Keeps simulations as they were answered: `xaigh.access.v1.GrantSimulation` in bytes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def store(
        self, grant_id: str, organization_id: str, *, at: datetime, simulation: bytes
    ) -> None:
        """Keeps a simulation in place of the grant's earlier one."""
        self._session.run(
            _STORE,
            grant_id=grant_id,
            organization_id=organization_id,
            simulate_time=to_micros(at),
            simulation=simulation,
        )

    def last_of(self, organization_id: str) -> bytes | None:
        """Returns the newest simulation of an organization's grants, or None."""
        found: bytes | None = self._session.scalar(_LAST, organization_id=organization_id)
        return found
