"""Repository of the rollbacks of keys, in the control database."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.keys.rollbacks import Rollback, RollbackState
from xaigh_server.keys.tables import key_rollbacks as _T

_ALL = select(*_T.c)
_GET = _ALL.where(_T.c.rollback_id == bindparam("rollback_id"))
_LAST_OF = (
    _ALL.where(_T.c.key_id == bindparam("key_id"))
    .order_by(_T.c.create_time.desc(), _T.c.rollback_id.desc())
    .limit(1)
)
_UNSETTLED = (
    select(_T.c.rollback_id)
    .where(_T.c.state.in_((RollbackState.HOLDING.value, RollbackState.RELEASING.value)))
    .order_by(_T.c.rollback_id)
)
_COMPLETE = (
    _ALL.where(
        _T.c.organization_id == bindparam("organization_id"),
        _T.c.environment == bindparam("environment"),
        _T.c.state != RollbackState.HOLDING.value,
        _T.c.job_count > 0,
    )
    .order_by(_T.c.create_time.desc(), _T.c.rollback_id.desc())
    .limit(1)
)
_ADD = insert(_T)
_CHANGE = (
    update(_T)
    .where(_T.c.rollback_id == bindparam("of"))
    .values(
        state=bindparam("new_state"),
        since=bindparam("new_since"),
        hold_time=bindparam("new_hold_time"),
        release_reason=bindparam("new_release_reason"),
        released_by=bindparam("new_released_by"),
    )
)
_HELD = (
    update(_T)
    .where(
        _T.c.rollback_id == bindparam("of"),
        _T.c.state == RollbackState.HOLDING.value,
        _T.c.since == bindparam("held_since"),
    )
    .values(state=RollbackState.HELD.value, hold_time=bindparam("at"), job_count=bindparam("count"))
)
_RELEASED = (
    update(_T)
    .where(_T.c.rollback_id == bindparam("of"), _T.c.state == RollbackState.RELEASING.value)
    .values(
        state=RollbackState.RELEASED.value,
        release_time=bindparam("at"),
        job_count=bindparam("count"),
    )
)


class Rollbacks:
    """Reads and writes rollbacks."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, rollback_id: str) -> Rollback | None:
        """Returns a rollback, or None."""
        row = self._session.one(_GET, rollback_id=rollback_id)
        return None if row is None else _rollback(row)

    def last_of(self, key_id: str) -> Rollback | None:
        """Returns the key's newest rollback, or None."""
        row = self._session.one(_LAST_OF, key_id=key_id)
        return None if row is None else _rollback(row)

    def unsettled(self) -> list[str]:
        """Returns the ids of the rollbacks that something is left to do for."""
        return [row.rollback_id for row in self._session.all(_UNSETTLED)]

    def last_complete(self, organization_id: str, environment: Environment) -> Rollback | None:
        """Returns the newest rollback of an organization that has held jobs, or None."""
        row = self._session.one(
            _COMPLETE, organization_id=organization_id, environment=environment.value
        )
        return None if row is None else _rollback(row)

    def add(self, rollback: Rollback) -> None:
        """Inserts a rollback, which holds nothing yet."""
        self._session.run(
            _ADD,
            rollback_id=rollback.rollback_id,
            key_id=rollback.key_id,
            key_ids=json.dumps(rollback.key_ids),
            organization_id=rollback.organization_id,
            environment=rollback.environment.value,
            since=to_micros(rollback.since),
            reason=rollback.reason,
            operator=rollback.operator,
            state=rollback.state.value,
            create_time=to_micros(rollback.create_time),
            job_count=0,
            release_reason="",
            released_by="",
        )

    def change(self, rollback: Rollback) -> None:
        """Writes what an operator asked for: an earlier `since`, or the release."""
        self._session.run(
            _CHANGE,
            of=rollback.rollback_id,
            new_state=rollback.state.value,
            new_since=to_micros(rollback.since),
            new_hold_time=to_micros(rollback.hold_time),
            new_release_reason=rollback.release_reason,
            new_released_by=rollback.released_by,
        )

    def mark_held(self, rollback: Rollback, *, count: int, at: datetime) -> None:
        """Records that all is held since `rollback.since`, unless that or the state has changed."""
        self._session.run(
            _HELD,
            of=rollback.rollback_id,
            held_since=to_micros(rollback.since),
            at=to_micros(at),
            count=count,
        )

    def mark_released(self, rollback_id: str, *, count: int, at: datetime) -> None:
        """Records that every hold is released."""
        self._session.run(_RELEASED, of=rollback_id, at=to_micros(at), count=count)


def _rollback(row: Row) -> Rollback:
    return Rollback(
        rollback_id=row.rollback_id,
        key_id=row.key_id,
        key_ids=tuple(json.loads(row.key_ids)),
        organization_id=row.organization_id,
        environment=Environment(row.environment),
        since=from_micros(row.since),
        reason=row.reason,
        operator=row.operator,
        state=RollbackState(row.state),
        create_time=from_micros(row.create_time),
        hold_time=from_micros(row.hold_time),
        job_count=row.job_count,
        release_reason=row.release_reason,
        released_by=row.released_by,
        release_time=from_micros(row.release_time),
    )
