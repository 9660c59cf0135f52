"""Service of the request log: what became of an organization's calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xaigh.request_log.v1 import request_log_pb2 as pb
from xaigh.request_log.v1 import request_log_service_pb2 as api
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.request_log.listing import RequestLogReader
from xaigh_server.request_log.outcome import FoundCall
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read
from xaigh_server.rpc.unit_of_work import UnitOfWork

OWN_METHODS = (
    "xaigh.request_log.v1.RequestLogService.ListRequestLogs",
    "xaigh.request_log.v1.RequestLogService.GetRequestLog",
)
"""The methods whose successful calls aren't recorded: following the log would fill it."""


class RequestLogService:
    """Answers xaigh.request_log.v1.RequestLogService."""

    name = "xaigh.request_log.v1.RequestLogService"

    def __init__(self, reader: RequestLogReader) -> None:
        self._reader = reader

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handlers by method name."""
        return {
            "ListRequestLogs": Read(self.list_calls, prepare=self.prepare),
            "GetRequestLog": Read(self.get_call, prepare=self.find),
        }

    async def prepare(self, request: Any, call: Call) -> None:
        """Has every process write the calls that have ended."""
        await self._reader.flush()

    async def find(self, request: api.GetRequestLogRequest, call: Call) -> FoundCall:
        """Finds the call of the key's organization. Raises NotFound."""
        principal = call.principal
        assert isinstance(principal, KeyPrincipal)  # the method's rule
        await self._reader.flush()
        return await self._reader.find(principal.organization_id, request.request_id, call)

    def list_calls(
        self, request: api.ListRequestLogsRequest, unit: UnitOfWork
    ) -> api.ListRequestLogsResponse:
        found, token = self._reader.page(unit.organization_id, request, unit)
        return api.ListRequestLogsResponse(request_logs=found, next_page_token=token)

    def get_call(self, request: api.GetRequestLogRequest, unit: UnitOfWork) -> pb.RequestLog:
        return self._reader.one(unit.prepared, unit)
