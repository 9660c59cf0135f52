"""Tables of the request log on PostgreSQL: one for each day, in UTC, so that age is dropped whole.

Each inherits from `request_logs`, so a read of that table reads all days by the indexes of each,
and a new column reaches them all. Rows that are deleted one by one would leave PostgreSQL as many
dead rows to vacuum as there were calls. SQLite reuses their pages, and has one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Insert, MetaData, TextClause, insert, text

from xaigh_server.db.session import Session
from xaigh_server.db.times import to_micros
from xaigh_server.request_log.tables import request_logs as _T

_PREFIX = _T.name + "_d"
_FORMAT = "%Y%m%d"
_MICROS = 86_400_000_000
_FIRST = date(1970, 1, 1)
_END_TIME = [column.name for column in _T.columns if column.name != "sequence"].index("end_time")
_TABLES = text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
    f" WHERE inhparent = CAST('{_T.name}' AS regclass) ORDER BY relname"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTable:
    """The table of one day, and the statements that make it and add to it."""

    name: str
    create: TextClause
    insert: Insert


def by_day(
    rows: Iterable[tuple[Any, ...]],
) -> Iterator[tuple[DayTable, Sequence[tuple[Any, ...]]]]:
    """Groups rows, as they are inserted, by the table of the day on which they ended."""
    for number, found in groupby(rows, key=lambda row: row[_END_TIME] // _MICROS):
        yield _table(number), list(found)


def drop_days(session: Session, *, before: datetime) -> int:
    """Drops the tables of days that ended before a time. Returns how many."""
    dropped = 0
    for (name,) in session.all(_TABLES):
        if name.startswith(_PREFIX) and _end_of(name) <= before:
            session.run(text(f"DROP TABLE {name}"))
            dropped += 1
    return dropped


@lru_cache(maxsize=16)
def _table(number: int) -> DayTable:
    """The table of a day by its number since 1970."""
    day = _FIRST + timedelta(days=number)
    name = _PREFIX + day.strftime(_FORMAT)
    start = to_micros(_start_of(day))
    return DayTable(
        name=name,
        create=text(
            f"CREATE TABLE IF NOT EXISTS {name} (LIKE {_T.name} INCLUDING DEFAULTS INCLUDING"
            f" INDEXES, CHECK (end_time >= {start} AND end_time < {start + _MICROS}))"
            f" INHERITS ({_T.name})"
        ),
        insert=insert(_T.to_metadata(MetaData(), name=name)),
    )


def _end_of(name: str) -> datetime:
    return _start_of(date.fromisoformat(name.removeprefix(_PREFIX))) + timedelta(days=1)


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
