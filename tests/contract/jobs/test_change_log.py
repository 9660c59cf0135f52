"""A watch over all organizations misses nothing, in whatever order their writes commit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import text

from xaigh_server.db.database import Database
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.jobs.change_log import ChangePosition, JobChangeLog, LogEntry
from xaigh_server.jobs.model import ChangeKind, JobChange, JobFilter

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVERYBODY = JobFilter(employer_ids=None)
START = ChangePosition(sequence=0)


def change(session: Session, organization: str, number: int) -> None:
    """Logs a change of a job."""
    entry = LogEntry(number=number, employer_user_id="emp_1", kind=ChangeKind.UPDATED)
    JobChangeLog(session).append(organization, [entry], NOW)


async def after(business: Database, place: ChangePosition) -> list[JobChange]:
    """The changes of all organizations behind a position."""
    return await business.read(
        lambda session: JobChangeLog(session).changes(EVERYBODY, after=place, limit=9)
    )


async def head(business: Database, wanted: JobFilter = EVERYBODY) -> ChangePosition:
    """The position behind all changes so far."""
    return await business.read(lambda session: JobChangeLog(session).head(wanted))


async def test_a_write_that_commits_late_is_not_missed(business: Database) -> None:
    """It took its sequence before another organization's, which committed first."""
    loop = asyncio.get_running_loop()
    written, go_on = asyncio.Event(), asyncio.Event()

    def slow(session: Session) -> None:
        change(session, "org_slow", 1)
        session.scalar(text("SELECT 1"))  # the row has been sent
        loop.call_soon_threadsafe(written.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

    slowly = asyncio.create_task(
        business.write(slow, partition=Partition.of("sandbox", "org_slow"))
    )
    await written.wait()
    quickly = asyncio.create_task(
        business.write(
            lambda session: change(session, "org_quick", 2),
            partition=Partition.of("sandbox", "org_quick"),
        )
    )
    if business.dialect == "postgresql":
        await quickly
    place = await head(business)
    early = await after(business, START)
    go_on.set()
    await asyncio.gather(slowly, quickly)
    late = await after(business, place)
    assert [each.job_number for each in early + late] == [1, 2]


async def test_a_restored_log_goes_on_behind_every_cursor(business: Database) -> None:
    """A cursor from before a restore sees what was written since, though the log was cut."""
    if business.dialect == "sqlite":
        raised = "UPDATE sqlite_sequence SET seq = 1 << 40 WHERE name = 'job_changes'"
    else:
        raised = "SELECT setval('job_changes_sequence_seq', 1::bigint << 40)"
    for number in (1, 2):
        await business.write(partial(change, organization="org_1", number=number))
    own = JobFilter(organization_id="org_1", employer_ids=None)
    everybody, mine = await head(business), await head(business, own)
    await business.write(lambda session: session.run(text("DELETE FROM job_changes")))
    await business.write(lambda session: session.run(text(raised)))
    await business.write(lambda session: change(session, "org_1", 3))
    assert [each.job_number for each in await after(business, everybody)] == [3]
    found = await business.read(
        lambda session: JobChangeLog(session).changes(own, after=mine, limit=9)
    )
    assert [each.job_number for each in found] == [3]
    assert ChangePosition.of(everybody.parts) == everybody < await head(business)
