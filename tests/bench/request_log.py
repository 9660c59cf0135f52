"""What the request log takes of a call: the server's processor time with it and without, in turns.

Two servers on SQLite, then two on PostgreSQL, with everything on; one of each pair records nothing.
Each round loads all of them after one another, and waits until what was recorded is written, so
that writing counts. Both calls find their job by its id, which is the cheapest thing that a key can
ask. A figure is the mean of the cheapest third of its rounds: others on the machine make a call
dearer, by more than the log does, and never cheaper. Of PostgreSQL itself, which runs elsewhere,
nothing is counted.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bars import Bar
from tests.bench.calls import SECONDS, _grpc, _http, _processor_time
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.postgres import empty_database, postgres
from tests.harness.server import migrate, new_secrets, server

ROUNDS = 9
WRITTEN_SECONDS = 1.5  # the log is written each second
_TIER = "[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n"
_LOADS: dict[str, Callable[[str, list[str], str], float]] = {"REST": _http, "gRPC": _grpc}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A server with one job."""

    addresses: dict[str, str]
    key: str
    job_ids: list[str]
    pid: int

    def cost(self, transport: str) -> float:
        """Microseconds of processor time a call, until all is written."""
        before = _processor_time((self.pid,))
        rate = _LOADS[transport](self.addresses[transport], self.job_ids, self.key)
        time.sleep(WRITTEN_SECONDS)
        return (_processor_time((self.pid,)) - before) / (rate * SECONDS) * 1e6


def measure() -> list[Bar]:
    """The log's share of a call, by engine and transport."""
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder:
        bars = _measure("SQLite", Path(folder) / "sqlite", dict)
    with (
        tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder,
        postgres() as url,
        ExitStack() as stack,
    ):
        bars += _measure("PostgreSQL", Path(folder) / "postgres", lambda: _databases(url, stack))
    return bars


def _databases(url: str, stack: ExitStack) -> dict[str, str]:
    """Settings of three empty databases, which are dropped at the end."""
    urls = {
        f"XAIGH_{name}_URL": stack.enter_context(empty_database(url))
        for name in ("CONTROL", "SANDBOX", "PRODUCTION")
    }
    with tempfile.TemporaryDirectory() as folder:
        migrate(Path(folder), **urls)
    return {**urls, **new_secrets()}


def _measure(engine: str, folder: Path, databases: Callable[[], dict[str, str]]) -> list[Bar]:
    with (
        _serving(folder / "with", databases()) as with_log,
        _serving(folder / "without", {**databases(), "XAIGH_REQUEST_LOG_DAYS": "0"}) as without,
    ):
        return [_share(engine, transport, with_log, without) for transport in _LOADS]


def _share(engine: str, transport: str, with_log: Loaded, without: Loaded) -> Bar:
    pairs = [_pair(transport, with_log, without, number) for number in range(ROUNDS)]
    dear, cheap = (_quiet(costs) for costs in zip(*pairs, strict=True))
    print(f"  {engine:<11} {transport}   {dear:,.1f} µs with it, {cheap:,.1f} µs without")
    return Bar(
        name=f"request log's share of GetJob over {transport}, {engine}",
        value=(dear / cheap - 1) * 100,
        wanted=5,
        unit="%",
        detail=f"{dear:,.1f} µs of processor time a call against {cheap:,.1f} µs",
        higher=False,
    )


def _quiet(costs: Sequence[float]) -> float:
    return statistics.mean(sorted(costs)[: len(costs) // 3])


def _pair(transport: str, with_log: Loaded, without: Loaded, number: int) -> tuple[float, float]:
    """One cost with the log and one without; who goes first changes with the number."""
    if number % 2:
        cheap = without.cost(transport)
        return with_log.cost(transport), cheap
    return with_log.cost(transport), without.cost(transport)


@contextmanager
def _serving(folder: Path, environ: dict[str, str]) -> Iterator[Loaded]:
    folder.mkdir(parents=True)
    settings = folder / "settings.toml"
    settings.write_text(_TIER)
    given = {"XAIGH_SETTINGS": str(settings), "XAIGH_DEFAULT_TIER": "bench", **environ}
    with server(folder, **given) as running, closing(RestClient(running.rest)) as api:
        access = grant_access(api, running.founder)
        job = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="bench"))
        yield Loaded(
            addresses={"REST": running.rest, "gRPC": running.grpc},
            key=access.key,
            job_ids=[job["jobId"]],
            pid=running.process.pid,
        )
