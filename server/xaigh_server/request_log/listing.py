"""Reads of the request log: one page and one call, for keys and for operators."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from xaigh.request_log.v1 import request_log_pb2 as pb
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL
from xaigh_server.errors import NotFound
from xaigh_server.request_log.messages import CallPrinter
from xaigh_server.request_log.model import CallFilter
from xaigh_server.request_log.outcome import FoundCall, add_outcome, audit_events_of
from xaigh_server.request_log.repository import RequestLogs, place_of
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.error_reasons import ReasonView
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

Flush = Callable[[], Awaitable[None]]
"""Writes what the recorders of all processes hold, before a read."""


class RequestLogReader:
    """Answers requests for calls. `organization_id` is empty for those of all organizations."""

    def __init__(
        self,
        *,
        paging: Paging,
        methods: Mapping[str, Method],
        reasons: Mapping[str, ReasonView],
        flush: Flush,
        units: UnitOfWorkFactory,
        control: Database,
    ) -> None:
        self._units = units
        self._control = control
        self._paging = paging
        self._printer = CallPrinter(methods, reasons)
        self.flush = flush

    def page(
        self, organization_id: str, request: Any, unit: UnitOfWork
    ) -> tuple[Sequence[pb.RequestLog], str]:
        """Returns the request's page, last ended first, and the token of the next one."""
        page = self._paging.page(request, unit.call)
        wanted = CallFilter(
            organization_id=organization_id,
            errors_only=request.errors_only,
            reason=request.reason,
            method=request.method,
            key_id=request.key_id,
            client_request_id=request.client_request_id,
            start=get_time(request, "start_time"),
            end=get_time(request, "end_time"),
        )
        before = (int(page.cursor[0]), int(page.cursor[1])) if page.cursor else None
        found = RequestLogs(unit.session).page(wanted, before=before, limit=page.size + 1)
        environment = unit.call.environment
        return self._paging.fill(
            found,
            page,
            place_of,
            lambda call: self._printer.to_pb(call, environment=environment),
        )

    async def find(self, organization_id: str, request_id: str, call: Call) -> FoundCall:
        """Reads one call, and its audit events in the control database. Raises NotFound."""
        found = await self._units.point(
            call,
            lambda unit: RequestLogs(unit.session).get(request_id, organization_id=organization_id),
        )
        if found is None:
            raise NotFound("request", request_id)
        events = await self._control.read(partial(audit_events_of, found, CONTROL))
        return FoundCall(call=found, control_events=events)

    def one(self, found: FoundCall, unit: UnitOfWork) -> pb.RequestLog:
        """Returns the call with what came of it."""
        message = self._printer.to_pb(found.call, environment=unit.call.environment)
        add_outcome(message, found, unit)
        return message
