"""Threads outlive whatever a unit does, and hand back what it raised."""

import asyncio
from pathlib import Path

import pytest
from tests.unit.db.conftest import add, ids, metadata

from xaigh_server.db import schema
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase


@pytest.mark.parametrize("lane", ["write", "read"])
@pytest.mark.parametrize("error", [GeneratorExit, LookupError])
async def test_every_error_reaches_the_caller(
    database: SqliteDatabase, lane: str, error: type[BaseException]
) -> None:
    """Also those that would end a thread; the next unit runs."""

    def unit(session: Session) -> None:
        raise error

    future = asyncio.ensure_future(getattr(database, lane)(unit))
    await asyncio.wait([future])
    assert isinstance(future.exception(), error)
    await database.write(add("a"))
    assert await database.read(ids) == ["a"]


async def test_stop_iteration_is_told_apart(database: SqliteDatabase) -> None:
    """No future takes it: it comes as a RuntimeError instead of never."""

    def unit(session: Session) -> None:
        next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await database.write(unit)


async def test_close_finishes_what_was_submitted(path: Path) -> None:
    """Writes in the queue are committed, and the write-ahead file is folded away."""
    database = SqliteDatabase("notes", path, metadata)
    await database.start()
    await database.write(lambda session: schema.create(session, metadata))
    writes = [asyncio.ensure_future(database.write(add(str(number)))) for number in range(100)]
    await asyncio.sleep(0)  # they have been submitted
    await database.close()
    await asyncio.gather(*writes)
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # a test
    again = SqliteDatabase("notes", path, metadata)
    await again.start()
    assert len(await again.read(ids)) == 100
    await again.close()


async def test_reads_run_beside_a_long_write(database: SqliteDatabase) -> None:
    """A reader sees what was there before, and waits for nobody."""
    await database.write(add("a"))
    loop = asyncio.get_running_loop()
    written, go_on = asyncio.Event(), asyncio.Event()

    def unit(session: Session) -> None:
        add("b")(session)
        loop.call_soon_threadsafe(written.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

    writing = asyncio.create_task(database.write(unit))
    await written.wait()
    assert await database.read(ids) == ["a"]
    assert database.read_inline(ids) == ["a"]
    go_on.set()
    await writing
    assert await database.read(ids) == ["a", "b"]


async def test_a_loop_that_has_gone_breaks_nothing(path: Path) -> None:
    """A unit whose caller's loop is closed still runs; its result is nobody's."""
    database = SqliteDatabase("notes", path, metadata)
    await database.start()

    async def submit() -> None:
        database._writes.submit(lambda session: None)

    await asyncio.to_thread(asyncio.run, submit())
    assert await database.write(lambda session: 1) == 1
    await database.close()
