"""SQLite's messages become the names in the tables' definitions."""

import sqlite3

import pytest
from tests.unit.db.conftest import add, metadata, notes

from xaigh_server.db.errors import IntegrityViolation, UniqueViolation
from xaigh_server.db.session import Session
from xaigh_server.db.sqlite.database import SqliteDatabase
from xaigh_server.db.sqlite.errors import SqliteErrors


def refused(code: int, message: str) -> sqlite3.Error:
    error = sqlite3.IntegrityError(message)
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_CONSTRAINT"
    return error


@pytest.mark.parametrize(
    ("code", "message", "kind", "constraint"),
    [
        (
            sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
            "UNIQUE constraint failed: notes.id",
            UniqueViolation,
            "pk_notes",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            "UNIQUE constraint failed: notes.text, notes.lower",
            UniqueViolation,
            "uq_notes_text_lower",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            "UNIQUE constraint failed: index 'one_lower'",
            UniqueViolation,
            "one_lower",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            "UNIQUE constraint failed: other.column",
            UniqueViolation,
            "other.column",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: ck_notes_length",
            IntegrityViolation,
            "ck_notes_length",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_NOTNULL,
            "NOT NULL constraint failed: notes.text",
            IntegrityViolation,
            "nn_notes_text",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
            "FOREIGN KEY constraint failed",
            IntegrityViolation,
            "foreign_key",
        ),
        (
            sqlite3.SQLITE_CONSTRAINT_TRIGGER,
            "notes_append_only",
            IntegrityViolation,
            "notes_append_only",
        ),
        (sqlite3.SQLITE_CONSTRAINT_TRIGGER, "UNIQUE pk_notes", UniqueViolation, "pk_notes"),
    ],
)
def test_violations_by_name(
    code: int, message: str, kind: type[UniqueViolation | IntegrityViolation], constraint: str
) -> None:
    """Every sort of refusal has its class and its constraint."""
    translated = SqliteErrors(metadata).translate(refused(code, message))
    assert type(translated) is kind
    assert translated.constraint == constraint


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    """A broken statement isn't an outage: the driver's error passes through."""
    error = sqlite3.OperationalError("no such table: nots")
    error.sqlite_errorcode = sqlite3.SQLITE_ERROR
    error.sqlite_errorname = "SQLITE_ERROR"
    assert SqliteErrors(metadata).translate(error) is error
    wrong = sqlite3.ProgrammingError("bad parameter")
    assert SqliteErrors(metadata).translate(wrong) is wrong


async def test_an_index_on_an_expression_has_its_name(database: SqliteDatabase) -> None:
    """The real engine's message of such an index leads to its name."""

    def both(session: Session) -> None:
        for id in "ab":
            session.run(notes.insert(), id=id, text=id, lower="SAME")

    with pytest.raises(UniqueViolation, match="one_lower"):
        await database.write(both)


async def test_a_mistake_does_not_hurt_the_writer(database: SqliteDatabase) -> None:
    """After a statement on a missing table the next write works."""
    other = notes.to_metadata(type(metadata)(), name="elsewhere")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.write(lambda s: s.run(other.insert(), id="a", text="a"))
    await database.write(add("a"))
    assert await database.read(lambda s: len(s.all(notes.select()))) == 1
