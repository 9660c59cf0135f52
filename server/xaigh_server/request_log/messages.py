"""Conversion of logged calls to messages."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh.request_log.v1 import request_log_pb2 as pb
from xaigh_server.request_log.model import LoggedCall
from xaigh_server.rpc.error_reasons import ReasonView
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.timestamps import set_time

_TRANSPORTS = {"rest": pb.RequestLog.REST, "grpc": pb.RequestLog.GRPC}


class CallPrinter:
    """Adds to a call what its row doesn't repeat: the method's route and the reason's cure."""

    def __init__(self, methods: Mapping[str, Method], reasons: Mapping[str, ReasonView]) -> None:
        self._routes = {
            method.full_name: method.routes[0] if method.routes else ""
            for method in methods.values()
        }
        self._reasons = reasons

    def to_pb(self, call: LoggedCall, *, environment: str) -> pb.RequestLog:
        """Returns the call as it is read."""
        view = self._reasons.get(call.reason)
        message = pb.RequestLog(
            request_id=call.request_id,
            client_request_id=call.client_request_id,
            transport=_TRANSPORTS[call.transport],
            method=call.method,
            route=self._routes.get(call.method, ""),
            key_id=call.key_id,
            organization_id=call.organization_id,
            environment=environment,
            code=call.code,
            reason=call.reason,
            cure="" if view is None else view.cure,
            violations=[
                pb.RequestLog.Violation(field=each.path, description=each.description)
                for each in call.violations
            ],
            idempotency_key=call.idempotency_key,
            replayed=call.replayed,
        )
        set_time(message.end_time, call.ended_at)
        message.duration.FromTimedelta(call.duration)
        return message
