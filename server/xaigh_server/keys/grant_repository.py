"""Repository of grants, one row per revision."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from xaigh_server.db.session import Row, Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.errors import ConcurrentUpdate
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.epoch import bump_epoch
from xaigh_server.keys.grants import Aspect, Finding, Grant, GrantState, GrantTerms
from xaigh_server.keys.tables import grants as _T
from xaigh_server.organizations.tables import organizations as _O

_COLUMNS = (
    _T.c.grant_id,
    _T.c.revision,
    _T.c.state,
    _T.c.organization_id,
    _T.c.ticket_id,
    _T.c.request_revision,
    _T.c.environment,
    _T.c.scopes,
    _T.c.key_types,
    _T.c.tier,
    _T.c.employer_user_ids,
    _T.c.key_allowance,
    _T.c.callback_url,
    _T.c.expire_time,
    _T.c.review,
    _T.c.seal_to,
    _T.c.approved_by,
    _T.c.create_time,
    _T.c.revoke_time,
    _T.c.reason,
    _O.c.display_name,
)
_ALL = select(*_COLUMNS).join_from(_T, _O, _O.c.organization_id == _T.c.organization_id)
_CURRENT = (
    _ALL.where(_T.c.grant_id == bindparam("grant_id")).order_by(_T.c.revision.desc()).limit(1)
)
_INSERT = insert(_T)
_MOVE = (
    update(_T)
    .where(
        _T.c.grant_id == bindparam("of"),
        _T.c.revision == bindparam("at"),
        _T.c.state == GrantState.ACTIVE.value,
    )
    .values(
        state=bindparam("state"), revoke_time=bindparam("revoke_time"), reason=bindparam("reason")
    )
    .returning(_T.c.grant_id)
)
_HOLDERS = select(_T.c.organization_id, _T.c.employer_user_ids).where(_T.c.state == "ACTIVE")


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFilter:
    """Filter of grants. Empty members don't filter; `now` decides what is expired."""

    now: datetime
    organization_id: str = ""
    environment: str = ""
    ticket_id: str = ""
    state: GrantState | None = None


class Grants:
    """Reads and writes grants. Every change increments the credential epoch."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self, grant_id: str) -> Grant | None:
        """Returns the newest revision in any state; None without such a grant."""
        row = self._session.one(_CURRENT, grant_id=grant_id)
        return None if row is None else _grant(row)

    def add(self, grant: Grant) -> None:
        """Inserts a revision."""
        self._session.run(_INSERT, _values(grant))
        bump_epoch(self._session)

    def supersede(self, old: Grant, new: Grant) -> None:
        """Replaces `old` with `new`. Raises `ConcurrentUpdate` if `old` isn't active."""
        self._move(old, GrantState.SUPERSEDED, None, new.reason)
        self.add(new)

    def revoke(self, grant: Grant, *, now: datetime, reason: str) -> None:
        """Revokes a grant. Raises `ConcurrentUpdate` if it isn't active."""
        self._move(grant, GrantState.REVOKED, now, reason)
        bump_epoch(self._session)

    def listing(
        self, wanted: GrantFilter, *, before: tuple[int, str, int] | None, limit: int
    ) -> list[Grant]:
        """Returns grants, newest first, before (creation time in microseconds, id, revision)."""
        found = _ALL
        for name in ("organization_id", "environment", "ticket_id"):
            if value := getattr(wanted, name):
                found = found.where(_T.c[name] == value)
        found = found.where(_in_state(wanted))
        if before is not None:
            created, grant_id, revision = before
            found = found.where(
                (_T.c.create_time < created)
                | ((_T.c.create_time == created) & (_T.c.grant_id > grant_id))
                | (
                    (_T.c.create_time == created)
                    & (_T.c.grant_id == grant_id)
                    & (_T.c.revision < revision)
                )
            )
        order = (_T.c.create_time.desc(), _T.c.grant_id, _T.c.revision.desc())
        return [_grant(row) for row in self._session.all(found.order_by(*order).limit(limit))]

    def employers_in_force(self) -> list[tuple[str, frozenset[str]]]:
        """Returns the organization and the employers of every active grant."""
        rows = self._session.all(_HOLDERS)
        return [(row.organization_id, frozenset(json.loads(row.employer_user_ids))) for row in rows]

    def _move(
        self, grant: Grant, state: GrantState, revoke_time: datetime | None, reason: str
    ) -> None:
        moved = self._session.one(
            _MOVE,
            of=grant.grant_id,
            at=grant.revision,
            state=state.value,
            revoke_time=to_micros(revoke_time),
            reason=reason,
        )
        if moved is None:
            raise ConcurrentUpdate


def _in_state(wanted: GrantFilter) -> Any:
    now = to_micros(wanted.now)
    ended = _T.c.expire_time <= now
    if wanted.state is None:
        return _T.c.state != GrantState.SUPERSEDED.value
    if wanted.state is GrantState.EXPIRED:
        return (_T.c.state == GrantState.ACTIVE.value) & ended
    if wanted.state is GrantState.ACTIVE:
        return (_T.c.state == GrantState.ACTIVE.value) & (_T.c.expire_time.is_(None) | ~ended)
    return _T.c.state == wanted.state.value


def _values(grant: Grant) -> dict[str, object]:
    terms = grant.terms
    return {
        "grant_id": grant.grant_id,
        "revision": grant.revision,
        "state": grant.state.value,
        "organization_id": grant.organization_id,
        "ticket_id": grant.ticket_id,
        "request_revision": grant.request_revision,
        "environment": grant.environment.value,
        "scopes": json.dumps(terms.scopes),
        "key_types": json.dumps(terms.key_types),
        "tier": terms.tier,
        "employer_user_ids": json.dumps(terms.employer_user_ids),
        "key_allowance": terms.key_allowance,
        "callback_url": terms.callback_url,
        "expire_time": to_micros(terms.expire_time),
        "review": json.dumps(_review(terms)),
        "seal_to": grant.seal_to,
        "approved_by": json.dumps(grant.approved_by),
        "create_time": to_micros(grant.create_time),
        "revoke_time": to_micros(grant.revoke_time),
        "reason": grant.reason,
    }


def _review(terms: GrantTerms) -> dict[str, object]:
    return {
        "conditions": terms.conditions,
        "rollback_plan": terms.rollback_plan,
        "evidence_waiver": terms.evidence_waiver,
        "domain_waiver": terms.domain_waiver,
        "findings": [
            {
                "aspect": found.aspect.value,
                "finding": found.finding,
                "note": found.note,
                "reviewer": found.reviewer,
            }
            for found in terms.findings
        ],
    }


def _grant(row: Row) -> Grant:
    return Grant(
        grant_id=row.grant_id,
        revision=row.revision,
        state=GrantState(row.state),
        organization_id=row.organization_id,
        organization_name=row.display_name,
        ticket_id=row.ticket_id,
        request_revision=row.request_revision,
        environment=Environment(row.environment),
        terms=_terms(row),
        seal_to=row.seal_to,
        approved_by=tuple(json.loads(row.approved_by)),
        create_time=from_micros(row.create_time),
        revoke_time=from_micros(row.revoke_time),
        reason=row.reason,
    )


def _terms(row: Row) -> GrantTerms:
    review = json.loads(row.review)
    return GrantTerms(
        scopes=tuple(json.loads(row.scopes)),
        key_types=tuple(json.loads(row.key_types)),
        tier=row.tier,
        employer_user_ids=tuple(json.loads(row.employer_user_ids)),
        key_allowance=row.key_allowance,
        callback_url=row.callback_url,
        expire_time=from_micros(row.expire_time),
        conditions=tuple(review["conditions"]),
        rollback_plan=review["rollback_plan"],
        evidence_waiver=review["evidence_waiver"],
        domain_waiver=review["domain_waiver"],
        findings=tuple(
            Finding(
                aspect=Aspect(found["aspect"]),
                finding=found["finding"],
                note=found["note"],
                reviewer=found["reviewer"],
            )
            for found in review["findings"]
        ),
    )
