"""Numbers of new rows that a unit needs before it writes them.

On SQLite, which has one writer, they follow the highest one of the table. On PostgreSQL, where
units of several partitions run at once, they come from the column's own sequence: unique over all
partitions, rising within one, with gaps. Never compare numbers of two organizations to tell which
row was committed first.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, ColumnClause, bindparam, func, literal_column, select

from xaigh_server.db.session import Session


class RowNumbers:
    """Numbers of one table's rows, in a column that has a sequence on PostgreSQL."""

    def __init__(self, column: Column[int]) -> None:
        self._last = select(func.coalesce(func.max(column), 0))
        sequence: ColumnClause[str] = literal_column(f"'{column.table.name}_{column.name}_seq'")
        drawn = func.generate_series(1, bindparam("count")).table_valued("each")
        self._drawn = select(func.nextval(sequence).label("number")).select_from(drawn)

    def draw(self, session: Session, count: int = 1, *, stride: int = 1) -> list[int]:
        """Returns `count` new numbers in rising order.

        With a `stride`, each number is the first of so many that are all new: for rows that stand
        for several things in a row.
        """
        return self.ask(session, count, stride=stride)()

    def ask(self, session: Session, count: int = 1, *, stride: int = 1) -> Callable[[], list[int]]:
        """Asks for the numbers that `draw` returns; the result waits for them."""
        if session.dialect == "sqlite":
            first = int(session.scalar(self._last)) // stride + 1
            return lambda: [number * stride for number in range(first, first + count)]
        drawn = session.ask(self._drawn, count=count)
        return lambda: [row.number * stride for row in drawn.all()]
