"""Interceptor that logs one line a call, counts calls for `/metrics`, and has them recorded.

The counts are plain lists that a scrape shapes: every call pays for counting, a scrape comes every
few seconds, and the counters of a client library cost as much as a database lookup.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator
from itertools import accumulate
from typing import Any, Protocol, cast

from google.protobuf.message import Message
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from xaigh_server.identity.principal import KeyPrincipal, OperatorPrincipal
from xaigh_server.log_events import LogEvent
from xaigh_server.logs.setup import Log
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.interceptor import Next, Reply, RequestSource
from xaigh_server.rpc.interceptors.errors import CallFailed

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_BOUNDS = (*(f"{bound:g}" for bound in _SECONDS), "+Inf")


class _Timer:
    """The durations of one method's calls."""

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * len(_BOUNDS)
        self.total = 0.0


class CallMetrics(Collector):
    """Counts on one thread; a scrape may come from another and sees whole numbers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls: dict[tuple[str, str, str], int] = {}
        self._timers: dict[str, _Timer] = {}
        registry.register(self)

    def count(self, method: str, transport: str, code: str, seconds: float) -> None:
        """A call has ended."""
        key = (method, transport, code)
        self._calls[key] = self._calls.get(key, 0) + 1
        timer = self._timers.get(method)
        if timer is None:
            timer = self._timers[method] = _Timer()
        timer.buckets[bisect_left(_SECONDS, seconds)] += 1
        timer.total += seconds

    def collect(self) -> Iterator[Metric]:
        """The families `xaigh_calls_total` and `xaigh_call_seconds`."""
        calls = CounterMetricFamily(
            "xaigh_calls",
            "Calls by method, transport and code.",
            labels=("method", "transport", "code"),
        )
        for key, number in sorted(self._calls.copy().items()):
            calls.add_metric(key, number)
        seconds = HistogramMetricFamily(
            "xaigh_call_seconds", "Duration of calls by method.", labels=("method",)
        )
        for method, timer in sorted(self._timers.copy().items()):
            counts = list(zip(_BOUNDS, accumulate(timer.buckets), strict=True))
            seconds.add_metric((method,), counts, timer.total)
        yield calls
        yield seconds


class CallRecorder(Protocol):
    """Log of calls, which their callers can read. Never waits, never raises."""

    def record(
        self, call: Call, code: str, reason: str, seconds: float, error: BaseException | None
    ) -> None:
        """A call has ended."""


class Observe:
    """Logs and measures. A line never holds a secret: only ids, names and outcomes."""

    def __init__(
        self, numbers: CallMetrics, *, log: Log, recorder: CallRecorder | None = None
    ) -> None:
        self._numbers = numbers
        self._log = log
        self._recorder = recorder

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
        if self._recorder is not None:
            self._recorder.record(call, code, reason, seconds, error)
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
