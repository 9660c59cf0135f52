"""Pages of integrations, runs and sync events: one listing for all kinds of callers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xaigh.ats.v1 import integration_pb2, sync_event_pb2, sync_run_pb2
from xaigh_server.ats.messages import event_to_pb, integration_to_pb, run_to_pb
from xaigh_server.ats.repository.events import EventFilter, SyncEvents
from xaigh_server.ats.repository.integrations import IntegrationFilter, Integrations
from xaigh_server.ats.repository.runs import RunFilter, Runs
from xaigh_server.rpc.paging import Page, Paging
from xaigh_server.rpc.unit_of_work import UnitOfWork


def page_of_runs(
    paging: Paging, wanted: RunFilter, request: Any, unit: UnitOfWork
) -> tuple[Sequence[sync_run_pb2.SyncRun], str]:
    """Returns the request's page of runs, newest first, and the token of the next one."""
    page = paging.page(request, unit.call)
    found = Runs(unit.session).listing(wanted, before=_before(page), limit=page.size + 1)
    return paging.fill(found, page, lambda run: (run.number,), lambda run: run_to_pb(run, unit.now))


def page_of_events(
    paging: Paging, wanted: EventFilter, request: Any, unit: UnitOfWork
) -> tuple[Sequence[sync_event_pb2.AtsJobSyncEvent], str]:
    """Returns the request's page of events, newest first, and the token of the next one."""
    page = paging.page(request, unit.call)
    found = SyncEvents(unit.session).listing(wanted, before=_before(page), limit=page.size + 1)
    return paging.fill(found, page, lambda event: (event.number,), event_to_pb)


def page_of_integrations(
    paging: Paging, wanted: IntegrationFilter, request: Any, unit: UnitOfWork
) -> tuple[Sequence[integration_pb2.AtsIntegration], str]:
    """Returns the request's page of integrations of any organization, in the order of their making.

    And the token of the next page.
    """
    page = paging.page(request, unit.call)
    after = 0 if page.cursor is None else int(page.cursor[0])
    found = Integrations(unit.session).listing(wanted, after=after, limit=page.size + 1)
    return paging.fill(found, page, lambda each: (each.number,), integration_to_pb)


def _before(page: Page) -> int | None:
    return None if page.cursor is None else int(page.cursor[0])
