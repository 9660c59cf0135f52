"""Credential epoch: a counter that changes whenever rights are granted or taken.

A transaction that changes rights (grants, organizations, operators, rotated and revoked keys) also
increments it. A cache of verified credentials compares it on every call and drops its entries when
it has changed. So no process accepts a credential that was revoked before the call began.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import bindparam, select

from xaigh_server.db.database import Database
from xaigh_server.db.session import Session, upsert
from xaigh_server.identity.epoch_table import credential_epoch as _T

_BUMP = upsert(_T, key=("id",), update=lambda _: {"value": _T.c.value + 1})
_VALUE = select(_T.c.value).where(_T.c.id == bindparam("id"))

EPOCH_MOVED = "epoch moved"
"""The mark of a session whose transaction moves the epoch."""

NO_EPOCH = -1
"""Never the epoch: what was read under it doesn't hold for a later look."""


class Epoch(Protocol):
    """A number that differs after every commit that bumped it."""

    async def current(self) -> int:
        """The current epoch. It includes every bump that had settled before this call.

        Raises DatabaseUnavailable where it can't be read; no cached credential is then valid.
        """

    def has_moved(self, since: int, session: Session, database: str) -> bool:
        """Whether the epoch differs from `since`. Called by a unit that may write.

        `session` is the unit's, and `database` the name of its database, whose write lock it
        holds. Includes every bump that had settled before this call. Raises DatabaseUnavailable.

        A read of the control database may ask, too, whether `since` is its snapshot's epoch.
        """

    def expire(self) -> None:
        """Makes the next look a new one: a unit has found that the last one no longer holds."""

    async def settle(self) -> None:
        """Waits until no process uses an epoch from before this call.

        A call that takes rights away awaits it after its commit and before its reply.
        """

    def lease_left(self, value: int) -> float:
        """Seconds for which `value` may still be used without a look; 0 where each call looks."""

    def reading_age(self) -> float:
        """Seconds since the newest reading was asked for; 0 where each call reads anew."""

    async def close(self) -> None:
        """Closes the connections."""


def open_epoch(control: Database) -> Epoch:
    """The epoch of a started control database, by the engine's cheapest way."""
    from xaigh_server.db.sqlite.database import SqliteDatabase

    if isinstance(control, SqliteDatabase):
        from xaigh_server.identity.sqlite_epoch import SqliteEpoch

        return SqliteEpoch(control.held, control=control.name)
    from xaigh_server.identity.leased_epoch import LeasedEpoch

    return LeasedEpoch(control)


def bump_epoch(session: Session) -> None:
    """Moves the epoch when the session's transaction commits."""
    session.run(_BUMP, id=1, value=1)
    session.marks.add(EPOCH_MOVED)


def read_epoch(session: Session) -> int:
    """The epoch as the session's snapshot has it; 0 where it was never bumped."""
    value: int | None = session.scalar(_VALUE, id=1)
    return value or 0
