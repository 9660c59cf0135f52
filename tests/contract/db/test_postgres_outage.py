"""A PostgreSQL outage raises `DatabaseUnavailable`, leaves nothing half done, and is survived."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from sqlalchemy import Column, MetaData, Table, Text, delete, insert, select, text
from tests.contract.conftest import opened
from tests.harness.database_proxy import database_proxy, through

from xaigh_server.db import schema
from xaigh_server.db.database import open_database
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.postgres.connecting import WaitLimits
from xaigh_server.db.postgres.database import PostgresDatabase
from xaigh_server.db.session import Session

metadata = MetaData()
notes = Table("notes", metadata, Column("id", Text, primary_key=True))
TERMINATE = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
FAIL = "DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '{}'; END $$"


@pytest.fixture
def url(new_postgres: Callable[[], str]) -> str:
    return new_postgres()


@pytest.fixture
async def database(url: str) -> AsyncIterator[PostgresDatabase]:
    async with opened(url, metadata) as made:
        assert isinstance(made, PostgresDatabase)
        yield made


def ids(session: Session) -> list[str]:
    return [row.id for row in session.all(select(notes.c.id).order_by(notes.c.id))]


def add(id: str) -> Callable[[Session], None]:
    return lambda session: session.run(insert(notes), id=id)


async def terminate_others(url: str) -> None:
    """Ends every connection of the database, as a restart of the server does."""
    other = open_database("other", url, metadata)
    await other.start()
    await other.read(lambda session: session.all(TERMINATE))
    await other.close()


async def test_idle_connections_that_were_ended(database: PostgresDatabase, url: str) -> None:
    """They cost no call: a dead connection is replaced before it is used."""
    await asyncio.gather(*(database.read(ids) for _ in range(4)))
    await terminate_others(url)
    await database.write(add("a"))
    assert await database.read(ids) == ["a"]


async def test_a_connection_that_ends_in_the_midst(database: PostgresDatabase) -> None:
    """Its unit leaves nothing; the next one works."""

    def unit(session: Session) -> None:
        add("a")(session)
        session.run(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseUnavailable):
        await database.write(unit)
    assert await database.read(ids) == []
    await database.write(add("b"))
    assert await database.read(ids) == ["b"]


async def test_a_turn_that_does_not_come(url: str) -> None:
    """A write that waits too long for another's is refused; reads don't wait; then it works."""
    async with opened(url, metadata) as holder:
        limits = WaitLimits(lock=0.2)
        database = PostgresDatabase("control", url, metadata, limits=limits)
        await database.start()
        loop = asyncio.get_running_loop()
        held, free = asyncio.Event(), asyncio.Event()

        def hold(session: Session) -> None:
            loop.call_soon_threadsafe(held.set)
            asyncio.run_coroutine_threadsafe(free.wait(), loop).result(10)

        holding = asyncio.create_task(holder.write(hold))
        await held.wait()
        with pytest.raises(DatabaseUnavailable, match="55P03"):
            await database.write(add("a"))
        assert await database.read(ids) == []
        free.set()
        await holding
        await database.write(add("b"))
        assert await database.read(ids) == ["b"]
        await database.close()


async def test_a_unit_that_stops_thinking_loses_its_lock(
    database: PostgresDatabase, url: str
) -> None:
    """The server ends its transaction between two statements; it is run once more, then refused."""
    other = PostgresDatabase("control", url, metadata, limits=WaitLimits(idle=0.2))
    await other.start()
    loop = asyncio.get_running_loop()
    thinks, attempted = asyncio.Semaphore(0), asyncio.Semaphore(0)

    def unit(session: Session) -> None:
        assert ids(session) == []
        loop.call_soon_threadsafe(attempted.release)
        asyncio.run_coroutine_threadsafe(thinks.acquire(), loop).result(20)
        add("a")(session)

    writing = asyncio.create_task(other.write(unit))
    for number in range(2):
        async with asyncio.timeout(20):
            await attempted.acquire()
        await database.write(add(f"b{number}"))  # it got the lock
        await database.write(lambda session: session.run(delete(notes)))
        thinks.release()
    with pytest.raises(DatabaseUnavailable):
        await writing
    assert await other.read(ids) == []
    await other.close()


async def test_an_urgent_unit_ends_a_transaction_that_does_nothing(
    database: PostgresDatabase, url: str
) -> None:
    """The lock of a process that stopped isn't waited for; one that works is left alone."""
    other = PostgresDatabase("control", url, metadata)
    await other.start()
    loop = asyncio.get_running_loop()
    goes_on, holds = asyncio.Event(), asyncio.Event()
    attempts: list[str] = []

    def stopped(session: Session) -> None:
        attempts.append("stopped")
        ids(session)
        if len(attempts) == 1:
            loop.call_soon_threadsafe(holds.set)
            asyncio.run_coroutine_threadsafe(goes_on.wait(), loop).result(20)
        add("stopped")(session)

    def works(session: Session) -> None:
        loop.call_soon_threadsafe(holds.set)
        session.scalar(text("SELECT 1 FROM pg_sleep(0.5)"))
        add("works")(session)

    writing = asyncio.create_task(other.write(stopped))
    await holds.wait()
    behind = asyncio.create_task(database.write(add("behind")))
    await database.write(add("urgent"), urgent=True)
    assert not writing.done()
    goes_on.set()
    await asyncio.gather(writing, behind)
    assert await database.read(ids) == ["behind", "stopped", "urgent"]
    holds.clear()
    writing = asyncio.create_task(other.write(works))
    await holds.wait()
    await database.write(add("urgent again"), urgent=True)
    await writing
    assert "works" in await database.read(ids)
    assert attempts == ["stopped", "stopped"]
    await other.close()


async def test_a_silent_connection_gives_up_its_lock(url: str) -> None:
    """The one that takes its place ends its backend; nobody else could tell that it is lost."""
    with database_proxy(url) as network:
        limits = WaitLimits(silence=0.5, lock=10, statement=10)
        place = through(network, url)
        database = PostgresDatabase("control", place, metadata, connections=2, limits=limits)
        await database.start()
        await database.write(lambda session: schema.create(session, metadata))
        attempts: list[int] = []

        def unit(session: Session) -> None:
            ids(session)
            attempts.append(1)
            if len(attempts) == 1:
                network.silence()
            add("a")(session)
            ids(session)

        began = time.monotonic()
        await database.write(unit)
        assert len(attempts) == 2
        assert await database.read(ids) == ["a"]
        assert time.monotonic() - began < limits.idle
        await database.close()


async def test_more_calls_than_connections(url: str) -> None:
    """They wait for one another; those that wait too long are refused, and nothing is stuck."""
    async with opened(url, metadata):
        limits = WaitLimits(turn=0.3)
        database = PostgresDatabase("small", url, metadata, connections=2, limits=limits)
        await database.start()

        def slow(session: Session) -> None:
            session.scalar(text("SELECT 1 FROM pg_sleep(0.2)"))

        results = await asyncio.gather(
            *(database.read(slow) for _ in range(10)), return_exceptions=True
        )
        assert any(isinstance(result, DatabaseUnavailable) for result in results)
        assert all(result is None or isinstance(result, DatabaseUnavailable) for result in results)
        assert await database.read(ids) == []
        await database.close()


@pytest.mark.parametrize("state", ["53100", "57P03", "25006", "58030"])
async def test_states_that_pass(database: PostgresDatabase, state: str) -> None:
    """A full disk, a server that starts or is read-only, a broken disk: not now, later perhaps."""
    with pytest.raises(DatabaseUnavailable, match=state):
        await database.write(lambda session: session.run(text(FAIL.format(state))))
    await database.write(add("a"))


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_lost_race_is_run_again(database: PostgresDatabase, state: str) -> None:
    """The server undid the unit for another's sake: it is run until it comes through."""
    attempts: list[int] = []

    def unit(session: Session) -> None:
        attempts.append(1)
        add("a")(session)
        if len(attempts) < 3:
            session.run(text(FAIL.format(state)))

    await database.write(unit)
    assert len(attempts) == 3
    assert await database.read(ids) == ["a"]


async def test_a_race_that_is_always_lost_ends(database: PostgresDatabase) -> None:
    """Five attempts are enough."""
    attempts: list[int] = []

    def unit(session: Session) -> None:
        attempts.append(1)
        session.run(text(FAIL.format("40001")))

    with pytest.raises(DatabaseUnavailable):
        await database.write(unit)
    assert len(attempts) == 5


async def test_a_mistake_of_ours_is_no_outage(database: PostgresDatabase) -> None:
    """A broken statement isn't `DatabaseUnavailable`, and hurts no later one."""
    with pytest.raises(Exception, match="does not exist") as caught:
        await database.write(lambda session: session.run(text("DELETE FROM nothing_there")))
    assert not isinstance(caught.value, DatabaseUnavailable)
    await database.write(add("a"))


async def test_a_server_out_of_reach() -> None:
    """The start fails at once, without the URL's password in the text."""
    database = PostgresDatabase("gone", "postgresql://user:hush@127.0.0.1:9/none", metadata)
    with pytest.raises(DatabaseUnavailable) as caught:
        await database.start()
    assert "hush" not in str(caught.value)
    await database.close()


async def test_a_database_that_does_not_exist(url: str) -> None:
    """The start says which one."""
    head, _, tail = url.partition("?")
    database = PostgresDatabase("gone", f"{head}x?{tail}", metadata)
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        await database.start()
    await database.close()


async def test_close_waits_for_what_was_submitted(database: PostgresDatabase, url: str) -> None:
    """A write whose caller has gone is committed before the connections go."""
    writing = asyncio.create_task(database.write(add("a")))
    await asyncio.sleep(0)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    await database.close()
    again = open_database("again", url, metadata)
    await again.start()
    assert await again.read(ids) == ["a"]
    await again.close()


def test_other_urls_are_refused() -> None:
    """Only engines that are known here."""
    with pytest.raises(ValueError, match="postgresql://"):
        open_database("x", "mysql://somewhere/db", metadata)
