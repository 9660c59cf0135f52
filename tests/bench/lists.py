"""What a page of jobs costs on SQLite: by our reader threads, and by SQLAlchemy's AsyncEngine.

Both run the repository's own code, with the same statement and the same domain values. Through the
engine it is called by `run_sync`, with a session of SQLAlchemy Core. No bars: decision 16 has the
figures.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import uvloop
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from tests.bench.bars import Bar

from xaigh_server.db import migrate
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.jobs.model import Job, JobFilter, Posting, Publication, Source
from xaigh_server.jobs.repository import Jobs
from xaigh_server.runtime.tables import business_metadata

NOW = datetime(2026, 1, 31, tzinfo=UTC)
JOBS, CONTENT = 10_000, 1_000  # rows, and bytes of each one's content
WANTED = JobFilter(organization_id="org_1", employer_ids=["employer_1"])
PAGES, AT_ONCE = (50, 200), (1, 16)
ROUNDS = 5

Page = Callable[[], Awaitable[object]]


class CoreSession:
    """As much of `Session` as a list needs, on a connection of SQLAlchemy Core."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, statement: Any, /, **params: Any) -> list[Any]:
        return list(self._connection.execute(statement, params))


def measure() -> list[Bar]:
    """Prints the table."""
    uvloop.run(_measure())
    return []


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.db"
        database = SqliteDatabase("sandbox", file, business_metadata)
        await database.start()
        await migrate.upgrade(database)
        await database.write(_fill)
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=4)
        for size in PAGES:
            for at_once in AT_ONCE:
                print(f"  {size} rows, {at_once} at once")
                await _compare(database, engine, size, at_once)
        await engine.dispose()
        await database.close()


async def _compare(database: SqliteDatabase, engine: Any, size: int, at_once: int) -> None:
    def listing(session: Session) -> list[Job]:
        return Jobs(session).listing(WANTED, limit=size)

    async def by_thread() -> object:
        return await database.read(listing)

    async def by_engine() -> object:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda made: listing(cast(Any, CoreSession(made))))

    assert await by_thread() == await by_engine()
    ways: dict[str, Page] = {"reader thread": by_thread, "AsyncEngine": by_engine}
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, page in ways.items():
            found[name].append(await _cost(page, 20_000 // size, at_once))
    for name, costs in found.items():
        wall = sorted(each.wall for each in costs)[ROUNDS // 2]
        processor = sorted(each.processor for each in costs)[ROUNDS // 2]
        print(f"    {name:<16}{wall * 1e6:>8.0f} us a page{processor * 1e6:>8.0f} us of processor")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one page: by the clock, and of the processor."""

    wall: float
    processor: float


async def _cost(page: Page, times: int, at_once: int) -> Cost:
    async def several() -> None:
        for _ in range(times // at_once):
            await page()

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(several() for _ in range(at_once)))
    made = times // at_once * at_once
    return Cost((time.perf_counter() - began) / made, (time.process_time() - used) / made)


def _fill(session: Session) -> None:
    for number in range(1, JOBS + 1):
        Jobs(session).add(_job(number))


def _job(number: int) -> Job:
    return Job(
        number=number,
        job_id=f"job_{number}",
        organization_id="org_1",
        employer_user_id="employer_1",
        source=Source.DIRECT,
        posted_by="k" * 10,
        posting=Posting(
            title=f"Job {number}",
            slots=1,
            external_reference="",
            content=bytes(CONTENT),
            pay=b"",
            application=b"",
            publication=Publication(),
            updated_time=NOW,
        ),
        created_time=NOW,
    )
