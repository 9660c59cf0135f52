"""Leases of leaders: which server runs a background task of the fleet, and until when.

Times are by the database's clock, so the clocks of the servers take no part, however they jump. A
lease runs out by itself, so the tasks of a server that died go on elsewhere. Where the database's
own clock went back, a lease would last for as long as it jumped: one that ends later than a lease
can is cut to the length of one, which its holder, if it lives, renews.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Table,
    Text,
    bindparam,
    select,
    text,
    update,
)

from xaigh_server.db.metadata import control_metadata
from xaigh_server.db.session import Session, upsert

leader_leases = Table(
    "leader_leases",
    control_metadata,
    Column("task", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),  # by the database's clock
    CheckConstraint("length(holder) > 0", name="holder"),
)
_T = leader_leases

_NOW = {
    "sqlite": text("SELECT CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"),
    "postgresql": text("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"),
}
_ALL = select(_T.c.task, _T.c.holder, _T.c.until).order_by(_T.c.task).limit(1000)
_CUT = update(_T).where(_T.c.until > bindparam("latest")).values(until=bindparam("latest"))
_TAKE = upsert(
    _T,
    key=("task",),
    update=("holder", "until"),
    where=lambda new: (_T.c.holder == new.holder) | (_T.c.until <= bindparam("now")),
)
_RELEASE = update(_T).where(_T.c.holder == bindparam("by")).values(until=0)


@dataclass(frozen=True, slots=True)
class LeaderLease:
    """Who leads a task, and for how many seconds more; not positive: nobody does."""

    task: str
    holder: str
    seconds_left: float


class LeaderLeases:
    """Leases in a session of the control database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, holder: str, tasks: Collection[str], *, seconds: float) -> set[str]:
        """Renews the holder's leases and takes those that are free; returns what it has now.

        In a unit that writes: the lock makes what was read hold. The UPDATE is guarded besides.
        """
        now = database_time(self._session)
        until = now + round(seconds * 1_000_000)
        leases = {row.task: row for row in self._session.all(_ALL)}
        taken = {
            task
            for task in tasks
            if task not in leases or leases[task].holder == holder or leases[task].until <= now
        }
        if any(row.until > until for row in leases.values()):
            self._session.run(_CUT, latest=until)
        self._session.run(
            _TAKE,
            [{"task": each, "holder": holder, "until": until, "now": now} for each in taken],
        )
        return taken

    def release(self, holder: str) -> None:
        """Ends the holder's leases, so that another server takes them at once."""
        self._session.run(_RELEASE, by=holder)

    def all(self) -> list[LeaderLease]:
        """Every lease, by task."""
        now = database_time(self._session)
        return [
            LeaderLease(row.task, row.holder, (row.until - now) / 1_000_000)
            for row in self._session.all(_ALL)
        ]


def database_time(session: Session) -> int:
    """The database's clock, in microseconds since 1970."""
    return int(session.scalar(_NOW[session.dialect]))
