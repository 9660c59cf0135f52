"""Usage rows: what each write by a key used, committed with it and collected into control later.

Writes are serial, so `sequence` is the order of commits, and a collector misses nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from xaigh_server.db.session import Session
from xaigh_server.db.tables import usage_rows as _T

_NAMES = ("organization_id", "key_id", "method", "tier", "day")
_INSERT = insert(_T)
_AFTER = (
    select(_T.c.sequence, *(_T.c[name] for name in _NAMES))
    .where(_T.c.sequence > bindparam("after"))
    .order_by(_T.c.sequence)
    .limit(bindparam("limit"))
)
_DELETE_THROUGH = delete(_T).where(_T.c.sequence <= bindparam("sequence"))


class UsageRow(NamedTuple):
    """One write of one key, under the tier that it had. `day` is YYYY-MM-DD in UTC."""

    organization_id: str
    key_id: str
    method: str
    tier: str
    day: str


class UsageRows:
    """The usage rows of one business database that aren't deleted yet."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: UsageRow) -> None:
        """Adds what a write used."""
        self._session.run_rows(_INSERT, _NAMES, [row])

    def after(self, sequence: int, *, limit: int) -> list[tuple[int, UsageRow]]:
        """The rows that follow a sequence, each with its own, oldest first."""
        found = self._session.all(_AFTER, after=sequence, limit=limit)
        return [(row.sequence, UsageRow(*(getattr(row, name) for name in _NAMES))) for row in found]

    def delete_through(self, sequence: int) -> None:
        """Deletes rows up to and including a sequence."""
        self._session.run(_DELETE_THROUGH, sequence=sequence)
