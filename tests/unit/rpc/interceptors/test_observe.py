"""One line a call, and its numbers."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.harness.call import UNREAD, Directory, call, method

from xaigh.jobs.v1 import job_pb2
from xaigh_server.errors import NotFound
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.errors import CallFailed, Failures
from xaigh_server.rpc.interceptors.observe import CallMetrics, Observe


class Bench:
    """A link, what it logs, and what it counts."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self._registry = CollectorRegistry()
        self.link = Observe(
            CallMetrics(self._registry), log=lambda event, line: self.lines.append(line)
        )

    def calls(self, name: str, code: str) -> float | None:
        labels = {"method": method(name).full_name, "transport": "grpc", "code": code}
        return self._registry.get_sample_value("xaigh_calls_total", labels)


async def _answer(request: Any, made: Any) -> Any:
    return job_pb2.Job(job_id="job_1")


async def test_a_call_of_a_key_is_one_line_without_its_secret() -> None:
    """Who it was by its public id, how it ended, how long it took."""
    bench, directory = Bench(), Directory()
    key = directory.add_key("jobs:read")
    made = call("GetJob", key=key)
    made.principal = directory.principals[key]
    made.request_id, made.client_request_id, made.replayed = "req_1", "theirs", True
    await bench.link(_answer, UNREAD, made)
    (line,) = bench.lines
    assert line.pop("ms") >= 0
    assert isinstance(made.principal, KeyPrincipal)
    assert line == {
        "request_id": "req_1",
        "method": method("GetJob").full_name,
        "transport": "grpc",
        "code": "ok",
        "client_request_id": "theirs",
        "replayed": True,
        "key_id": made.principal.key_id,
        "organization_id": made.principal.organization_id,
        "environment": "sandbox",
    }
    assert key not in str(line)
    assert bench.calls("GetJob", "ok") == 1


async def test_a_failure_is_told_by_code_and_reason() -> None:
    """Of a caller nobody knows, the address is all there is to say."""
    bench, failures = Bench(), Failures(read_reasons(), DocsLinks("/docs"))

    async def fails(request: Any, made: Any) -> Any:
        raise failures.of(NotFound("job", "job_1"), request_id="req_1")

    with pytest.raises(CallFailed):
        await bench.link(fails, UNREAD, call("GetJob"))
    (line,) = bench.lines
    assert (line["code"], line["reason"], line["peer"]) == ("not_found", "NOT_FOUND", "192.0.2.7")
    assert bench.calls("GetJob", "not_found") == 1


async def test_a_stream_is_told_of_when_it_ends() -> None:
    """Once, after its last message; one that its caller leaves is cancelled."""
    bench = Bench()

    async def replies() -> Any:
        for number in range(3):
            yield job_pb2.Job(job_id=f"job_{number}")

    async def streams(request: Any, made: Any) -> Any:
        return replies()

    stream: Any = await bench.link(streams, UNREAD, call("WatchJobs"))
    assert not bench.lines
    assert [reply.job_id async for reply in stream] == ["job_0", "job_1", "job_2"]
    assert [line["code"] for line in bench.lines] == ["ok"]
    left: Any = await bench.link(streams, UNREAD, call("WatchJobs"))
    await anext(left)
    await left.aclose()
    assert [line["code"] for line in bench.lines] == ["ok", "cancelled"]
    assert bench.calls("WatchJobs", "cancelled") == 1
