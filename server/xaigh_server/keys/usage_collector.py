"""Collector of usage: takes usage rows of the business databases into control, each exactly once.

A row is committed with the write that it counts, so a crash loses none. The control database keeps
how far each database is collected, and adds the counts in the same transaction: a collection that
was interrupted, or that runs twice at once, counts nothing twice.
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

_MOST = 5000
_POSITION = select(_P.c.sequence).where(_P.c.database == bindparam("database"))
_MOVE = upsert(_P, key=("database",), update=("sequence",))


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
        after = await self._control.read(lambda session: _position(session, database.name))
        rows = await database.read(lambda session: UsageRows(session).after(after, limit=_MOST))
        if not rows:
            return 0
        through = rows[-1][0]

        def count(session: Session) -> None:
            done = _position(session, database.name)
            new = [row for sequence, row in rows if sequence > done]
            if new:
                UsageDays(session).add(_days(new, Environment(database.name)))
                session.run(_MOVE, {"database": database.name, "sequence": through})

        await self._control.write(count, partition=Partition(CONTROL))
        await database.write(
            lambda session: UsageRows(session).delete_through(through),
            partition=Partition(database.name),
        )
        return len(rows)


def _position(session: Session, database: str) -> int:
    return int(session.scalar(_POSITION, database=database) or 0)


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
