"""What is looked up once in a turn of the event loop, and when it is looked up again."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.db.sqlite.tick import EventLoopTick

METADATA = MetaData()
ROWS = Table("rows", METADATA, Column("id", Integer, primary_key=True))
_MAKE = text("CREATE TABLE rows (id INTEGER PRIMARY KEY)")
_ADD, _ALL = insert(ROWS), select(ROWS.c.id)


async def test_a_turn_has_one_first_asker() -> None:
    """Whoever asks again in the same turn isn't the first; in the next turn there is one again."""
    ended: list[bool] = []
    turn = EventLoopTick(lambda: ended.append(True))
    assert [turn.begins(), turn.begins(), turn.begins()] == [True, False, False]
    await asyncio.sleep(0)
    assert ended == [True]
    assert turn.begins()


async def test_a_cancelled_turn_begins_anew() -> None:
    """What failed to be looked up is looked up again by the next one who asks."""
    turn = EventLoopTick()
    assert turn.begins()
    turn.cancel()
    assert turn.begins()


def test_a_loop_that_went_away_leaves_no_turn_open() -> None:
    """A loop that ended in the midst of a turn doesn't keep the next one from asking."""
    turn = EventLoopTick()

    async def ask() -> bool:
        return turn.begins()

    loop = asyncio.new_event_loop()
    task = loop.create_task(ask())
    task.add_done_callback(lambda _: loop.stop())
    loop.run_forever()
    loop.close()
    assert asyncio.run(ask())


def _ids(session: Session) -> list[int]:
    return [row.id for row in session.all(_ALL)]


def _add(number: int, session: Session) -> None:
    session.run(_ADD, id=number)


async def _opened(path: Path) -> SqliteDatabase:
    database = SqliteDatabase("rows", path, METADATA)
    await database.start()
    await database.write(lambda session: session.run(_MAKE))
    return database


async def test_a_look_sees_every_write_that_was_answered(tmp_path: Path) -> None:
    """Between a write's reply and the next look a turn has passed, however quick both are."""
    database = await _opened(tmp_path / "rows.db")
    for number in range(50):
        await database.write(partial(_add, number))
        assert number in await database.point(_ids)
        assert number in await database.point(_ids)
    await database.close()


async def test_a_look_after_a_failed_one_works(tmp_path: Path) -> None:
    """A file that is gone is unavailable; put back, it is read again in the very same turn."""
    path = tmp_path / "rows.db"
    database = await _opened(path)
    assert await database.point(_ids) == []
    await asyncio.sleep(0)
    path.rename(tmp_path / "away")
    with pytest.raises(DatabaseUnavailable):
        await database.point(_ids)
    (tmp_path / "away").rename(path)
    assert await database.point(_ids) == []
    await database.close()


async def test_an_error_of_a_caller_leaves_the_snapshot_to_the_others(tmp_path: Path) -> None:
    """A look that raises its own error costs nobody else theirs."""
    database = await _opened(tmp_path / "rows.db")

    def fails(session: Session) -> None:
        _ids(session)
        raise LookupError

    with pytest.raises(LookupError):
        await database.point(fails)
    assert await database.point(_ids) == []
    await database.close()
