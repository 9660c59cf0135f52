"""Statements are compiled once, and forgotten with their statement."""

import gc

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.schema import CreateTable
from tests.unit.db.conftest import notes

from xaigh_server.db.session import insert_ignore
from xaigh_server.db.statements import ROWS_TOGETHER, Statements, row_type


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


def test_lists_of_one_length_share_a_text(statements: Statements) -> None:
    """The text is made once for each length; the values go where they belong."""
    statement = (
        select(notes.c.id)
        .where(notes.c.id.in_(bindparam("ids", expanding=True)), notes.c.lower == bindparam("low"))
        .limit(bindparam("most"))
    )
    prepared = statements.prepare(statement, {"ids": [], "low": "x", "most": 1})
    for ids in (["a", "b"], ["c", "d"], ["e"], [], ["f", "g"]):
        sql, values = prepared.bind({"ids": ids, "low": "x", "most": 7})
        assert values == (*ids, "x", 7, 0)
        assert sql.count("?") == len(values)


def test_rows_are_put_in_the_order_of_the_statement(statements: Statements) -> None:
    """With its constants, and with a value twice where it is bound twice."""
    statement = (
        update(notes)
        .where(notes.c.id == bindparam("which"), notes.c.text != bindparam("words"))
        .values(text=bindparam("words"), lower="low")
    )
    names = ("which", "words")
    prepared = statements.prepare(statement, dict.fromkeys(names))
    assert prepared.arranged(names, [("a", "b"), ("c", "d")]) == [
        ("b", "low", "a", "b"),
        ("d", "low", "c", "d"),
    ]
    assert not prepared.many_rows


def test_inserts_have_a_text_for_a_dozen(statements: Statements) -> None:
    """Also with a conflict clause behind; not where a value is no parameter."""
    names = ("id", "text")
    plain = statements.prepare(insert(notes), dict.fromkeys(names))
    assert plain.many_rows.count("(?, ?)") == ROWS_TOGETHER["sqlite"]
    ignoring = statements.prepare(insert_ignore(notes), dict.fromkeys(names))
    assert ignoring.many_rows.endswith("(?, ?) ON CONFLICT DO NOTHING")
    computed = insert(notes).values(id=bindparam("id"), text=func.upper(bindparam("words")))
    assert not statements.prepare(computed, {"id": 1, "words": 2}).many_rows


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
