"""A database in a file with one table of notes."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Column, Index, MetaData, Table, Text, UniqueConstraint, func, insert, select

from xaigh_server.db import schema
from xaigh_server.db.metadata import NAMING
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase

metadata = MetaData(naming_convention=NAMING)
notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("lower", Text),
    UniqueConstraint("text", "lower"),
)
Index("one_lower", func.lower(notes.c.lower), unique=True)

ADD = insert(notes)
IDS = select(notes.c.id).order_by(notes.c.id)


def add(id: str, text: str = "") -> Callable[[Session], None]:
    """A unit that writes one note."""
    return lambda session: session.run(ADD, id=id, text=text or id)


def ids(session: Session) -> list[str]:
    return [row.id for row in session.all(IDS)]


@contextmanager
def other_writer(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else's that holds the write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("ROLLBACK")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder of data" / "notes?.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase("notes", path, metadata, readers=2, busy_timeout=0.2)
    await opened.start()
    await opened.write(lambda session: schema.create(session, metadata))
    yield opened
    await opened.close()
