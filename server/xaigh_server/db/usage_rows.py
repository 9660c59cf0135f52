"""Usage rows: what each write by a key used, committed with it and collected into control later.

Within an organization, whose writes are serial, `sequence` is the order of commits. Over several it
isn't, so a collector remembers how far it is for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from xaigh_server.db.session import Session
from xaigh_server.db.tables import usage_rows as _T

_NAMES = ("organization_id", "key_id", "method", "tier", "day")
_INSERT = insert(_T)
_FIRST = (
    select(_T.c.sequence, *(_T.c[name] for name in _NAMES))
    .order_by(_T.c.sequence)
    .limit(bindparam("limit"))
)
_DELETE = delete(_T).where(_T.c.sequence.in_(bindparam("sequences", expanding=True)))


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

    def first(self, *, limit: int) -> list[tuple[int, UsageRow]]:
        """The first rows, each with its sequence, in their order."""
        found = self._session.all(_FIRST, limit=limit)
        return [(row.sequence, UsageRow(*(getattr(row, name) for name in _NAMES))) for row in found]

    def delete(self, sequences: Sequence[int]) -> None:
        """Deletes rows."""
        self._session.run(_DELETE, sequences=list(sequences))
