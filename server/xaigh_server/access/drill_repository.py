"""Repository of passed drills, in the control database: the last one of each kind."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, select

from xaigh_server.access.drills import DrillKind, Fact, PassedDrill
from xaigh_server.access.tables import passed_drills as _T
from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import from_micros, to_micros

_STORE = upsert(_T, key=("organization_id", "kind"), update=("pass_time", "key_id", "facts"))
_OF = select(*_T.c).where(_T.c.organization_id == bindparam("organization_id"))


class PassedDrills:
    """Reads and writes what the server saw of drills. The facts outlive the rows that they name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def store(self, drill: PassedDrill) -> None:
        """Keeps a drill in place of an earlier one of its kind."""
        self._session.run(
            _STORE,
            organization_id=drill.organization_id,
            kind=drill.kind.value,
            pass_time=to_micros(drill.pass_time),
            key_id=drill.key_id,
            facts=json.dumps(drill.facts),
        )

    def of(self, organization_id: str) -> dict[DrillKind, PassedDrill]:
        """Returns the drills that an organization has passed."""
        rows = self._session.all(_OF, organization_id=organization_id)
        return {
            DrillKind(row.kind): PassedDrill(
                organization_id=row.organization_id,
                kind=DrillKind(row.kind),
                pass_time=from_micros(row.pass_time),
                key_id=row.key_id,
                facts=[Fact(*fact) for fact in json.loads(row.facts)],
            )
            for row in rows
        }
