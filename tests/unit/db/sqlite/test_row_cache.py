"""What looks remember of rows, and what makes them forget."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from tests.unit.db.conftest import add, notes

from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.db.sqlite.row_cache import BYTES_IN_ALL, BYTES_OF_ONE, RowCache

TEXT = select(notes.c.text).where(notes.c.id == "one")
ALL = select(func.count()).select_from(notes)
CHANGE = update(notes).where(notes.c.id == "one")


class Maker:
    """Makes a list of what a note says, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def remembered(self, session: Session) -> list[str]:
        return session.remember("one", lambda: self._make(session), len)

    def _make(self, session: Session) -> list[str]:
        self.times += 1
        return [session.scalar(TEXT)]


def change(text: str) -> Callable[[Session], None]:
    return lambda session: session.run(CHANGE, text=text)


async def look(database: SqliteDatabase, maker: Maker) -> list[str]:
    """What a look of a new turn finds."""
    await asyncio.sleep(0)
    return await database.point(maker.remembered)


@pytest.fixture
def maker() -> Maker:
    return Maker()


async def test_a_look_finds_what_an_earlier_one_made(
    database: SqliteDatabase, maker: Maker
) -> None:
    """The very object, for as long as nobody commits."""
    await database.write(add("one"))
    first = await look(database, maker)
    assert first == ["one"]
    assert await look(database, maker) is first
    assert await database.read(lambda session: session.scalar(ALL)) == 1
    assert await look(database, maker) is first
    assert maker.times == 1


async def test_any_commit_makes_it_forget(
    database: SqliteDatabase, path: Path, maker: Maker
) -> None:
    """One of this process or of another; of whatever row."""
    await database.write(add("one"))
    for number in range(20):
        await database.write(change(f"mine {number}"))
        assert await look(database, maker) == [f"mine {number}"]
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("UPDATE notes SET text = ?", (f"theirs {number}",))
            assert await look(database, maker) == [f"theirs {number}"]
        await database.write(add(f"beside {number}"))
        assert await look(database, maker) == [f"theirs {number}"]
    assert maker.times == 60


async def test_what_is_undone_is_nothing_to_forget_for(
    database: SqliteDatabase, path: Path, maker: Maker
) -> None:
    """Uncommitted rows are seen by nobody."""
    await database.write(add("one"))
    first = await look(database, maker)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE notes SET text = 'never'")
        assert await look(database, maker) is first
        other.execute("ROLLBACK")
    assert await look(database, maker) is first


async def test_looks_of_a_turn_remember_their_snapshot(
    database: SqliteDatabase, path: Path, maker: Maker
) -> None:
    """What another process commits in between shows in the next turn, all of it at once."""
    await database.write(add("one"))
    assert database.read_inline(maker.remembered) == ["one"]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE notes SET text = 'later'")
        other.execute("INSERT INTO notes VALUES ('two', 'two', NULL)")
    assert database.read_inline(lambda session: session.scalar(ALL)) == 1
    assert database.read_inline(maker.remembered) == ["one"]
    await asyncio.sleep(0)
    assert database.read_inline(lambda session: session.scalar(ALL)) == 2
    assert database.read_inline(maker.remembered) == ["later"]


async def test_only_looks_remember(database: SqliteDatabase, maker: Maker) -> None:
    """A write reads what it is about to change, and a list has no business in the memory."""
    await database.write(add("one"))
    assert await look(database, maker) == ["one"]

    def write(session: Session) -> list[str]:
        session.run(CHANGE, text="changed")
        return maker.remembered(session)

    assert await database.write(write) == ["changed"]
    assert await database.read(maker.remembered) == ["changed"]
    assert await database.read(maker.remembered) == ["changed"]
    assert maker.times == 4


async def test_a_copy_put_in_the_files_place_is_another_state(
    database: SqliteDatabase, path: Path, maker: Maker
) -> None:
    """Nothing of the old file is remembered."""
    await database.write(add("one"))
    copy = path.with_name("copy.db")
    with closing(sqlite3.connect(path)) as standing, closing(sqlite3.connect(copy)) as other:
        standing.backup(other)
        other.execute("UPDATE notes SET text = 'restored'")
        other.commit()
    assert await look(database, maker) == ["one"]
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    shutil.move(copy, path)
    assert await look(database, maker) == ["restored"]


async def test_what_is_not_there_is_not_remembered(database: SqliteDatabase) -> None:
    """Guesses at ids don't fill the memory."""
    asked: list[bool] = []

    def ask() -> Any:
        asked.append(True)

    def nothing(session: Session) -> Any:
        return session.remember("none", ask, lambda _: 0)

    assert await database.point(nothing) is None
    assert await database.point(nothing) is None
    assert len(asked) == 2


def test_the_memory_is_bounded() -> None:
    """No large value, and not too much in all; what is too much begins anew."""
    memory = RowCache()
    memory.keep("large", "x", BYTES_OF_ONE + 1)
    assert memory.get("large") is None
    most = BYTES_IN_ALL // BYTES_OF_ONE
    for number in range(most):
        memory.keep(number, "x", BYTES_OF_ONE)
    assert [memory.get(number) for number in range(most)] == ["x"] * most
    memory.keep("one more", "x", 1)
    assert memory.get("one more") == "x"
    assert memory.get(0) is None
    memory.as_of((1, 2))
    assert memory.get("one more") is None
