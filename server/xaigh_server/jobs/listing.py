"""Pages of jobs: one listing for the keys of an organization, for services and for operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message

from xaigh_server.jobs.model import Job, JobFilter
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork

M = TypeVar("M", bound=Message)
_AT_ONCE = 51  # jobs per read: a page of the default size, and one to see whether more follow


def page_of_jobs(
    paging: Paging,
    wanted: JobFilter,
    request: Any,
    unit: UnitOfWork,
    to_pb: Callable[[Job], M],
) -> tuple[list[M], str]:
    """Returns the request's page of jobs, newest first, and the token of the next one."""
    page = paging.page(request, unit.call)
    if wanted.employer_ids == ():
        return [], ""
    before = None if page.cursor is None else int(page.cursor[0])
    found = _found(Jobs(unit.session), wanted, before, page.size + 1)
    return paging.fill(found, page, lambda job: (job.number,), to_pb)


def _found(jobs: Jobs, wanted: JobFilter, before: int | None, most: int) -> Iterator[Job]:
    """Yields up to `most` jobs, read in portions: 200 descriptions can take 160 MB."""
    while most > 0:
        portion = min(most, _AT_ONCE)
        found = jobs.listing(wanted, before=before, limit=portion)
        yield from found
        if len(found) < portion:
            return
        most, before = most - portion, found[-1].number


def enum_name(enum: Any, number: int) -> str:
    """Returns an enum value's name; "" for zero, which doesn't filter."""
    return str(enum.Name(number)) if number else ""
