"""Collector of usage: takes usage rows of the business databases into control, each exactly once.

A row is committed with the write that it counts, so a crash loses none. The control database keeps
how far each organization is collected in each database, and adds the counts in the same
transaction: a collection that was interrupted, or that runs twice at once, counts nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.partition import CONTROL, Partition
from xaigh_server.db.session import Session, upsert
from xaigh_server.db.usage_rows import UsageRow, UsageRows
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.tables import usage_positions as _P
from xaigh_server.keys.usage_repository import UsageDay, UsageDays

_MOST = 2000
_POSITIONS = select(_P.c.organization_id, _P.c.sequence).where(
    _P.c.database == bindparam("database"),
    _P.c.organization_id.in_(bindparam("organization_ids", expanding=True)),
)
_MOVE = upsert(_P, key=("database", "organization_id"), update=("sequence",))


class UsageCollector:
    """Collects the usage rows of all business databases."""

    def __init__(self, control: Database, business: Sequence[Database]) -> None:
        """`business` are the databases of the environments, each named by its own."""
        self._control = control
        self._business = tuple(business)

    async def collect(self) -> None:
        """Collects all rows that are there. A database that is away keeps its rows for later."""
        for database in self._business:
            try:
                while await self._collect(database) == _MOST:
                    pass
            except DatabaseUnavailable:
                continue

    async def _collect(self, database: Database) -> int:
        """Collects the next rows of a database, and deletes them. Returns how many it read."""
        rows = await database.read(lambda session: UsageRows(session).first(limit=_MOST))
        if not rows:
            return 0
        last = {row.organization_id: sequence for sequence, row in rows}

        def count(session: Session) -> None:
            done = {
                row.organization_id: row.sequence
                for row in session.all(
                    _POSITIONS, database=database.name, organization_ids=sorted(last)
                )
            }
            new = [row for at, row in rows if at > done.get(row.organization_id, 0)]
            if new:
                UsageDays(session).add(_days(new, Environment(database.name)))
                moved = [
                    {"database": database.name, "organization_id": each, "sequence": sequence}
                    for each, sequence in last.items()
                    if sequence > done.get(each, 0)
                ]
                session.run(_MOVE, moved)

        await self._control.write(count, partition=Partition(CONTROL))
        await database.write(
            lambda session: UsageRows(session).delete([at for at, _ in rows]),
            partition=Partition(database.name),
        )
        return len(rows)


def _days(rows: Sequence[UsageRow], environment: Environment) -> list[UsageDay]:
    return [
        UsageDay(
            organization_id=row.organization_id,
            key_id=row.key_id,
            method=row.method,
            day=date.fromisoformat(row.day),
            tier=row.tier,
            environment=environment.value,
            billable=environment.billable,
            count=count,
        )
        for row, count in Counter(rows).items()
    ]
