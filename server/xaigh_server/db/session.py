"""Session: one transaction of one database, with a synchronous interface.

Repositories are plain classes over a `Session`. Statements are SQLAlchemy Core, built at module
level; both engines run them as SQL text with positional parameters.

**Reads flush; writes are queued and return None.** `one`, `all` and `scalar` send every queued
write first and return rows. `run` and `run_rows` return nothing, neither a row count nor a
violation: an engine may send them later, so that many writes cost one round trip. A repository that
must know what a write did either reads under the partition's lock before it writes, or runs a
statement with RETURNING through `one` or `all`, which makes the statement a read.

The first refused row ends the unit, on both engines: every further statement raises the same
violation, and the unit is rolled back even if its function returns. A session has no savepoints. A
repository that expects a conflict reads first or uses `insert_ignore(...).returning(...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from xaigh_server.db.errors import StoreError
from xaigh_server.db.statements import PreparedStatement, Row, Statements

__all__ = ["Answer", "Params", "Row", "Session", "insert_ignore", "upsert"]

Params: TypeAlias = Mapping[str, Any]


class Session(Protocol):
    """One transaction. Every method may raise `StoreError`, and TypeError for wrong parameters."""

    marks: set[str]
    """What the unit noted about itself for its caller, such as that it moved the epoch."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    def one(self, stmt: ClauseElement, /, **params: Any) -> Row | None:
        """Sends queued writes and returns the first row, or None. Ask for at most one."""

    def all(self, stmt: ClauseElement, /, **params: Any) -> list[Row]:
        """Sends queued writes and returns every row.

        The statement says LIMIT where the table can grow.
        """

    def scalar(self, stmt: ClauseElement, /, **params: Any) -> Any:
        """Sends queued writes and returns the first column of the first row, or None."""

    def ask(self, stmt: ClauseElement, /, **params: Any) -> Answer:
        """Sends a read now whose rows are looked at later.

        Several that are asked before the first is looked at wait for one round trip together. The
        rows are as of now, whatever is written before they are looked at.
        """

    def run(
        self,
        stmt: ClauseElement,
        params: Params | Sequence[Params] | None = None,
        /,
        **named: Any,
    ) -> None:
        """Queues a write.

        A sequence of parameters runs the statement once for each, in one batch; all must have the
        same names. Parameters that an INSERT or UPDATE doesn't bind itself are columns to set.
        """

    def run_rows(
        self, stmt: ClauseElement, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], /
    ) -> None:
        """Like `run` with a sequence, for many rows: tuples of values in the order of `names`.

        An engine may send several rows of an INSERT in one statement, in their order.
        """


class Answer:
    """The rows of a read that was asked. Look at them once."""

    __slots__ = ("_fetch", "_prepared")

    def __init__(
        self, prepared: PreparedStatement, fetch: Callable[[], Sequence[Sequence[Any]]]
    ) -> None:
        self._prepared = prepared
        self._fetch = fetch

    def all(self) -> list[Row]:
        """Returns every row."""
        rows = self._fetch()
        make = self._prepared.row
        return [make(row) for row in rows] if make else []

    def one(self) -> Row | None:
        """Returns the first row, or None."""
        rows = self.all()
        return rows[0] if rows else None

    def scalar(self) -> Any:
        """Returns the first column of the first row, or None."""
        row = self.one()
        return None if row is None else row[0]


class BaseSession:
    """What both engines' sessions share: preparing, shaping rows, and losing a failed unit."""

    __slots__ = ("_failure", "_statements", "marks")

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self._failure: Exception | None = None
        self.marks: set[str] = set()

    @property
    def dialect(self) -> str:
        return self._statements.dialect.name

    @property
    def failure(self) -> Exception | None:
        """Why this unit can't be committed, or None."""
        return self._failure

    def end(self) -> None:
        """Makes a session that outlives its transaction useless."""
        self._failure = self._failure or StoreError("the transaction of this session has ended")

    def ask(self, stmt: ClauseElement, /, **params: Any) -> Answer:
        prepared = self._statements.prepare(stmt, params)
        return Answer(prepared, self._ask(prepared, params))

    def all(self, stmt: ClauseElement, /, **params: Any) -> list[Row]:
        prepared = self._statements.prepare(stmt, params)
        rows = self._fetch(prepared, params, first=False)
        make = prepared.row
        return [make(row) for row in rows] if make else []

    def one(self, stmt: ClauseElement, /, **params: Any) -> Row | None:
        prepared = self._statements.prepare(stmt, params)
        rows = self._fetch(prepared, params, first=True)
        make = prepared.row
        return make(rows[0]) if rows and make else None

    def scalar(self, stmt: ClauseElement, /, **params: Any) -> Any:
        row = self.one(stmt, **params)
        return None if row is None else row[0]

    def run(
        self,
        stmt: ClauseElement,
        params: Params | Sequence[Params] | None = None,
        /,
        **named: Any,
    ) -> None:
        if params is None or isinstance(params, Mapping):
            values = named if params is None else {**params, **named}
            self._execute(*self._statements.prepare(stmt, values).bind(values))
            return
        if named:
            raise TypeError("a batch takes its parameters from its rows alone")
        if params:
            prepared = self._statements.prepare(stmt, params[0])
            self._execute_many(prepared, params)

    def run_rows(
        self, stmt: ClauseElement, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], /
    ) -> None:
        if rows:
            prepared = self._statements.prepare(stmt, dict.fromkeys(names))
            self._execute_rows(prepared, names, rows)

    def _fetch(
        self, prepared: PreparedStatement, params: Params, *, first: bool
    ) -> Sequence[Sequence[Any]]:
        """The raw rows, at most one if `first`; shapes `prepared` on its first execution."""
        raise NotImplementedError

    def _ask(
        self, prepared: PreparedStatement, params: Params
    ) -> Callable[[], Sequence[Sequence[Any]]]:
        """Runs a read now; an engine that has to wait for its rows does so in the result."""
        rows = self._fetch(prepared, params, first=False)
        return lambda: rows

    def _execute(self, sql: str, values: tuple[Any, ...]) -> None:
        raise NotImplementedError

    def _execute_many(self, prepared: PreparedStatement, rows: Sequence[Params]) -> None:
        for row in rows:
            self._execute(*prepared.bind(row))

    def _execute_rows(
        self, prepared: PreparedStatement, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        self._execute_many(prepared, [dict(zip(names, row, strict=True)) for row in rows])


NewValues: TypeAlias = ReadOnlyColumnCollection[str, Any]


def upsert(
    table: Table,
    *,
    key: Sequence[str],
    update: Sequence[str] | Callable[[NewValues], Mapping[str, Any]],
    where: Callable[[NewValues], Any] | None = None,
) -> Insert:
    """INSERT … ON CONFLICT (key) DO UPDATE, for both engines.

    `update` names the columns that take the new row's values, or makes the assignments from the
    new row. With `where`, a standing row for which it is false is left alone, and RETURNING gives
    no row for it.
    """
    statement = insert(table)
    new = statement.excluded
    values = update(new) if callable(update) else {name: new[name] for name in update}
    return statement.on_conflict_do_update(
        index_elements=list(key), set_=dict(values), where=None if where is None else where(new)
    )


def insert_ignore(table: Table, *, key: Sequence[str] | None = None) -> Insert:
    """INSERT … ON CONFLICT DO NOTHING: RETURNING gives no row where one holds these values.

    `key` names the columns of the one unique constraint that may be met; absent: any of them.
    """
    return insert(table).on_conflict_do_nothing(index_elements=None if key is None else list(key))
