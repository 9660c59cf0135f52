"""Deactivation of an integration: what becomes of its roles, its open run and its held close."""

from __future__ import annotations

from dataclasses import replace

from xaigh_server.ats.closing import close_roles, closed_events
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.repository.events import SyncEvents
from xaigh_server.ats.repository.integrations import Integrations
from xaigh_server.ats.repository.mirrors import Mirrors
from xaigh_server.ats.repository.runs import Runs
from xaigh_server.jobs.model import CloseReason
from xaigh_server.rpc.unit_of_work import UnitOfWork

_NO_RUN = 0
_POLICY = "deactivated by an operator"


def cancel_runs(unit: UnitOfWork, integration: Integration) -> None:
    """Ends the open run of an integration and cancels what its runs hold."""
    sync_state = integration.sync_state
    runs = Runs(unit.session)
    waiting = (sync_state.open_run, sync_state.held_run, sync_state.drift_run)
    for run in runs.numbered(waiting).values():
        runs.store(run.cancelled(unit.now))
    Integrations(unit.session).store_state(
        integration.number, replace(sync_state, open_run=None, held_run=None, drift_run=None)
    )


def close_open_roles(unit: UnitOfWork, integration: Integration) -> int:
    """Closes all open roles of an integration. Returns how many.

    A feed that was read before now doesn't bring them back.
    """
    roles = Mirrors(unit.session).open(integration.integration_id)
    reason = CloseReason.ATS_DEACTIVATED
    SyncEvents(unit.session).add(
        closed_events(unit, integration, roles, reason),
        run=_NO_RUN,
        policy=_POLICY,
        request_id=unit.call.request_id,
        client_request_id=unit.call.client_request_id,
    )
    close_roles(unit, integration, roles, reason=reason, order_time=unit.now)
    return len(roles)
