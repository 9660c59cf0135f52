"""Holds over many jobs: what the rollback of a key does to the jobs that the key posted.

A hold order is carried out in batches, each a transaction in the partition of its organization
with the change log, the events and an audit event. A batch looks for what is left to do, so the
work may be broken off anywhere and begun again. Once its release has begun, an order holds nothing
more: a batch that comes late finds that in its own transaction.

A hold is a write of the operations half: etag and time of update of the job move with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, exists, func, insert, select, update

from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.database import Database
from xaigh_server.db.outbox import TOGETHER, Outbox, OutgoingEvent
from xaigh_server.db.partition import Partition
from xaigh_server.db.session import Session
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.jobs.change_log import event_of, kind_of_hold, publish_all
from xaigh_server.jobs.model import Job, JobState
from xaigh_server.jobs.repository import Jobs
from xaigh_server.jobs.tables import job_hold_orders as _R
from xaigh_server.jobs.tables import job_holds as _H
from xaigh_server.jobs.tables import job_postings as _P

BATCH = 200

_BRIEF = (_P.c.number, _P.c.job_id, _P.c.employer_user_id, _P.c.title, _P.c.created_time)
_POSTED = (
    (_P.c.organization_id == bindparam("organization_id"))
    & _P.c.posted_by.in_(bindparam("key_ids", expanding=True))
    & (_P.c.created_time >= bindparam("since"))
    & (_P.c.state != JobState.CLOSED)  # what waits for an approval opens with that
)
_LEFT = _POSTED & ~exists().where(_H.c.number == _P.c.number, _H.c.hold_id == bindparam("hold_id"))
_PREVIEW = select(*_BRIEF).where(_POSTED).order_by(_P.c.number).limit(bindparam("limit"))
_COUNT = select(func.count()).select_from(_P).where(_POSTED)
_TO_HOLD = select(_P.c.number).where(_LEFT).order_by(_P.c.number).limit(bindparam("limit"))
_OF_ORDER = _H.c.hold_id == bindparam("hold_id")
_COVERED = (
    select(*_BRIEF)
    .select_from(_H.join(_P, _P.c.number == _H.c.number))
    .where(_OF_ORDER)
    .order_by(_P.c.number)
    .limit(bindparam("limit"))
)
_COVERED_COUNT = select(func.count()).select_from(_H).where(_OF_ORDER)
_TO_RELEASE = (
    select(_H.c.number)
    .where(_OF_ORDER, _H.c.released == 0)
    .order_by(_H.c.number)
    .limit(bindparam("limit"))
)
_ORDER = insert(_R)
_RELEASE_TIME = select(_R.c.release_time).where(_R.c.hold_id == bindparam("hold_id"))
_END = (
    update(_R)
    .where(_R.c.hold_id == bindparam("of"), _R.c.release_time.is_(None))
    .values(release_time=bindparam("at"))
)
_HOLD = insert(_H)
_RELEASE = (
    update(_H)
    .where(_H.c.number == bindparam("of_number"), _H.c.hold_id == bindparam("of_hold"))
    .values(released=1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """An order to hold the jobs, closed ones aside, that these keys posted at `since` or later."""

    hold_id: str
    organization_id: str
    key_ids: Sequence[str]
    since: datetime
    reason: str
    held_by: str
    hold_time: datetime


class BriefJob(NamedTuple):
    """What an operator reads of a job in a list of holds."""

    job_id: str
    employer_user_id: str
    title: str
    created_time: datetime


@dataclass(frozen=True, slots=True)
class BriefJobs:
    """The number of jobs, and the first of them in the order of their posting."""

    count: int
    first: Sequence[BriefJob]


class JobHolder:
    """Carries out hold orders in one environment's database."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[str], str],
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._batch = batch

    async def preview(self, order: HoldOrder, *, limit: int) -> BriefJobs:
        """Returns the jobs that the order would hold."""
        found = _posted(order)
        return await self._database.read(
            lambda session: BriefJobs(
                int(session.scalar(_COUNT, **found)),
                [_brief(row) for row in session.all(_PREVIEW, **found, limit=limit)],
            )
        )

    async def covered(self, hold_id: str, *, limit: int) -> BriefJobs:
        """Returns the jobs that the order holds, or held until its release."""
        return await self._database.read(
            lambda session: BriefJobs(
                int(session.scalar(_COVERED_COUNT, hold_id=hold_id)),
                [_brief(row) for row in session.all(_COVERED, hold_id=hold_id, limit=limit)],
            )
        )

    async def place(self, order: HoldOrder) -> None:
        """Holds every job of the order that it doesn't hold yet."""
        await self._in_batches(order, self._hold_some)

    async def release(self, order: HoldOrder, *, by: str, reason: str) -> None:
        """Releases every hold of the order, and none of another one, for the operator `by`."""
        await self._in_batches(
            order, lambda session, order: self._release_some(session, order, by, reason)
        )

    async def _in_batches(
        self, order: HoldOrder, work: Callable[[Session, HoldOrder], int]
    ) -> None:
        partition = Partition.of(self._database.name, order.organization_id)
        while await self._database.write(lambda session: work(session, order), partition=partition):
            pass

    def _hold_some(self, session: Session, order: HoldOrder) -> int:
        if _ended(session, order):
            return 0
        found = session.all(_TO_HOLD, **_posted(order), hold_id=order.hold_id, limit=self._batch)
        numbers = [row.number for row in found]
        rows = [(number, order.hold_id, 0) for number in numbers]
        before = Jobs(session).numbered(numbers)
        session.run_rows(_HOLD, ("number", "hold_id", "released"), rows)
        self._publish(session, order, before, "job.held", by=order.held_by, reason=order.reason)
        return len(numbers)

    def _release_some(self, session: Session, order: HoldOrder, by: str, reason: str) -> int:
        if not _ended(session, order):  # a batch of holds that comes late must find it ended
            session.run(_END, of=order.hold_id, at=to_micros(self._clock()))
        found = session.all(_TO_RELEASE, hold_id=order.hold_id, limit=self._batch)
        numbers = [row.number for row in found]
        before = Jobs(session).numbered(numbers)
        session.run(
            _RELEASE, [{"of_number": number, "of_hold": order.hold_id} for number in numbers]
        )
        self._publish(session, order, before, "job.hold_released", by=by, reason=reason)
        return len(numbers)

    def _publish(
        self,
        session: Session,
        order: HoldOrder,
        before: Mapping[int, Job],
        action: str,
        *,
        by: str,
        reason: str,
    ) -> None:
        """Moves the operations halves, and writes change log, events and audit event."""
        if not before:
            return
        now, jobs = self._clock(), Jobs(session)
        for job in before.values():
            half = replace(job.operations, revision=job.operations.revision + 1, updated_time=now)
            jobs.store_operations(job.number, half)
        after = jobs.numbered([*before])
        events = [
            event_of(after[number], kind_of_hold(before[number], after[number]))
            for number in sorted(before)
        ]
        journal = _Journal(session, self._database.name, now, self._new_id)
        publish_all(journal, events, order.organization_id)
        AuditLog(session, self._database.name).append(
            AuditEvent(
                time=now,
                actor_type="operator",
                actor_id=by,
                action=action,
                targets=(order.hold_id, *(event.job_id for event in events)),
                reason=reason,
                environment=self._database.name,
                organization_id=order.organization_id,
            )
        )


class _Journal:
    """A transaction of background work, as `publish_all` takes it."""

    def __init__(
        self, session: Session, environment: str, now: datetime, new_id: Callable[[str], str]
    ) -> None:
        self.session = session
        self.now = now
        self._environment = environment
        self._new_id = new_id

    def emit_all(
        self, event_type: str, payloads: Sequence[Mapping[str, Any]], *, organization_id: str
    ) -> None:
        """Writes events of one kind to the outbox."""
        rows = []
        for first in range(0, len(payloads), TOGETHER):
            some = payloads[first : first + TOGETHER]
            event = OutgoingEvent(
                event_id=self._new_id("evt"),
                event_type=event_type,
                organization_id=organization_id,
                environment=self._environment,
                payload=orjson.dumps(some[0] if len(some) == 1 else some).decode(),
                created_time=self.now,
            )
            rows.append(event)
        Outbox(self.session).append(rows)


def _ended(session: Session, order: HoldOrder) -> bool:
    """Whether the release of the order has begun. Records an order that isn't recorded yet."""
    row = session.one(_RELEASE_TIME, hold_id=order.hold_id)
    if row is not None:
        return row.release_time is not None
    session.run(
        _ORDER,
        hold_id=order.hold_id,
        organization_id=order.organization_id,
        reason=order.reason,
        held_by=order.held_by,
        hold_time=to_micros(order.hold_time),
    )
    return False


def _posted(order: HoldOrder) -> dict[str, Any]:
    return {
        "organization_id": order.organization_id,
        "key_ids": list(order.key_ids),
        "since": to_micros(order.since),
    }


def _brief(row: Any) -> BriefJob:
    return BriefJob(row.job_id, row.employer_user_id, row.title, from_micros(row.created_time))
