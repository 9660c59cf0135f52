"""One log line and a few numbers for every call, however it ends."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, cast

from google.protobuf.message import Message

from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.log_events import LogEvent
from xaigh_server.logs.setup import Log
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.call_metrics import CallMetrics
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource
from xaigh_server.rpc.interceptors.errors import CallFailed


class Observe:
    """Logs and measures. A line never holds a secret: only ids, names and outcomes."""

    def __init__(self, numbers: CallMetrics, *, log: Log) -> None:
        self._numbers = numbers
        self._log = log

    async def __call__(self, call_next: Next, request: RequestSource, call: Call) -> Reply:
        started = time.perf_counter()
        try:
            reply = await call_next(request, call)
        except BaseException as error:
            self._end(call, started, error)
            raise
        if call.method.server_streaming:
            return self._each(cast(AsyncIterator[Message], reply), call, started)
        self._end(call, started, None)
        return reply

    async def _each(
        self, replies: AsyncIterator[Message], call: Call, started: float
    ) -> AsyncIterator[Message]:
        try:
            async for reply in replies:
                yield reply
        except BaseException as error:
            self._end(call, started, error)
            raise
        self._end(call, started, None)

    def _end(self, call: Call, started: float, error: BaseException | None) -> None:
        seconds = time.perf_counter() - started
        code, reason = ("ok", "") if error is None else _outcome(error)
        method = call.method.full_name
        self._numbers.count(method, call.transport, code, seconds)
        line: dict[str, Any] = {
            "request_id": call.request_id,
            "method": method,
            "transport": call.transport,
            "code": code,
            "ms": round(seconds * 1000, 3),
        }
        if reason:
            line["reason"] = reason
        if call.client_request_id:
            line["client_request_id"] = call.client_request_id
        if call.replayed:
            line["replayed"] = True
        _add_caller(line, call)
        self._log(LogEvent.CALL_ENDED, line)


def _outcome(error: BaseException) -> tuple[str, str]:
    if isinstance(error, CallFailed):
        return error.view.code, error.reason
    return "cancelled", ""


def _add_caller(line: dict[str, Any], call: Call) -> None:
    principal = call.principal
    if isinstance(principal, KeyPrincipal):
        line["key_id"] = principal.key_id
        line["organization_id"] = principal.organization_id
        line["environment"] = principal.environment
    elif isinstance(principal, OperatorPrincipal):
        line["operator"] = principal.name
        line["environment"] = call.environment
    else:
        line["peer"] = call.peer
