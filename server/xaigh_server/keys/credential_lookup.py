"""Look-up of credentials: one read by primary key and one digest comparison.

Only a caller with the whole credential gets the true reason of a refusal; for all other callers the
credential is unknown.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import and_, bindparam, func, select

from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import (
    GrantExpired,
    GrantRevoked,
    KeyExpired,
    KeyRevoked,
    KeyRotated,
    KeyUnknown,
    KnownKey,
    OperatorExpired,
    OperatorRevoked,
    OperatorUnknown,
    OrganizationSuspended,
    Unauthenticated,
)
from xaigh_server.identity.key_format import KeyType, PresentedKey, PresentedOperator
from xaigh_server.identity.operator_repository import Operators
from xaigh_server.identity.pepper_file import PepperError
from xaigh_server.identity.peppers import Digest, PepperRing
from xaigh_server.identity.principal import (
    ANYWHERE,
    Cidrs,
    GrantFacts,
    KeyPrincipal,
    OperatorPrincipal,
)
from xaigh_server.identity.scopes import ROLE_SCOPES, Role
from xaigh_server.identity.tables import operator_credentials as _C
from xaigh_server.identity.tables import operators as _P
from xaigh_server.keys.grants import GrantTerms
from xaigh_server.keys.repository import Keys
from xaigh_server.keys.tables import grants as _G
from xaigh_server.keys.tables import keys as _K
from xaigh_server.organizations.tables import organizations as _O

_newest = (
    select(func.max(_G.c.revision))
    .where(_G.c.grant_id == _K.c.grant_id)
    .correlate(_K)
    .scalar_subquery()
)
_EACH_KEY = select(
    _K.c.key_id,
    _K.c.environment,
    _K.c.key_type,
    _K.c.organization_id,
    _K.c.pepper_id,
    _K.c.digest,
    _K.c.name,
    _K.c.scopes,
    _K.c.allowed_origins,
    _K.c.allowed_cidrs,
    _K.c.expire_time,
    _K.c.replace_time,
    _K.c.revoke_time,
    _G.c.grant_id,
    _G.c.revision,
    _G.c.scopes.label("grant_scopes"),
    _G.c.key_types,
    _G.c.employer_user_ids,
    _G.c.tier,
    _G.c.expire_time.label("grant_expire_time"),
    _G.c.revoke_time.label("grant_revoke_time"),
    _O.c.state.label("organization_state"),
).select_from(
    _K.join(_G, and_(_G.c.grant_id == _K.c.grant_id, _G.c.revision == _newest)).join(
        _O, _O.c.organization_id == _K.c.organization_id
    )
)
_KEY = _EACH_KEY.where(_K.c.key_id == bindparam("key_id"))
_KEYS_OF = _EACH_KEY.where(_K.c.grant_id == bindparam("grant_id"))
KeyUnder: TypeAlias = KeyPrincipal | Unauthenticated
_OPERATOR = (
    select(
        _C.c.credential_id,
        _C.c.pepper_id,
        _C.c.digest,
        _C.c.expire_time,
        _C.c.replaced_by,
        _P.c.operator_id,
        _P.c.name,
        _P.c.person,
        _P.c.role,
        _P.c.revoke_time,
    )
    .select_from(_C.join(_P, _P.c.operator_id == _C.c.operator_id))
    .where(_C.c.credential_id == bindparam("credential_id"))
)

# Compared with unknown credentials, so that they take as long as known ones.
_DUMMY_DIGEST = Digest(pepper_id="", value=bytes(32))


def read_key(
    session: Session, presented: PresentedKey, peppers: PepperRing, now: datetime
) -> KeyPrincipal:
    """Returns the principal of a key. Raises `Unauthenticated` with the reason."""
    row = session.one(_KEY, key_id=presented.id)
    stored = _DUMMY_DIGEST if row is None else Digest(pepper_id=row.pepper_id, value=row.digest)
    if not peppers.matches(presented.text, stored) or row is None:
        raise KeyUnknown
    kind = (row.environment, row.key_type)
    if kind != (presented.environment.value, presented.key_type.value):
        raise KeyUnknown
    refusal = _refusal(row, to_micros(now))
    if refusal is not None:
        error = refusal(metadata={"keyId": row.key_id})
        error.key = KnownKey(
            key_id=row.key_id,
            organization_id=row.organization_id,
            environment=Environment(row.environment),
        )
        raise error
    return _key_principal(row)


def read_keys_under(session: Session, grant_id: str, terms: GrantTerms) -> dict[str, KeyUnder]:
    """Returns the grant's keys under other terms: a principal each, or why it would be refused.

    Ends of keys, of the grant and of the organization are left aside.
    """
    changed = {
        "grant_scopes": json.dumps(terms.scopes),
        "key_types": json.dumps(terms.key_types),
        "employer_user_ids": json.dumps(terms.employer_user_ids),
        "organization_state": "ACTIVE",
    }
    lasting: dict[str, object] = dict.fromkeys(
        ("expire_time", "revoke_time", "grant_expire_time", "grant_revoke_time")
    )
    found: dict[str, KeyUnder] = {}
    for row in session.all(_KEYS_OF, grant_id=grant_id):
        under = row._replace(**changed, **lasting)
        refusal = _refusal(under, 0)
        found[row.key_id] = refusal() if refusal else _key_principal(under)
    return found


def read_operator(
    session: Session, presented: PresentedOperator, peppers: PepperRing, now: datetime
) -> OperatorPrincipal:
    """Returns the principal of an operator credential. Raises `Unauthenticated`."""
    row = session.one(_OPERATOR, credential_id=presented.id)
    stored = _DUMMY_DIGEST if row is None else Digest(pepper_id=row.pepper_id, value=row.digest)
    if not peppers.matches(presented.text, stored) or row is None:
        raise OperatorUnknown
    ended = row.expire_time is not None and row.expire_time <= to_micros(now)
    if row.revoke_time is not None or (ended and row.replaced_by is not None):
        raise OperatorRevoked
    if ended:
        raise OperatorExpired
    role = Role(row.role)
    return OperatorPrincipal(
        operator_id=row.operator_id,
        credential_id=row.credential_id,
        name=row.name,
        person=row.person,
        role=role,
        scopes=ROLE_SCOPES[role],
        expires_at=from_micros(row.expire_time),
    )


def require_peppers(session: Session, peppers: PepperRing, now: datetime) -> None:
    """Raises PepperError if a live credential depends on a missing pepper.

    Without this check a data folder that was restored without its pepper would refuse all keys.
    """
    active = {pepper.id for pepper in peppers.peppers}
    missing = Keys(session).peppers_in_use(now) | Operators(session).peppers_in_use(now)
    missing -= active
    if missing:
        named = ", ".join(sorted(missing))
        raise PepperError(f"keys depend on a pepper that is neither set nor in the file: {named}")


def _refusal(row: Row, now: int) -> type[Unauthenticated] | None:
    """Returns why an existing key doesn't work, the most lasting reason first."""
    grant_revoked: int | None = row.grant_revoke_time
    if row.revoke_time is not None:
        by_grant = grant_revoked is not None and grant_revoked <= row.revoke_time
        return GrantRevoked if by_grant else KeyRevoked
    # A grant narrowed to other key types is revoked for this key.
    if grant_revoked is not None or row.key_type not in json.loads(row.key_types):
        return GrantRevoked
    if row.expire_time is not None and row.expire_time <= now:
        return KeyExpired if row.replace_time is None else KeyRotated
    if row.grant_expire_time is not None and row.grant_expire_time <= now:
        return GrantExpired
    return None if row.organization_state == "ACTIVE" else OrganizationSuspended


def _key_principal(row: Row) -> KeyPrincipal:
    grant_scopes = frozenset(json.loads(row.grant_scopes))
    cidrs = json.loads(row.allowed_cidrs)
    in_grace = row.replace_time is not None
    return KeyPrincipal(
        key_id=row.key_id,
        key_type=KeyType(row.key_type),
        environment=Environment(row.environment),
        organization_id=row.organization_id,
        name=row.name,
        scopes=grant_scopes.intersection(json.loads(row.scopes)),
        grant=GrantFacts(
            id=row.grant_id,
            revision=row.revision,
            scopes=grant_scopes,
            employer_ids=frozenset(json.loads(row.employer_user_ids)),
            tier=row.tier,
            expires_at=from_micros(row.grant_expire_time),
        ),
        origins=frozenset(json.loads(row.allowed_origins)),
        cidrs=Cidrs.parse(cidrs) if cidrs else ANYWHERE,
        expires_at=_earlier(row.expire_time, row.grant_expire_time),
        deprecated_at=from_micros(row.replace_time),
        sunset_at=from_micros(row.expire_time) if in_grace else None,
    )


def _earlier(*times: int | None) -> datetime | None:
    return from_micros(min((time for time in times if time is not None), default=None))
