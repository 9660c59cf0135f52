"""Beside a process that writes without a pause, others still get their turn."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert

from xaigh_server.db import schema
from xaigh_server.db.sqlite.database import SqliteDatabase

pytestmark = pytest.mark.process

METADATA = MetaData()
NOTES = Table("notes", METADATA, Column("id", Integer, primary_key=True))
# Takes the lock again as soon as it has told of the last write, as a server under load does.
HOG = """
import json, sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
while True:
    connection.execute("BEGIN IMMEDIATE")
    time.sleep(0.002)
    connection.execute("COMMIT")
    json.dumps(list(range(1000)))
    print("wrote", flush=True)
"""


class Hog:
    """A process that writes without a pause."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it writes."""
        command = [sys.executable, "-c", HOG, str(self._path)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"wrote\n"
        self._drain = threading.Thread(target=self._process.stdout.read)
        self._drain.start()

    def stop(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._drain.join(timeout=10)
            self._process.stdout.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@pytest.fixture
def hog(path: Path) -> Iterator[Hog]:
    made = Hog(path)
    yield made
    made.stop()


async def test_every_write_finds_a_gap(path: Path, hog: Hog) -> None:
    """Ten of them, none refused, between writes that leave the file free for moments only."""
    database = SqliteDatabase("notes", path, METADATA)
    await database.start()
    await database.write(lambda session: schema.create(session, METADATA))
    hog.start()
    for number in range(10):
        await database.write(lambda session, id=number: session.run(insert(NOTES), id=id))  # type: ignore[misc]
    await database.close()


async def test_a_database_starts_beside_it(path: Path, hog: Hog) -> None:
    """A server that is started while another one writes is not told that the file is locked."""
    first = SqliteDatabase("notes", path, METADATA)
    await first.start()
    hog.start()
    for _ in range(3):
        another = SqliteDatabase("notes", path, METADATA)
        await another.start()
        await another.close()
    await first.close()
