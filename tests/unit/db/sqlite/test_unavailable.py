"""A file that can't serve raises `DatabaseUnavailable`, leaves nothing half done, and recovers."""

import asyncio
import os
import shutil
import sqlite3
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.unit.db.conftest import add, ids, metadata, other_writer

from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase

READ_ONLY_START = """
import asyncio, os, pathlib, sys
from sqlalchemy import MetaData
from xaigh_server.db.errors import DatabaseUnavailable
from xaigh_server.db.sqlite.database import SqliteDatabase

async def main():
    if os.getuid() == 0:
        os.setuid(65534)  # no permission stops root
    try:
        await SqliteDatabase("x", pathlib.Path(sys.argv[1]), MetaData()).start()
    except DatabaseUnavailable as error:
        print(error)

asyncio.run(main())
"""


async def test_a_new_file_is_its_owners_alone(database: SqliteDatabase, path: Path) -> None:
    """The database and its write-ahead files can't be read by others."""
    await database.write(add("a"))
    found = sorted(path.parent.iterdir())
    assert len(found) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in found} == {0o600}


async def test_it_is_durable_and_keeps_foreign_keys(database: SqliteDatabase) -> None:
    """Write-ahead logging with a full sync at each commit, and foreign keys on."""

    def pragmas(session: Session) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        return [session.scalar(text(f"PRAGMA {name}")) for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1, 1]


async def test_locked_by_another_process(database: SqliteDatabase, path: Path) -> None:
    """A write fails once its patience is over, reads go on, and the next write works."""
    with other_writer(path):
        with pytest.raises(DatabaseUnavailable, match="locked"):
            await database.write(add("a"))
        assert await database.read(ids) == []
    await database.write(add("b"))
    assert await database.read(ids) == ["b"]


async def test_a_queue_behind_a_lock_waits_once(database: SqliteDatabase, path: Path) -> None:
    """20 writes at once are all refused after one patience, not after one each."""
    with other_writer(path):
        began = time.monotonic()
        results = await asyncio.gather(
            *(database.write(add(str(n))) for n in range(20)), return_exceptions=True
        )
        assert time.monotonic() - began < 20 * 0.2 / 2
    assert all(isinstance(result, DatabaseUnavailable) for result in results)
    await database.write(add("a"))
    assert await database.read(ids) == ["a"]


async def test_a_lock_that_ends_in_time_is_waited_for(database: SqliteDatabase, path: Path) -> None:
    """A write that finds the lock taken gets its turn when it is freed."""
    with other_writer(path):
        writing = asyncio.create_task(database.write(add("a")))
        await asyncio.wait([writing], timeout=0.02)
        assert not writing.done()
    await writing
    assert await database.read(ids) == ["a"]


async def test_moved_away_and_back(database: SqliteDatabase, path: Path) -> None:
    """While the file is gone nothing is written or read; back in place it serves again."""
    await database.write(add("a"))
    away = path.with_name("away")
    os.rename(path, away)
    for call in (database.write, database.read, database.point):
        with pytest.raises(DatabaseUnavailable, match="No such file"):
            await call(ids)
    with pytest.raises(DatabaseUnavailable):
        await database.ready()
    assert path.name not in os.listdir(path.parent)

    os.rename(away, path)
    await database.write(add("b"))
    assert await database.read(ids) == ["a", "b"]
    await database.ready()


async def test_deleted_and_restored_from_a_copy(database: SqliteDatabase, path: Path) -> None:
    """Another file in its place is opened by the writer and by every reader."""
    await database.write(add("a"))
    await database.write(lambda session: None)
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    os.unlink(path)
    with pytest.raises(DatabaseUnavailable):
        await database.write(add("b"))

    os.rename(copy, path)
    await database.write(add("c"))
    assert await database.read(ids) == ["a", "c"]
    assert database.read_inline(ids) == ["a", "c"]


async def test_full(database: SqliteDatabase) -> None:
    """A unit that doesn't fit is taken back whole, small ones go on, and room cures it."""

    def limit(session: Session, pages: int) -> None:
        session.scalar(text(f"PRAGMA max_page_count={pages}"))

    used = await database.write(lambda s: s.scalar(text("PRAGMA page_count")))
    await database.write(lambda s: limit(s, used + 2))

    def unit(session: Session) -> None:
        add("small")(session)
        add("big", "x" * 100_000)(session)

    with pytest.raises(DatabaseUnavailable, match="full"):
        await database.write(unit)
    assert await database.read(ids) == []
    await database.write(add("small"))

    await database.write(lambda s: limit(s, used + 1000))
    await database.write(add("big", "x" * 100_000))
    assert await database.read(ids) == ["big", "small"]


async def test_full_takes_units_of_the_same_commit_along(database: SqliteDatabase) -> None:
    """Whoever shared the lost transaction is told so, and may try again."""
    used = await database.write(lambda s: s.scalar(text("PRAGMA page_count")))
    await database.write(lambda s: s.scalar(text(f"PRAGMA max_page_count={used + 2}")))
    results = await asyncio.gather(
        *(database.write(add(str(n), "x" * (100_000 if n == 5 else 1) + str(n))) for n in range(9)),
        return_exceptions=True,
    )
    assert isinstance(results[5], DatabaseUnavailable)
    failed = [isinstance(result, DatabaseUnavailable) for result in results]
    kept = [str(n) for n, lost in enumerate(failed) if not lost]
    assert await database.read(ids) == kept


async def test_full_is_not_swallowed(database: SqliteDatabase) -> None:
    """A unit that goes on after an outage is lost all the same, and says why."""
    used = await database.write(lambda s: s.scalar(text("PRAGMA page_count")))
    await database.write(lambda s: s.scalar(text(f"PRAGMA max_page_count={used + 2}")))

    def unit(session: Session) -> None:
        add("a")(session)
        with suppress(DatabaseUnavailable):
            add("b", "x" * 100_000)(session)
        with suppress(DatabaseUnavailable):
            add("c")(session)

    with pytest.raises(DatabaseUnavailable, match="full"):
        await database.write(unit)
    await database.write(add("d"))
    assert await database.read(ids) == ["d"]


async def test_read_only(database: SqliteDatabase) -> None:
    """A file system that turned read-only refuses writes and serves reads."""
    await database.write(add("a"))
    await database.write(lambda s: s.scalar(text("PRAGMA query_only=ON")))
    with pytest.raises(DatabaseUnavailable, match="readonly"):
        await database.write(add("b"))
    assert await database.read(ids) == ["a"]


async def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    """The start fails with one line that names the file."""
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        READ_ONLY_START,
        str(folder / "x.db"),
        stdout=asyncio.subprocess.PIPE,
        cwd="/",
    )
    told, _ = await process.communicate()
    assert told.decode() == f"{folder / 'x.db'}: Permission denied\n"


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Foreign bytes are refused and left as they are."""
    path = tmp_path / "x.db"
    path.write_bytes(b"these are the wrong bytes" * 100)
    database = SqliteDatabase("x", path, metadata)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        await database.start()
    await database.close()
    assert path.read_bytes() == b"these are the wrong bytes" * 100


async def test_a_spoilt_connection_is_replaced(database: SqliteDatabase) -> None:
    """An I/O fault costs the unit that meets it; the next one runs on a new connection."""
    await database.write(add("a"))

    def broken(session: Session) -> None:
        add("b")(session)
        error = DatabaseUnavailable("disk")
        error.__cause__ = io_error()
        raise error

    with pytest.raises(DatabaseUnavailable, match="disk"):
        await database.write(broken)
    await database.write(add("c"))
    assert await database.read(ids) == ["a", "c"]


def io_error() -> Exception:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    error.sqlite_errorname = "SQLITE_IOERR"
    return error
