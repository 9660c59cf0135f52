"""Repository of idempotency records: the reply to a key, so that a repeat gets the same reply.

The transaction of a write also inserts its record, so a repeat that runs beside the first call
either finds the record, or runs first itself, or is refused the row and runs again: the write never
happens twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, tuple_

from xaigh_server.db.session import Session
from xaigh_server.db.tables import control_journal
from xaigh_server.db.times import from_micros, to_micros

ANSWERED_KEY = "pk_idempotency_records"
"""The constraint of a key that another transaction has answered meanwhile."""

_T = control_journal.idempotency_records  # the same table, and the same SQL, in every database

_FIND = select(
    _T.c.fingerprint,
    _T.c.reply,
    _T.c.created_time,
    _T.c.expires_time,
).where(
    _T.c.scope == bindparam("scope"),
    _T.c.method == bindparam("method"),
    _T.c.key == bindparam("key"),
    _T.c.expires_time > bindparam("now"),
)
# An expired record makes room for a new one even before retention deletes it.
_MAKE_ROOM = delete(_T).where(
    _T.c.scope == bindparam("scope"),
    _T.c.method == bindparam("method"),
    _T.c.key == bindparam("key"),
    _T.c.expires_time <= bindparam("now"),
)
_STORE = insert(_T)
_IDENTITY = (_T.c.scope, _T.c.method, _T.c.key)
_DELETE_EXPIRED = (
    delete(_T)
    .where(
        tuple_(*_IDENTITY).in_(
            select(*_IDENTITY)
            .where(_T.c.expires_time <= bindparam("now"))
            .limit(bindparam("limit"))
            .scalar_subquery()
        )
    )
    .returning(_T.c.key)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRecord:
    """One answered key. `scope` says whose key it is, `method` the full name of the RPC."""

    scope: str
    method: str
    key: str
    fingerprint: bytes  # of the request message
    reply: bytes  # the reply message, in wire form, without secrets
    created_time: datetime
    expires_time: datetime


class IdempotencyRecords:
    """The answered keys of one database."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, *, scope: str, method: str, key: str, now: datetime) -> IdempotencyRecord | None:
        """The record that is valid at `now`, or None."""
        row = self._session.one(_FIND, scope=scope, method=method, key=key, now=to_micros(now))
        if row is None:
            return None
        return IdempotencyRecord(
            scope=scope,
            method=method,
            key=key,
            fingerprint=row.fingerprint,
            reply=row.reply,
            created_time=from_micros(row.created_time),
            expires_time=from_micros(row.expires_time),
        )

    def store(self, record: IdempotencyRecord) -> None:
        """Inserts a record. UniqueViolation(ANSWERED_KEY), now or later: a valid one exists."""
        created = to_micros(record.created_time)
        identity = {"scope": record.scope, "method": record.method, "key": record.key}
        self._session.run(_MAKE_ROOM, identity, now=created)
        self._session.run(
            _STORE,
            identity,
            fingerprint=record.fingerprint,
            reply=record.reply,
            created_time=created,
            expires_time=to_micros(record.expires_time),
        )

    def delete_expired(self, *, now: datetime, limit: int) -> int:
        """Deletes at most `limit` expired records. Returns how many."""
        return len(self._session.all(_DELETE_EXPIRED, now=to_micros(now), limit=limit))
