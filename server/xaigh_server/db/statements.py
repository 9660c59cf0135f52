"""Compiler of prepared statements: from SQLAlchemy Core to SQL text and positional parameters.

A statement is compiled once per engine and set of parameter names. The result is kept as long as
the statement object, so build statements at module level: one that is built per call costs its
compilation (about 0.15 ms) each time.
"""

from __future__ import annotations

import re
import weakref
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol, TypeAlias, cast

from sqlalchemy import BindParameter, Delete, Insert, LargeBinary, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows
from sqlalchemy.sql.visitors import iterate

Processor: TypeAlias = Callable[[Any], Any]
Names: TypeAlias = tuple[str, ...]

ROWS_TOGETHER = {"sqlite": 12, "postgresql": 40}
"""Rows of one INSERT: more gain nothing on SQLite; psycopg takes 40 µs for each statement."""
_KNOWN_LENGTHS = 256  # of the lists of one statement: a batch holds 200 records at most
_ONE_ROW = re.compile(r"(VALUES )(\([^()]*\))(?!.*VALUES \()", re.DOTALL)
_PLACE = re.compile(r"\?|\$[0-9]+")


class Row(Protocol):
    """One row: a tuple whose members also have the names of their columns."""

    def __getattr__(self, name: str, /) -> Any: ...
    def __getitem__(self, index: int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...


@lru_cache(maxsize=1024)
def row_type(columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Row]:
    """What makes a `Row` of a plain sequence. Names that Python can't say become `_0`, `_1`…"""
    made = namedtuple("Row", columns, rename=True)  # type: ignore[misc]  # names known at run time
    return cast("Callable[[Sequence[Any]], Row]", made._make)


class _Place:
    """Placeholder that finds the position of a value: an element of a list, or -1."""

    __slots__ = ("index", "name")

    def __init__(self, name: str, index: int) -> None:
        self.name = name
        self.index = index


class PreparedStatement:
    """One statement, compiled for one engine."""

    __slots__ = (
        "_arrange",
        "_constants",
        "_expand",
        "_lists",
        "_names",
        "_pick",
        "_processors",
        "many_rows",
        "results",
        "row",
        "rows_together",
        "sql",
    )

    def __init__(self, compiled: SQLCompiler, results: tuple[tuple[int, Processor], ...]) -> None:
        names = tuple(compiled.positiontup or ())
        self.sql = compiled.string
        self.row: Callable[[Sequence[Any]], Row] | None = None  # known after the first execution
        self.results = results
        self._expand = compiled if compiled.post_compile_params else None
        self._pick = _picker(names)
        self._constants = {
            name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
        }
        self._processors = _bind_processors(compiled)
        self._names = names
        self._arrange: Arrange | None = None
        self._lists: dict[int, tuple[str, list[tuple[str, int]]]] = {}
        self.rows_together = ROWS_TOGETHER[compiled.dialect.name]
        self.many_rows = _many_rows(compiled, len(names), self.rows_together)

    @property
    def expands(self) -> bool:
        """True where the SQL text depends on the values: an IN over a list."""
        return self._expand is not None

    def bind(self, params: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
        """The SQL text and its values for one execution. Only an IN list changes the text."""
        values = {**self._constants, **params} if self._constants else params
        if self._processors:
            values = {**values}
            for name, process in self._processors:
                values[name] = process(values[name])
        if self._expand is None:
            return self.sql, self._pick(values)
        return self._expanded(self._expand, values)

    def arranged(
        self, names: Names, rows: Sequence[tuple[Any, ...]]
    ) -> Sequence[tuple[Any, ...]] | None:
        """Rows of values by these names, in the statement's own order; None where that won't do.

        A statement is prepared for one order of names: the way from it is found once.
        """
        if self._expand is not None or self._processors:
            return None
        if self._arrange is None:
            self._arrange = _arrange(names, self._names, self._constants)
        return self._arrange(rows)

    def together(self, rows: Sequence[tuple[Any, ...]]) -> tuple[int, list[list[Any]]]:
        """The values of many rows for executions of `many_rows`, and how many rows they are."""
        count = self.rows_together
        whole = len(rows) // count * count if self.many_rows else 0
        if not whole:
            return 0, []
        flat = list(chain.from_iterable(rows[:whole]))
        width = len(rows[0]) * count
        return whole, [flat[at : at + width] for at in range(0, len(flat), width)]

    def _expanded(
        self, compiled: SQLCompiler, values: Mapping[str, Any]
    ) -> tuple[str, tuple[Any, ...]]:
        """The text and the values for lists. Where there is one list, its length says the text."""
        lists = [name for name, bind in compiled.binds.items() if bind.expanding]
        length = len(values[lists[0]]) if len(lists) == 1 else 0
        if not length or self._processors:
            state = compiled.construct_expanded_state(values)
            return state.statement, tuple(state.positional_parameters or ())
        known = self._lists.get(length)
        if known is None:
            marked: dict[str, Any] = {name: _Place(name, -1) for name in values}
            marked[lists[0]] = [_Place(lists[0], index) for index in range(length)]
            state = compiled.construct_expanded_state(marked)
            places = [(place.name, place.index) for place in state.positional_parameters or ()]
            known = state.statement, places
            if len(self._lists) < _KNOWN_LENGTHS:
                self._lists[length] = known
        text, places = known
        found = [values[name] if at < 0 else values[name][at] for name, at in places]
        return text, tuple(found)

    def shape(self, columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Row]:
        """Learns the names of the result's columns, and returns what makes its rows."""
        make = row_type(columns)
        if not self.results:
            self.row = make
            return make
        convert = self.results

        def processed(raw: Sequence[Any]) -> Row:
            values = list(raw)
            for index, process in convert:
                values[index] = process(values[index])
            return make(values)

        self.row = processed
        return processed


class Statements:
    """The prepared statements of one engine. Safe to share between threads."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._known: dict[
            int, tuple[weakref.ref[ClauseElement], dict[object, PreparedStatement]]
        ] = {}

    def prepare(self, stmt: ClauseElement, params: Mapping[str, Any]) -> PreparedStatement:
        """The statement, ready for parameters of these names.

        TypeError: a parameter is missing, or the statement has no place for it.
        """
        names = tuple(params)
        entry = self._known.get(id(stmt))
        if entry is None:
            identity = id(stmt)
            forget = weakref.ref(stmt, lambda _: self._known.pop(identity, None))
            entry = self._known.setdefault(identity, (forget, {}))
        prepared = entry[1].get(names)
        if prepared is None:
            prepared = entry[1][names] = self._compile(stmt, names)
        return prepared

    def _compile(self, stmt: ClauseElement, names: tuple[str, ...]) -> PreparedStatement:
        explicit = {e.key for e in iterate(stmt) if isinstance(e, BindParameter)}
        options: dict[str, Any] = {}
        if isinstance(stmt, Insert | Update):
            # A name that the statement binds itself is not also a column to set.
            options["column_keys"] = [name for name in names if name not in explicit]
        if isinstance(stmt, Insert | Update | Delete) and not stmt._returning:
            options["for_executemany"] = True  # no implicit RETURNING or last row id
        compiled = stmt.compile(dialect=self.dialect, **options)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{type(stmt).__name__} is schema, not a statement")
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError("a column's Python-side default doesn't run: use a server default")
        _check_names(compiled, names)
        return PreparedStatement(compiled, _result_processors(stmt, self.dialect))


def _check_names(compiled: SQLCompiler, names: tuple[str, ...]) -> None:
    if unknown := set(names).difference(compiled.binds):
        raise TypeError(f"no such parameters: {', '.join(sorted(unknown))}")
    required = {name for name, bind in compiled.binds.items() if bind.required}
    if missing := required.difference(names):
        raise TypeError(f"missing parameters: {', '.join(sorted(missing))}")


Arrange: TypeAlias = Callable[[Sequence[tuple[Any, ...]]], Sequence[tuple[Any, ...]]]


def _arrange(given: Names, wanted: Names, constants: Mapping[str, Any]) -> Arrange:
    """What makes rows in one order of rows in another, with the constants among them."""
    if given == wanted:
        return lambda rows: rows
    fixed = tuple(constants)
    behind = tuple(constants.values())
    order = (*given, *fixed)
    pick = _index_picker([order.index(name) for name in wanted])
    return lambda rows: [pick((*row, *behind)) for row in rows]


def _index_picker(indices: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    if len(indices) == 1:
        only = indices[0]
        return lambda values: (values[only],)
    return itemgetter(*indices)


def _many_rows(compiled: SQLCompiler, width: int, count: int) -> str:
    """The text of an INSERT of plain values for `count` rows at once; empty for all others."""
    if not isinstance(compiled.statement, Insert):
        return ""
    found = _ONE_ROW.search(compiled.string)
    if found is None:
        return ""
    places = _PLACE.findall(found[2])
    if len(places) != width or len(_PLACE.findall(compiled.string)) != width:
        return ""
    if places[0] != "?" and places != [f"${number}" for number in range(1, width + 1)]:
        return ""
    numbers = iter(range(1, width * count + 1))
    rows = ", ".join([found[2]] * count)
    if places[0] != "?":
        rows = _PLACE.sub(lambda _: f"${next(numbers)}", rows)
    return compiled.string[: found.start(2)] + rows + compiled.string[found.end(2) :]


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if not names:
        return lambda _: ()
    if len(names) == 1:
        only = names[0]
        return lambda values: (values[only],)
    return itemgetter(*names)


def _bind_processors(compiled: SQLCompiler) -> tuple[tuple[str, Processor], ...]:
    """Conversions of parameters that aren't primitive for the driver: booleans, on SQLite."""
    found: list[tuple[str, Processor]] = []
    for name, bind in compiled.binds.items():
        if bind.expanding or isinstance(bind.type, LargeBinary):
            continue
        process = bind.type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
        if process is not None:
            found.append((name, process))
    return tuple(found)


def _result_processors(stmt: ClauseElement, dialect: Dialect) -> tuple[tuple[int, Processor], ...]:
    if not isinstance(stmt, ReturnsRows):
        return ()
    found: list[tuple[int, Processor]] = []
    for index, column in enumerate(stmt.exported_columns):
        if isinstance(column.type, LargeBinary):
            continue
        process = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if process is not None:
            found.append((index, process))
    return tuple(found)
