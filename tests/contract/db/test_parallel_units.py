"""Units of several organizations at once leave what a serial run of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, insert, select, text
from tests.contract.conftest import opened

from xaigh_server.db.database import Database, open_database
from xaigh_server.db.metadata import NAMING
from xaigh_server.db.partition import Partition
from xaigh_server.db.row_numbers import RowNumbers
from xaigh_server.db.session import Session, upsert

metadata = MetaData(naming_convention=NAMING)
totals = Table(
    "totals",
    metadata,
    Column("organization_id", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
)
steps = Table(
    "steps",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=True),
    Column("organization_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("total", BigInteger, nullable=False),
)
TOTAL = select(totals.c.total).where(totals.c.organization_id == bindparam("organization_id"))
SET = upsert(totals, key=("organization_id",), update=("total",))
STEPS = (
    select(steps.c.name, steps.c.total)
    .where(steps.c.organization_id == bindparam("organization_id"))
    .order_by(steps.c.number)
)
NUMBERS = RowNumbers(steps.c.number)
ORGANIZATIONS = ("org_a", "org_b", "org_c")
UNITS = st.lists(
    st.tuples(st.sampled_from(ORGANIZATIONS), st.sampled_from(("add", "double", "refuse"))),
    min_size=1,
    max_size=24,
)


def step(total: int, what: str) -> int:
    """What a unit makes of a total that it has read."""
    return total + 1 if what == "add" else total * 2


def unit(session: Session, organization: str, what: str, name: str = "") -> None:
    """Reads its organization's total, and writes the next one and a row of how it got there."""
    total = step(session.scalar(TOTAL, organization_id=organization) or 0, what)
    (number,) = NUMBERS.draw(session)
    session.run(SET, organization_id=organization, total=total)
    session.run(insert(steps), number=number, organization_id=organization, name=name, total=total)
    if what == "refuse":
        raise LookupError(organization)


@given(units=UNITS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_parallel_units_leave_what_serial_ones_leave(
    location: Path | str, units: list[tuple[str, str]]
) -> None:
    """Totals, and the steps in order: nothing of a refused unit, nothing lost, nothing twice."""

    async def run() -> dict[str, list[int]]:
        async with opened_again(location) as database:
            writes = (
                database.write(
                    partial(unit, organization=organization, what=what),
                    partition=Partition.of("sandbox", organization),
                )
                for organization, what in units
            )
            await asyncio.gather(*writes, return_exceptions=True)
            return {each: await steps_of(database, each) for each in ORGANIZATIONS}

    expected: dict[str, list[int]] = {each: [] for each in ORGANIZATIONS}
    for organization, what in units:
        if what != "refuse":
            before = expected[organization][-1] if expected[organization] else 0
            expected[organization].append(step(before, what))
    assert asyncio.run(run()) == expected


@given(units=UNITS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_units_of_two_processes_leave_what_some_serial_run_leaves(
    location: Path | str, units: list[tuple[str, str]]
) -> None:
    """Which unit of an organization comes first is open; whatever the order was, it is one.

    So the units that were kept run again, one after another in the order of their steps.
    """

    async def run() -> dict[str, list[tuple[str, int]]]:
        async with opened_again(location) as first:
            second = open_database("sandbox", location, metadata)
            await second.start()
            writes = (
                (first, second)[number % 2].write(
                    partial(unit, organization=organization, what=what, name=str(number)),
                    partition=Partition.of("sandbox", organization),
                )
                for number, (organization, what) in enumerate(units)
            )
            await asyncio.gather(*writes, return_exceptions=True)
            await second.close()
            return {each: await named_steps_of(first, each) for each in ORGANIZATIONS}

    found = asyncio.run(run())
    for organization, rows in found.items():
        kept = [str(n) for n, each in enumerate(units) if each[0] == organization]
        assert sorted(name for name, _ in rows) == sorted(
            name for name in kept if units[int(name)][1] != "refuse"
        )
        total = 0
        for name, seen in rows:
            total = step(total, units[int(name)][1])
            assert seen == total


async def named_steps_of(database: Database, organization: str) -> list[tuple[str, int]]:
    """Names and totals of an organization's steps, in the order of their numbers."""
    rows = await database.read(lambda session: session.all(STEPS, organization_id=organization))
    return [(row.name, row.total) for row in rows]


async def steps_of(database: Database, organization: str) -> list[int]:
    """The totals alone."""
    return [total for _, total in await named_steps_of(database, organization)]


def opened_again(location: Path | str) -> AbstractAsyncContextManager[Database]:
    """The database of this example, without the rows of the ones before."""
    if isinstance(location, Path):
        for suffix in ("", "-wal", "-shm"):
            location.with_name(location.name + suffix).unlink(missing_ok=True)
    else:
        with psycopg.connect(location, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS totals, steps")
    return opened(location, metadata, name="sandbox")


async def test_a_unit_that_waits_holds_up_its_own_organization_alone(
    new_postgres: Callable[[], str],
) -> None:
    """Others commit while one unit is still open. SQLite has one writer."""
    async with opened(new_postgres(), metadata, name="sandbox") as database:
        loop = asyncio.get_running_loop()
        begun, go_on = asyncio.Event(), asyncio.Event()

        def slow(session: Session) -> None:
            session.scalar(text("SELECT 1"))
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

        def write(organization: str, what: str = "add") -> asyncio.Task[None]:
            work = slow if what == "wait" else partial(unit, organization=organization, what=what)
            partition = Partition.of("sandbox", organization)
            return asyncio.create_task(database.write(work, partition=partition))

        waits = write("org_a", "wait")
        await begun.wait()
        behind = write("org_a")
        await asyncio.gather(*(write(f"org_{number}") for number in range(8)))
        assert not waits.done() and not behind.done()
        go_on.set()
        await asyncio.gather(waits, behind)
        assert await steps_of(database, "org_a") == [1]
