"""Pages of jobs: one listing for the keys of an organization, for services and for operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xaigh_server.jobs.model import Job, JobFilter
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork


def page_of_jobs(
    paging: Paging, wanted: JobFilter, request: Any, unit: UnitOfWork
) -> tuple[Sequence[Job], str]:
    """Returns the request's page of jobs, newest first, and the token of the next one."""
    page = paging.page(request, unit.call)
    if wanted.employer_ids == ():
        return [], ""
    before = None if page.cursor is None else int(page.cursor[0])
    found = Jobs(unit.session).listing(wanted, before=before, limit=page.size + 1)
    return paging.cut(found, page, lambda job: (job.number,))


def enum_name(enum: Any, number: int) -> str:
    """Returns an enum value's name; "" for zero, which doesn't filter."""
    return str(enum.Name(number)) if number else ""
