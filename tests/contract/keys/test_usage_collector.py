"""Usage rows of business databases: collected into control, each exactly once."""

import asyncio
from datetime import date
from typing import Any

from xaigh_server.db.database import Database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.session import Session
from xaigh_server.db.usage_rows import UsageRow, UsageRows
from xaigh_server.keys.usage_collector import UsageCollector
from xaigh_server.keys.usage_repository import UsageDays

ROW = UsageRow("org_1", "k" * 10, "xaigh.jobs.v1.JobsService.PostJob", "standard", "2026-03-01")
DAY = date(2026, 3, 1)


async def add(database: Database, *rows: UsageRow) -> None:
    def write(session: Session) -> None:
        for row in rows:
            UsageRows(session).add(row)

    await database.write(write)


async def counts(control: Database) -> dict[str, int]:
    found = await control.read(lambda session: UsageDays(session).between(DAY, DAY))
    return {f"{each.method.rpartition('.')[2]}/{each.tier}": each.count for each in found}


async def test_rows_are_collected_once(control: Database, sandbox: Database) -> None:
    """Also where two collect at once, and they are gone afterwards."""
    await add(sandbox, ROW, ROW, ROW._replace(tier="big"))
    one, other = (UsageCollector(control, [sandbox]) for _ in range(2))
    await asyncio.gather(one.collect(), other.collect())
    await one.collect()
    assert await counts(control) == {"PostJob/standard": 2, "PostJob/big": 1}
    assert await sandbox.read(lambda session: UsageRows(session).first(limit=9)) == []
    await add(sandbox, ROW)
    await other.collect()
    assert (await counts(control))["PostJob/standard"] == 3


class NoDeletes:
    """A business database that fails every write, as if the process died before it."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.name = inner.name

    async def read(self, fn: Any) -> Any:
        return await self._inner.read(fn)

    async def write(self, fn: Any, **said: Any) -> Any:
        raise DatabaseUnavailable


async def test_a_collection_that_was_cut_off_counts_nothing_twice(
    control: Database, sandbox: Database
) -> None:
    """The control database knows how far it came; the next one deletes what is left."""
    await add(sandbox, ROW, ROW)
    broken: Any = NoDeletes(sandbox)
    await UsageCollector(control, [broken]).collect()
    await UsageCollector(control, [sandbox]).collect()
    assert await counts(control) == {"PostJob/standard": 2}
    await add(sandbox, ROW)
    await UsageCollector(control, [sandbox]).collect()
    assert await counts(control) == {"PostJob/standard": 3}
    assert await sandbox.read(lambda session: UsageRows(session).first(limit=9)) == []
