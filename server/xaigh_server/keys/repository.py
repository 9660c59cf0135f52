"""Repository of all organizations' keys, in the control database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, case, func, insert, or_, select, update

from xaigh_server.db.session import NewValues, Row, Session, upsert
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import bump_epoch
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.peppers import Digest
from xaigh_server.keys.model import KeyRecord, KeyState, SealedKey
from xaigh_server.keys.tables import grants as _G
from xaigh_server.keys.tables import key_marks as _M
from xaigh_server.keys.tables import keys as _T
from xaigh_server.keys.tables import sealed_keys as _S
from xaigh_server.organizations.tables import organizations as _O

_ALL = select(
    _T.c.key_id,
    _T.c.environment,
    _T.c.key_type,
    _T.c.organization_id,
    _T.c.grant_id,
    _T.c.last_four,
    _T.c.name,
    _T.c.scopes,
    _T.c.allowed_origins,
    _T.c.allowed_cidrs,
    _T.c.labels,
    _T.c.create_time,
    _T.c.created_by,
    _T.c.replaces,
    _T.c.expire_time,
    _T.c.replaced_by,
    _T.c.replace_time,
    _T.c.revoke_time,
    _T.c.revoke_reason,
    _T.c.revoked_by,
    _M.c.last_used_time,
    _M.c.last_refused_time,
    _M.c.flag_time,
    _O.c.display_name,
).select_from(
    _T.join(_O, _O.c.organization_id == _T.c.organization_id).outerjoin(
        _M, _M.c.key_id == _T.c.key_id
    )
)
_GET = _ALL.where(_T.c.key_id == bindparam("key_id"))
_STEPS = select(_T.c.key_id, _T.c.replaces, _T.c.replaced_by)
_LINKED = _STEPS.where(_T.c.key_id == bindparam("key_id")).cte(recursive=True)
_ROTATION = select(
    _LINKED.union(
        _STEPS.join(
            _LINKED,
            or_(_T.c.key_id == _LINKED.c.replaces, _T.c.key_id == _LINKED.c.replaced_by),
        )
    ).c.key_id
)
_ISSUED = (
    select(func.count().label("count"))
    .select_from(_T)
    .where(_T.c.grant_id == bindparam("grant_id"), _T.c.replaces == "")
)
_INSERT = insert(_T)
_REPLACE = (
    update(_T)
    .where(_T.c.key_id == bindparam("of"), _T.c.replaced_by.is_(None))
    .values(
        replaced_by=bindparam("replaced_by"),
        replace_time=bindparam("replace_time"),
        expire_time=bindparam("expire_time"),
    )
    .returning(_T.c.key_id)
)
_REVOKE = (
    update(_T)
    .where(_T.c.key_id == bindparam("of"), _T.c.revoke_time.is_(None))
    .values(
        revoke_time=bindparam("revoke_time"),
        revoke_reason=bindparam("revoke_reason"),
        revoked_by=bindparam("revoked_by"),
    )
    .returning(_T.c.key_id)
)
_UNREVOKED_OF = _ALL.where(_T.c.grant_id == bindparam("grant_id"), _T.c.revoke_time.is_(None))
_PEPPERS = (
    select(_T.c.pepper_id)
    .where(
        _T.c.revoke_time.is_(None),
        or_(_T.c.expire_time.is_(None), _T.c.expire_time > bindparam("now")),
    )
    .distinct()
)

# Ends with itself or its grant, whichever is first; announced once.
_newest = (
    select(func.max(_G.c.revision))
    .where(_G.c.grant_id == _T.c.grant_id)
    .correlate(_T)
    .scalar_subquery()
)
_ENDS = case(
    (_T.c.expire_time.is_(None), _G.c.expire_time),
    (_G.c.expire_time < _T.c.expire_time, _G.c.expire_time),
    else_=_T.c.expire_time,
)
_EXPIRING = (
    _ALL.add_columns(_ENDS.label("ends"))
    .join(_G, and_(_G.c.grant_id == _T.c.grant_id, _G.c.revision == _newest))
    .where(
        _T.c.revoke_time.is_(None),
        _T.c.replace_time.is_(None),
        _M.c.notice_time.is_(None),
        bindparam("now") < _ENDS,
        bindparam("until") >= _ENDS,
    )
    .order_by(_T.c.key_id)
    .limit(bindparam("limit"))
)
_NOTICE = upsert(_M, key=("key_id",), update=("notice_time",))

_SEAL = insert(_S)
_SEALED = select(
    _S.c.key_id, _S.c.ticket_id, _S.c.text, _S.c.create_time, _T.c.environment
).select_from(_S.join(_T, _T.c.key_id == _S.c.key_id))
_SEALED_OF = _SEALED.where(_S.c.ticket_id == bindparam("ticket_id")).order_by(
    _S.c.create_time.desc(), _S.c.key_id
)


def _later(table: Table, column: str, new: NewValues) -> Any:
    """SQL for the later of the stored and the new time; NULL counts as earliest."""
    old = table.c[column]
    wins = or_(new[column].is_(None), old > new[column])
    return case((wins, old), else_=new[column])


_MARK = upsert(
    _M,
    key=("key_id",),
    update=lambda new: {
        name: _later(_M, name, new) for name in ("last_used_time", "last_refused_time")
    },
)
_FLAG = upsert(
    _M,
    key=("key_id",),
    update=lambda new: {"flag_time": func.coalesce(_M.c.flag_time, new["flag_time"])},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFilter:
    """Filter of keys. Empty members don't filter; `now` decides what is expired."""

    now: datetime
    organization_id: str = ""
    grant_id: str = ""
    environment: str = ""
    key_type: str = ""
    state: KeyState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMarks:
    """Last use and last refusal of a key, as one process counted them."""

    key_id: str
    used: datetime | None = None
    refused: datetime | None = None


class Keys:
    """Reads and writes keys. Every change that takes rights increments the credential epoch."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, key_id: str) -> KeyRecord | None:
        """Returns a key, or None."""
        row = self._session.one(_GET, key_id=key_id)
        return None if row is None else _record(row)

    def rotation_of(self, key_id: str) -> frozenset[str]:
        """Returns the ids of a key, of those before it in its rotations, and of those after it."""
        return frozenset(row.key_id for row in self._session.all(_ROTATION, key_id=key_id))

    def issued_from(self, grant_id: str) -> int:
        """Counts keys ever issued from a grant, revoked ones included, rotations not.

        Keys are never deleted, so the count is the allowance spent.
        """
        count: int = self._session.scalar(_ISSUED, grant_id=grant_id)
        return count

    def add(self, record: KeyRecord, digest: Digest) -> None:
        """Inserts a key. The epoch stays: no cache can hold a key that didn't exist."""
        self._session.run(_INSERT, _values(record, digest))

    def replace(self, old: KeyRecord) -> None:
        """Writes a rotated key. Raises ConcurrentUpdate if it was replaced before."""
        changed = self._session.one(
            _REPLACE,
            of=old.key_id,
            replaced_by=old.replaced_by,
            replace_time=to_micros(old.replace_time),
            expire_time=to_micros(old.expire_time),
        )
        if changed is None:
            raise ConcurrentUpdate
        bump_epoch(self._session)

    def revoke(self, record: KeyRecord) -> None:
        """Writes a revocation. Raises ConcurrentUpdate if the key was revoked before."""
        changed = self._session.one(
            _REVOKE,
            of=record.key_id,
            revoke_time=to_micros(record.revoke_time),
            revoke_reason=record.revoke_reason,
            revoked_by=record.revoked_by,
        )
        if changed is None:
            raise ConcurrentUpdate
        bump_epoch(self._session)

    def unrevoked_of(self, grant_id: str) -> list[KeyRecord]:
        """Returns the grant's keys that aren't revoked, expired ones included."""
        return [_record(row) for row in self._session.all(_UNREVOKED_OF, grant_id=grant_id)]

    def listing(
        self, wanted: KeyFilter, *, before: tuple[int, str] | None, limit: int
    ) -> list[KeyRecord]:
        """Returns keys, newest first, before (creation time in microseconds, id)."""
        found = _ALL
        for name in ("organization_id", "grant_id", "environment", "key_type"):
            if value := getattr(wanted, name):
                found = found.where(_T.c[name] == value)
        if wanted.state is not None:
            found = found.where(_in_state(wanted.state, to_micros(wanted.now)))
        if before is not None:
            created, key_id = before
            older = and_(_T.c.create_time == created, _T.c.key_id > key_id)
            found = found.where(or_(_T.c.create_time < created, older))
        found = found.order_by(_T.c.create_time.desc(), _T.c.key_id).limit(limit)
        return [_record(row) for row in self._session.all(found)]

    def mark(self, marks: Sequence[KeyMarks]) -> None:
        """Writes last uses and refusals. Times only grow; unknown keys violate a foreign key."""
        self._session.run(
            _MARK,
            [
                {
                    "key_id": mark.key_id,
                    "last_used_time": to_micros(mark.used),
                    "last_refused_time": to_micros(mark.refused),
                }
                for mark in marks
            ],
        )

    def flag(self, key_id: str, at: datetime) -> None:
        """Records that a secret key was sent by a browser; the first time is kept."""
        self._session.run(_FLAG, key_id=key_id, flag_time=to_micros(at))

    def expiring(
        self, *, now: datetime, until: datetime, limit: int
    ) -> list[tuple[KeyRecord, datetime]]:
        """Returns unannounced keys that end by `until`, each with its end.

        A key ends with its grant at the latest. Rotated keys are left out: their end was chosen.
        """
        found = self._session.all(
            _EXPIRING, now=to_micros(now), until=to_micros(until), limit=limit
        )
        return [(_record(row), from_micros(row.ends)) for row in found]

    def mark_notified(self, key_id: str, at: datetime) -> None:
        """Records when the end of a key was announced."""
        self._session.run(_NOTICE, key_id=key_id, notice_time=to_micros(at))

    def peppers_in_use(self, now: datetime) -> set[str]:
        """Returns the ids of the peppers that live keys depend on."""
        return {row.pepper_id for row in self._session.all(_PEPPERS, now=to_micros(now))}

    def seal(self, sealed: SealedKey) -> None:
        """Stores a sealed key for its applicant."""
        self._session.run(
            _SEAL,
            key_id=sealed.key_id,
            ticket_id=sealed.ticket_id,
            text=sealed.text,
            create_time=to_micros(sealed.create_time),
        )

    def sealed_for(self, ticket_id: str) -> list[SealedKey]:
        """Returns a ticket's sealed keys, newest first."""
        return [_sealed(row) for row in self._session.all(_SEALED_OF, ticket_id=ticket_id)]


def _in_state(state: KeyState, now: int) -> Any:
    ended = and_(_T.c.expire_time.is_not(None), _T.c.expire_time <= now)
    replaced = _T.c.replace_time.is_not(None)
    if state is KeyState.REVOKED:
        return _T.c.revoke_time.is_not(None)
    shape = {
        KeyState.ACTIVE: and_(~replaced, ~ended),
        KeyState.EXPIRED: and_(~replaced, ended),
        KeyState.GRACE: and_(replaced, ~ended),
        KeyState.ROTATED: and_(replaced, ended),
    }[state]
    return and_(_T.c.revoke_time.is_(None), shape)


def _values(record: KeyRecord, digest: Digest) -> dict[str, object]:
    return {
        "key_id": record.key_id,
        "environment": record.environment.value,
        "key_type": record.key_type.value,
        "organization_id": record.organization_id,
        "grant_id": record.grant_id,
        "pepper_id": digest.pepper_id,
        "digest": digest.value,
        "last_four": record.last_four,
        "name": record.name,
        "scopes": json.dumps(record.scopes),
        "allowed_origins": json.dumps(record.allowed_origins),
        "allowed_cidrs": json.dumps(record.allowed_cidrs),
        "labels": json.dumps(dict(record.labels), sort_keys=True),
        "create_time": to_micros(record.create_time),
        "created_by": record.created_by,
        "replaces": record.replaces,
        "expire_time": to_micros(record.expire_time),
    }


def _record(row: Row) -> KeyRecord:
    return KeyRecord(
        key_id=row.key_id,
        environment=Environment(row.environment),
        key_type=KeyType(row.key_type),
        organization_id=row.organization_id,
        organization_name=row.display_name,
        grant_id=row.grant_id,
        name=row.name,
        last_four=row.last_four,
        scopes=tuple(json.loads(row.scopes)),
        create_time=from_micros(row.create_time),
        created_by=row.created_by,
        allowed_origins=tuple(json.loads(row.allowed_origins)),
        allowed_cidrs=tuple(json.loads(row.allowed_cidrs)),
        labels=json.loads(row.labels),
        expire_time=from_micros(row.expire_time),
        replaces=row.replaces,
        replaced_by=row.replaced_by or "",
        replace_time=from_micros(row.replace_time),
        revoke_time=from_micros(row.revoke_time),
        revoke_reason=row.revoke_reason or "",
        revoked_by=row.revoked_by or "",
        flag_time=from_micros(row.flag_time),
        last_used_time=from_micros(row.last_used_time),
        last_refused_time=from_micros(row.last_refused_time),
    )


def _sealed(row: Row) -> SealedKey:
    return SealedKey(
        key_id=row.key_id,
        ticket_id=row.ticket_id,
        environment=Environment(row.environment),
        text=row.text,
        create_time=from_micros(row.create_time),
    )
