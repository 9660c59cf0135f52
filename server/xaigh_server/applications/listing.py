"""Pages of applications: one listing for keys, services and operators."""

from __future__ import annotations

from typing import Any

from xaigh.applications.v1 import application_pb2
from xaigh_server.applications.messages import application_to_pb
from xaigh_server.applications.repository import ApplicationFilter, Applications
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork


def page_of_applications(
    paging: Paging, wanted: ApplicationFilter, request: Any, unit: UnitOfWork
) -> tuple[list[application_pb2.Application], str]:
    """Returns the request's page of applications, newest first, and the token of the next one."""
    page = paging.page(request, unit.call)
    before = None if page.cursor is None else int(page.cursor[0])
    found = Applications(unit.session).listing(wanted, before=before, limit=page.size + 1)
    return paging.fill(found, page, lambda each: (each.number,), application_to_pb)
