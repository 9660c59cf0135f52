"""One log line and a few numbers for every call, however it ends."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.message import Message
from prometheus_client import CollectorRegistry, Counter, Histogram

from xaigh_server.domain.call import Call
from xaigh_server.domain.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.interceptors.chain import Next
from xaigh_server.interceptors.errors import CallFailed
from xaigh_server.logs import Log

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Observe:
    """Logs and measures. A line never holds a secret: only ids, names and outcomes."""

    def __init__(self, registry: CollectorRegistry, *, log: Log) -> None:
        self._log = log
        self._calls = Counter(
            "xaigh_calls",
            "Calls by method, transport and code.",
            ("method", "transport", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "xaigh_call_seconds",
            "Duration of calls by method.",
            ("method",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._children: dict[tuple[str, str, str], Any] = {}
        self._timers: dict[str, Any] = {}

    async def __call__(self, call_next: Next, request: Any, call: Call) -> Any:
        started = time.perf_counter()
        try:
            reply = await call_next(request, call)
        except BaseException as error:
            self._end(call, started, error)
            raise
        if call.method.server_streaming:
            return self._each(reply, call, started)
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
        code, reason = _outcome(error)
        self._count(call, code, seconds)
        line: dict[str, Any] = {
            "request_id": call.request_id,
            "method": call.method.full_name,
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
        line.update(_caller(call))
        self._log("call", **line)

    def _count(self, call: Call, code: str, seconds: float) -> None:
        name = call.method.full_name
        key = (name, call.transport, code)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._calls.labels(*key)
        child.inc()
        timer = self._timers.get(name)
        if timer is None:
            timer = self._timers[name] = self._seconds.labels(name)
        timer.observe(seconds)


def _outcome(error: BaseException | None) -> tuple[str, str]:
    if error is None:
        return "ok", ""
    if isinstance(error, CallFailed):
        return error.view.code, error.reason
    return "cancelled", ""


def _caller(call: Call) -> dict[str, str]:
    principal = call.principal
    if isinstance(principal, KeyPrincipal):
        return {
            "key_id": principal.key_id,
            "organization_id": principal.organization_id,
            "environment": principal.environment.value,
        }
    if isinstance(principal, OperatorPrincipal):
        return {"operator": principal.name, "environment": call.environment}
    return {"peer": call.peer}
