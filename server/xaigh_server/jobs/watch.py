"""Watch of jobs: a stream of all changes after a cursor.

A cursor is a position in the change log, which is in commit order: a change that was committed
after a message was sent has a later position. Only a watch that begins with the jobs that
exist has another kind of cursor, which also says how far that listing got.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from xaigh.jobs.v1 import job_change_pb2, jobs_service_pb2
from xaigh_server.errors import FieldInvalid
from xaigh_server.jobs.change_log import ChangePosition, JobChangeLog
from xaigh_server.jobs.employer_access import granted_employers, granted_of
from xaigh_server.jobs.messages import job_to_pb
from xaigh_server.jobs.model import Job, JobChange, JobFilter
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.errors import PageTokenInvalid
from xaigh_server.rpc.page_tokens import Cursor, PageTokens
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

INTERVAL = timedelta(milliseconds=250)
POLLS_A_SECOND = 1_000
"""Most reads a second of all idle watches of one kind in a process."""
_PAGE = 200
_BOOKMARK_EVERY = timedelta(seconds=15)
_DONE = -1
_NOT_BEGUN = -2  # in a cursor that a client holds, for None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCursor:
    """Where a watch is: after a position in the log, and before a job of the listing.

    `before` is None before the listing's first job, and `_DONE` behind its last.
    """

    after: ChangePosition
    before: int | None = _DONE

    @classmethod
    def parse(cls, parts: Cursor) -> WatchCursor:
        """The cursor that a client sent back, once its seal was checked."""
        *position, before = (int(part) for part in parts)
        return cls(
            after=ChangePosition.of(position), before=None if before == _NOT_BEGUN else before
        )

    @property
    def parts(self) -> Cursor:
        """What is sealed for the client."""
        return *self.after.parts, _NOT_BEGUN if self.before is None else self.before

    @property
    def lists(self) -> bool:
        return self.before != _DONE


class WatchReach(Protocol):
    """Whose jobs a watch shows to which caller."""

    def wanted(self, request: Any, call: Call) -> JobFilter:
        """Returns the jobs that the call asks for and may see, by its rights of now."""

    def owner(self, call: Call) -> str:
        """Returns who can go on from the caller's cursors."""


class OwnJobs:
    """Reach of a key: its organization's jobs of its grant's employers."""

    def wanted(self, request: jobs_service_pb2.WatchJobsRequest, call: Call) -> JobFilter:
        return JobFilter(
            organization_id=getattr(call.principal, "organization_id", ""),
            employer_ids=granted_of(call, request.employer_user_id),
        )

    def owner(self, call: Call) -> str:
        return call.scope


class JobWatch:
    """Streams the changes of the jobs within a reach.

    Requests have the members `cursor`, `include_existing` and filters; a cursor holds for the same
    filters alone.
    """

    def __init__(
        self,
        reach: WatchReach,
        *,
        units: UnitOfWorkFactory,
        page_tokens: PageTokens,
        interval: timedelta = INTERVAL,
    ) -> None:
        """`interval` is the pause between two reads of a watch."""
        self._reach = reach
        self._units = units
        self._tokens = page_tokens
        self._interval = interval.total_seconds()
        self._open = 0

    async def run(self, request: Any, call: Call) -> AsyncIterator[job_change_pb2.JobChange]:
        """Bookmarks and changes, until the caller goes."""
        self._open += 1
        try:
            async for message in self._messages(request, call):
                yield message
        finally:
            self._open -= 1

    async def _messages(self, request: Any, call: Call) -> AsyncIterator[job_change_pb2.JobChange]:
        place = await self._begin(request, call)
        yield self._bookmark(request, call, place)
        while place.lists:
            jobs, place = await self._units.poll(
                call, _listing(self._reach.wanted(request, call), place)
            )
            for job in jobs:
                yield self._message(request, call, place, "EXISTING", job)
        quiet = 0.0
        while True:
            entries, jobs_by_number, place = await self._units.poll(
                call, _changes(self._reach.wanted(request, call), place)
            )
            for entry in entries:
                yield self._changed(request, call, entry, jobs_by_number[entry.job_number])
            pause = max(self._interval, self._open / POLLS_A_SECOND)
            quiet = 0.0 if entries else quiet + pause
            if quiet >= _BOOKMARK_EVERY.total_seconds():
                quiet = 0.0
                yield self._bookmark(request, call, place)
            if len(entries) < _PAGE:
                await asyncio.sleep(pause)

    async def _begin(self, request: Any, call: Call) -> WatchCursor:
        if request.cursor and request.include_existing:
            raise FieldInvalid.at("includeExisting", "Only without a cursor.")
        try:
            cursor = self._tokens.decode(*self._bound(request, call), request.cursor)
        except PageTokenInvalid:
            raise FieldInvalid.at("cursor", "Not a cursor of this watch.") from None
        if cursor is not None:
            return WatchCursor.parse(cursor)
        wanted = self._reach.wanted(request, call)
        head = await self._units.read(call, lambda unit: JobChangeLog(unit.session).head(wanted))
        return WatchCursor(after=head, before=None if request.include_existing else _DONE)

    def _bound(self, request: Any, call: Call) -> tuple[str, str, dict[str, object]]:
        filters = type(request)()
        filters.CopyFrom(request)
        filters.ClearField("cursor")
        filters.ClearField("include_existing")
        text = filters.SerializeToString(deterministic=True).hex()
        return call.method.full_name, self._reach.owner(call), {"request": text}

    def _cursor(self, request: Any, call: Call, place: WatchCursor) -> str:
        return self._tokens.encode(*self._bound(request, call), place.parts)

    def _bookmark(self, request: Any, call: Call, place: WatchCursor) -> job_change_pb2.JobChange:
        return job_change_pb2.JobChange(
            cursor=self._cursor(request, call, place), kind=job_change_pb2.JobChange.BOOKMARK
        )

    def _message(
        self,
        request: Any,
        call: Call,
        place: WatchCursor,
        kind: str,
        job: Job,
    ) -> job_change_pb2.JobChange:
        here = replace(place, before=job.number) if kind == "EXISTING" else place
        return job_change_pb2.JobChange(
            cursor=self._cursor(request, call, here),
            kind=job_change_pb2.JobChange.Kind.Value(kind),
            job=job_to_pb(job),
        )

    def _changed(
        self, request: Any, call: Call, entry: JobChange, job: Job
    ) -> job_change_pb2.JobChange:
        place = WatchCursor(after=ChangePosition.behind(entry))
        message = self._message(request, call, place, entry.kind.value, job)
        message.change_time.FromDatetime(entry.changed_time)
        return message


def may_see(change: job_change_pb2.JobChange, call: Call) -> bool:
    """Whether the job is of an employer that is still on the calling key's grant."""
    if change.kind == job_change_pb2.JobChange.BOOKMARK:
        return True
    return change.job.employer_user_id in granted_employers(call)


def _listing(wanted: JobFilter, place: WatchCursor) -> Any:
    def run(unit: UnitOfWork) -> tuple[list[Job], WatchCursor]:
        jobs = Jobs(unit.session).listing(wanted, before=place.before, limit=_PAGE)
        before = jobs[-1].number if len(jobs) == _PAGE else _DONE
        return jobs, replace(place, before=before)

    return run


def _changes(wanted: JobFilter, place: WatchCursor) -> Any:
    def run(unit: UnitOfWork) -> tuple[list[JobChange], dict[int, Job], WatchCursor]:
        log = JobChangeLog(unit.session)
        head = log.head(wanted)
        if head == place.after or wanted.employer_ids == ():
            return [], {}, replace(place, after=head)
        entries = log.changes(wanted, after=place.after, limit=_PAGE)
        jobs = Jobs(unit.session).numbered(sorted({entry.job_number for entry in entries}))
        whole = len(entries) < _PAGE
        last = head if whole else ChangePosition.behind(entries[-1])
        if wanted.offered:
            entries = [entry for entry in entries if not jobs[entry.job_number].never_open]
        return entries, jobs, replace(place, after=last)

    return run
