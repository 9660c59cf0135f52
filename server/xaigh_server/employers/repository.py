"""Repository of approval policies, and of the sums and closeouts of employers' jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, or_, select

from xaigh_server.db.session import Session, upsert
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.employers.model import (
    HANDED_OFF,
    UNSETTLED_PAYROLL,
    ApprovalPolicy,
    CloseoutFilter,
    CloseoutState,
    EmployerSums,
)
from xaigh_server.employers.tables import approval_policies as _A
from xaigh_server.jobs.model import Job, JobState
from xaigh_server.jobs.rows import JOB, OPEN_NOW, job_of
from xaigh_server.jobs.tables import job_operations as _O
from xaigh_server.jobs.tables import job_postings as _P

_POLICY = select(*_A.c).where(
    _A.c.organization_id == bindparam("organization_id"),
    _A.c.employer_user_id == bindparam("employer_id"),
)
_REQUIRED = select(_A.c.employer_user_id).where(
    _A.c.organization_id == bindparam("organization_id"),
    _A.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)),
    _A.c.approval_required == 1,
)
_STORE = upsert(
    _A,
    key=("organization_id", "employer_user_id"),
    update=("approval_required", "reason", "updated_by", "updated_time", "revision"),
)

# The same as `end_time` and `closeout_state` say of a job in memory.
_CLOSED = _P.c.state == JobState.CLOSED.value
_OFFERED = or_(_P.c.state == JobState.OPEN.value, _P.c.was_open == 1)
_ENDED = or_(_CLOSED, and_(_OFFERED, _P.c.ends_time <= bindparam("now")))
_CAME_FIRST = or_(_P.c.ends_time.is_(None), _P.c.closed_time < _P.c.ends_time)
_END_TIME = case((and_(_CLOSED, _CAME_FIRST), _P.c.closed_time), else_=_P.c.ends_time)
_WORKED = or_(_O.c.expected > 0, _O.c.slots_filled > 0, _O.c.payroll.in_(UNSETTLED_PAYROLL))
_SETTLED = and_(_O.c.payroll == HANDED_OFF, _O.c.expected <= _O.c.checked_in + _O.c.no_shows)
_DUE = case((_O.c.number.is_(None), 0), (and_(_WORKED, ~_SETTLED), 1), else_=0)


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


_SUMS = (
    select(
        _P.c.employer_user_id,
        _count(OPEN_NOW).label("open"),
        _count(_P.c.state == JobState.PENDING_APPROVAL.value).label("pending"),
        _count(_P.c.state == JobState.RETURNED.value).label("returned"),
        _count(and_(_ENDED, _DUE == 1)).label("due"),
    )
    .select_from(_P)
    .outerjoin(_O, _O.c.number == _P.c.number)
    .where(
        _P.c.organization_id == bindparam("organization_id"),
        _P.c.employer_user_id.in_(bindparam("employer_ids", expanding=True)),
    )
    .group_by(_P.c.employer_user_id)
)


class ApprovalPolicies:
    """The approval policies of one environment."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, organization_id: str, employer_id: str) -> ApprovalPolicy:
        """Returns the policy; one that was never set requires nothing."""
        row = self._session.one(_POLICY, organization_id=organization_id, employer_id=employer_id)
        if row is None:
            return ApprovalPolicy(organization_id=organization_id, employer_user_id=employer_id)
        return ApprovalPolicy(
            organization_id=row.organization_id,
            employer_user_id=row.employer_user_id,
            required=bool(row.approval_required),
            reason=row.reason,
            updated_by=row.updated_by,
            updated_time=from_micros(row.updated_time),
            revision=row.revision,
        )

    def requiring(self, organization_id: str, employer_ids: Sequence[str]) -> frozenset[str]:
        """Returns those of the employers whose postings wait for approvals."""
        rows = self._session.all(
            _REQUIRED, organization_id=organization_id, employer_ids=list(employer_ids)
        )
        return frozenset(row.employer_user_id for row in rows)

    def store(self, policy: ApprovalPolicy) -> None:
        """Writes a policy."""
        self._session.run(
            _STORE,
            {
                "organization_id": policy.organization_id,
                "employer_user_id": policy.employer_user_id,
                "approval_required": int(policy.required),
                "reason": policy.reason,
                "updated_by": policy.updated_by,
                "updated_time": to_micros(policy.updated_time),
                "revision": policy.revision,
            },
        )


def needs_approval(session: Session, organization_id: str, employer_id: str) -> Callable[[], bool]:
    """Asks whether what is posted for an employer waits for an approval."""
    found = session.ask(_REQUIRED, organization_id=organization_id, employer_ids=[employer_id])
    return lambda: found.one() is not None


class EmployerJobs:
    """Reads of employers' jobs in sum, and of those that have ended."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sums(
        self, organization_id: str, employer_ids: Sequence[str], now: datetime
    ) -> dict[str, EmployerSums]:
        """Returns the sums by employer; an employer without jobs is left out."""
        rows = self._session.all(
            _SUMS,
            organization_id=organization_id,
            employer_ids=list(employer_ids),
            now=to_micros(now),
        )
        return {
            row.employer_user_id: EmployerSums(
                open_jobs=int(row.open),
                pending_jobs=int(row.pending),
                returned_jobs=int(row.returned),
                due_closeouts=int(row.due),
            )
            for row in rows
        }

    def ended(self, wanted: CloseoutFilter, *, before: int | None, limit: int) -> list[Job]:
        """Returns ended jobs with numbers below `before`, newest first."""
        params: dict[str, Any] = {
            "organization_id": wanted.organization_id,
            "employer_id": wanted.employer_user_id,
            "now": to_micros(wanted.now),
            "limit": limit,
        }
        for name, time in (("since", wanted.since), ("until", wanted.until)):
            if time is not None:
                params[name] = to_micros(time)
        if wanted.state is not None:
            params["due"] = int(wanted.state is CloseoutState.DUE)
        if before is not None:
            params["before"] = before
        return [job_of(row) for row in self._session.all(_ended(frozenset(params)), **params)]


@lru_cache(maxsize=64)
def _ended(names: frozenset[str]) -> Select[Any]:
    """Builds the list statement for one set of filters."""
    found = JOB.where(
        _P.c.organization_id == bindparam("organization_id"),
        _P.c.employer_user_id == bindparam("employer_id"),
        _ENDED,
    )
    if "since" in names:
        found = found.where(bindparam("since") <= _END_TIME)
    if "until" in names:
        found = found.where(bindparam("until") > _END_TIME)
    if "due" in names:
        found = found.where(bindparam("due") == _DUE)
    if "before" in names:
        found = found.where(_P.c.number < bindparam("before"))
    return found.order_by(_P.c.number.desc()).limit(bindparam("limit"))
