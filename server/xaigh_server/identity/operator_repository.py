"""Repository of operators and their credentials, in the control database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, or_, select, update

from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.epoch import bump_epoch
from xaigh_server.identity.operators import Operator, OperatorCredential
from xaigh_server.identity.peppers import Digest
from xaigh_server.identity.scopes import Role
from xaigh_server.identity.tables import operator_credentials as _C
from xaigh_server.identity.tables import operators as _T

_ALL = select(
    _T.c.operator_id,
    _T.c.name,
    _T.c.person,
    _T.c.role,
    _T.c.create_time,
    _T.c.revoke_time,
    _T.c.revoke_reason,
)
_NAMED = _ALL.where(_T.c.name == bindparam("name"))
_INSERT = insert(_T)
_REVOKE = (
    update(_T)
    .where(_T.c.operator_id == bindparam("of"), _T.c.revoke_time.is_(None))
    .values(revoke_time=bindparam("revoke_time"), revoke_reason=bindparam("revoke_reason"))
    .returning(_T.c.operator_id)
)
_CREDENTIALS = select(
    _C.c.credential_id,
    _C.c.operator_id,
    _C.c.last_four,
    _C.c.create_time,
    _C.c.expire_time,
    _C.c.replaced_by,
    _C.c.replace_time,
)
_CREDENTIALS_OF = _CREDENTIALS.where(_C.c.operator_id == bindparam("operator_id")).order_by(
    _C.c.create_time.desc(), _C.c.credential_id
)
_ADD_CREDENTIAL = insert(_C)
_REPLACE = (
    update(_C)
    .where(_C.c.credential_id == bindparam("of"), _C.c.replaced_by.is_(None))
    .values(
        replaced_by=bindparam("replaced_by"),
        replace_time=bindparam("replace_time"),
        expire_time=bindparam("expire_time"),
    )
)
_PEPPERS = (
    select(_C.c.pepper_id)
    .select_from(_C.join(_T, _T.c.operator_id == _C.c.operator_id))
    .where(
        _T.c.revoke_time.is_(None),
        or_(_C.c.expire_time.is_(None), _C.c.expire_time > bindparam("now")),
    )
    .distinct()
)


class Operators:
    """Every change that could end a call moves the credential epoch."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def named(self, name: str) -> Operator | None:
        """The operator of that name, revoked or not, or None."""
        row = self._session.one(_NAMED, name=name)
        return None if row is None else _operator(row)

    def all(self) -> list[Operator]:
        """Every operator, by name."""
        return [_operator(row) for row in self._session.all(_ALL.order_by(_T.c.name))]

    def add(self, operator: Operator) -> None:
        """Writes a new operator, without a credential."""
        self._session.run(
            _INSERT,
            operator_id=operator.operator_id,
            name=operator.name,
            person=operator.person,
            role=operator.role.value,
            create_time=to_micros(operator.create_time),
        )

    def revoke(self, operator_id: str, *, at: datetime, reason: str) -> bool:
        """Ends an operator and all of its credentials for good. False: ended before."""
        revoked = self._session.one(
            _REVOKE, of=operator_id, revoke_time=to_micros(at), revoke_reason=reason
        )
        bump_epoch(self._session)
        return revoked is not None

    def credentials_of(self, operator_id: str) -> list[OperatorCredential]:
        """Every credential an operator ever had, newest first."""
        rows = self._session.all(_CREDENTIALS_OF, operator_id=operator_id)
        return [_credential(row) for row in rows]

    def add_credential(self, credential: OperatorCredential, digest: Digest) -> None:
        """Writes a new credential."""
        self._session.run(
            _ADD_CREDENTIAL,
            credential_id=credential.credential_id,
            operator_id=credential.operator_id,
            pepper_id=digest.pepper_id,
            digest=digest.value,
            last_four=credential.last_four,
            create_time=to_micros(credential.create_time),
            expire_time=to_micros(credential.expire_time),
        )

    def replace_credential(self, old: OperatorCredential) -> None:
        """Writes what a rotation made of a credential."""
        self._session.run(
            _REPLACE,
            of=old.credential_id,
            replaced_by=old.replaced_by,
            replace_time=to_micros(old.replace_time),
            expire_time=to_micros(old.expire_time),
        )
        bump_epoch(self._session)

    def peppers_in_use(self, now: datetime) -> set[str]:
        """The ids of the peppers without which some credential that works would stop."""
        return {row.pepper_id for row in self._session.all(_PEPPERS, now=to_micros(now))}


def _operator(row: Row) -> Operator:
    return Operator(
        operator_id=row.operator_id,
        name=row.name,
        person=row.person,
        role=Role(row.role),
        create_time=from_micros(row.create_time),
        revoke_time=from_micros(row.revoke_time),
        revoke_reason=row.revoke_reason or "",
    )


def _credential(row: Row) -> OperatorCredential:
    return OperatorCredential(
        credential_id=row.credential_id,
        operator_id=row.operator_id,
        last_four=row.last_four,
        create_time=from_micros(row.create_time),
        expire_time=from_micros(row.expire_time),
        replaced_by=row.replaced_by or "",
        replace_time=from_micros(row.replace_time),
    )
