"""Statements are compiled once, and forgotten with their statement."""

import gc

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.schema import CreateTable
from tests.unit.store.conftest import notes

from xaigh_server.store.statements import Statements, row_type


@pytest.fixture
def statements() -> Statements:
    return Statements(SQLiteDialect_pysqlite())


def test_the_same_statement_and_names_are_prepared_once(statements: Statements) -> None:
    """The second execution finds the first one's text; other names make another."""
    statement = insert(notes)
    first = statements.prepare(statement, {"id": 1, "text": 2})
    assert statements.prepare(statement, {"id": 3, "text": 4}) is first
    assert statements.prepare(statement, {"id": 3, "text": 4, "lower": 5}) is not first
    assert first.bind({"id": 3, "text": 4}) == (
        "INSERT INTO notes (id, text) VALUES (?, ?)",
        (3, 4),
    )


def test_a_statement_that_is_gone_is_forgotten(statements: Statements) -> None:
    """Statements built per call don't pile up."""
    for number in range(10):
        statements.prepare(select(notes.c.id).limit(number), {})
    gc.collect()
    assert len(statements._known) == 0


def test_constants_and_parameters_are_bound_in_place(statements: Statements) -> None:
    """Values written into the statement go beside those of the call."""
    statement = (
        update(notes)
        .where(notes.c.id == bindparam("id"), notes.c.lower == "fixed")
        .values(text=bindparam("text"))
    )
    prepared = statements.prepare(statement, {"id": "a", "text": "b"})
    assert prepared.bind({"id": "a", "text": "b"}) == (
        "UPDATE notes SET text=? WHERE notes.id = ? AND notes.lower = ?",
        ("b", "a", "fixed"),
    )


def test_names_that_an_update_does_not_bind_are_columns_to_set(statements: Statements) -> None:
    """An UPDATE without values sets what the parameters name."""
    statement = update(notes).where(notes.c.id == bindparam("which"))
    prepared = statements.prepare(statement, {"which": "a", "text": "b"})
    assert prepared.bind({"which": "a", "text": "b"}) == (
        "UPDATE notes SET text=? WHERE notes.id = ?",
        ("b", "a"),
    )


def test_plain_text_is_a_statement_and_schema_is_not(statements: Statements) -> None:
    """`text()` with named parameters works; CREATE TABLE is refused."""
    prepared = statements.prepare(text("SELECT :a, :b"), {"a": 1, "b": 2})
    assert prepared.bind({"b": 2, "a": 1})[1] == (1, 2)
    with pytest.raises(TypeError, match="schema"):
        statements.prepare(CreateTable(notes), {})


def test_rows_name_their_columns() -> None:
    """Also those that are called like a tuple's methods, or can't be names at all."""
    row = row_type(("count", "index", "class"))([1, 2, 3])
    assert (row.count, row.index, row[2]) == (1, 2, 3)
    assert tuple(row) == (1, 2, 3)
    assert len(row) == 3
