"""Holds of single jobs by operators.

Such a hold is an order of its own, `hld_…`, over one job, beside those that rollbacks lay. A job
has one at most.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, insert, select, update

from xaigh_server.db.session import Session
from xaigh_server.db.times import to_micros
from xaigh_server.jobs.change_log import kind_of_hold, publish
from xaigh_server.jobs.model import Job, JobNotHeld
from xaigh_server.jobs.repository import Jobs
from xaigh_server.jobs.tables import job_hold_orders as _R
from xaigh_server.jobs.tables import job_holds as _H
from xaigh_server.rpc.unit_of_work import UnitOfWork, actor

PREFIX = "hld"

_HELD_BY = select(_H.c.hold_id).where(
    _H.c.number == bindparam("number"),
    _H.c.released == 0,
    _H.c.hold_id.startswith(f"{PREFIX}_", autoescape=True),
)
_ORDER = insert(_R)
_HOLD = insert(_H)
_END = update(_R).where(_R.c.hold_id == bindparam("of")).values(release_time=bindparam("at"))
_RELEASE = (
    update(_H)
    .where(_H.c.number == bindparam("of_number"), _H.c.hold_id == bindparam("of_hold"))
    .values(released=1)
)


def hold_job(unit: UnitOfWork, job: Job, reason: str) -> Job:
    """Holds a job and returns it as it is then. A job that an operator holds stays unchanged."""
    if _hold_of(unit.session, job) is not None:
        unit.forget()
        return job
    hold_id = unit.new_id(PREFIX)
    unit.session.run(
        _ORDER,
        hold_id=hold_id,
        organization_id=job.organization_id,
        reason=reason,
        held_by=actor(unit.call)[1],
        hold_time=to_micros(unit.now),
        release_time=None,
    )
    unit.session.run(_HOLD, number=job.number, hold_id=hold_id, released=0)
    return _published(unit, job, hold_id, reason)


def release_job(unit: UnitOfWork, job: Job, reason: str) -> Job:
    """Releases an operator's hold and returns the job as it is then. Raises JobNotHeld."""
    hold_id = _hold_of(unit.session, job)
    if hold_id is None:
        raise JobNotHeld(job)
    unit.session.run(_END, of=hold_id, at=to_micros(unit.now))
    unit.session.run(_RELEASE, of_number=job.number, of_hold=hold_id)
    return _published(unit, job, hold_id, reason)


def _hold_of(session: Session, job: Job) -> str | None:
    row = session.one(_HELD_BY, number=job.number)
    return None if row is None else str(row.hold_id)


def _published(unit: UnitOfWork, before: Job, hold_id: str, reason: str) -> Job:
    """Moves the operations half, as each hold does, and tells watchers and webhooks."""
    half = before.operations
    jobs = Jobs(unit.session)
    jobs.store_operations(
        before.number, replace(half, revision=half.revision + 1, updated_time=unit.now)
    )
    after = jobs.numbered([before.number])[before.number]
    publish(unit, after, kind_of_hold(before, after))
    unit.audit(
        hold_id,
        before.job_id,
        before={"state": before.publication.state.value},
        after={"state": after.publication.state.value},
        reason=reason,
        organization_id=before.organization_id,
    )
    return after
