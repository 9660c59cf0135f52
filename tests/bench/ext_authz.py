"""Calls a second through Envoy: alone, gated by ours, and gated by a minimal peer that asks Redis.

Each Envoy is the shipped configuration with one worker thread, and answers by itself instead of
calling a service, so that nothing but the gate is beside it. Rounds alternate. Ours does on each
call what it does for every call of a key: credential, browser rule, address, limit, scope, usage,
metrics and a log line. The peer has none of that.
"""

from __future__ import annotations

import hashlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bars import Bar
from tests.bench.calls import _process, _processor_time
from tests.harness.access import Access, grant_access
from tests.harness.api_client import RestClient
from tests.harness.envoy import gated
from tests.harness.redis import redis
from tests.harness.server import operator, server

ROUNDS, SECONDS, CONNECTIONS = 7, 2.0, 32
SHIPPED = Path(__file__).parents[2] / "deploy" / "envoy-ext-authz.yaml"
ALONE, OURS, PEER = "Envoy alone", "Envoy gated by ours", "Envoy gated by grpc.aio and Redis"
ROUTE = "route: {cluster: service, timeout: 0s}"
ANSWER = 'direct_response: {status: 200, body: {inline_string: "{}"}}'
FILTER, BEHIND = "- name: envoy.filters.http.ext_authz", "- name: envoy.filters.http.router"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """An Envoy, the process behind its gate, and what rounds of load showed."""

    name: str
    address: str
    gate: int | None
    rates: list[float]
    p50: list[float]
    p99: list[float]
    costs: list[float]


def measure() -> list[Bar]:
    """Ours against the peer."""
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder, ExitStack() as stack:
        key, targets = _targets(Path(folder), stack)
        for _ in range(ROUNDS):
            for target in targets:
                _round(target, key)
    for each in targets:
        cost = f"{statistics.median(each.costs):,.0f} µs of the gate's processor time a call"
        p50, p99 = statistics.median(each.p50), statistics.median(each.p99)
        print(
            f"  {each.name:<32} {statistics.median(each.rates):>7,.0f}/s"
            f"   p50 {p50:.1f} ms   p99 {p99:.1f} ms   {cost if each.gate else ''}"
        )
    alone, ours, peer = (statistics.median(each.rates) for each in targets)
    return [
        Bar(name="ext_authz against grpc.aio and Redis", value=ours / peer, wanted=0.5, unit="×",
            detail=f"{ours:,.0f}/s against {peer:,.0f}/s; Envoy alone {alone:,.0f}/s"),
    ]  # fmt: skip


def _targets(folder: Path, stack: ExitStack) -> tuple[str, list[Gated]]:
    settings = folder / "settings.toml"
    settings.write_text("[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n")
    environ = {"XAIGH_SETTINGS": str(settings), "XAIGH_DEFAULT_TIER": "bench"}
    running = stack.enter_context(server(folder, **environ))
    with closing(RestClient(running.rest)) as api:
        access = grant_access(api, running.founder, requestedScopes=["nature:read"])
    credential = operator(folder, "envoy", "service", **environ)
    peer, peer_pid = stack.enter_context(_peer(access))
    made = []
    for name, gateway, pid in (
        (ALONE, running.grpc, None),
        (OURS, running.grpc, running.process.pid),
        (PEER, f"127.0.0.1:{peer}", peer_pid),
    ):
        own = folder / name.replace(" ", "-")
        own.mkdir()
        shipped = own / "shipped.yaml"
        shipped.write_text(_configuration(is_gated=pid is not None))
        envoy = gated(own, shipped, service="127.0.0.1:9", gateway=gateway, credential=credential)
        address = stack.enter_context(envoy)
        made.append(Gated(name=name, address=address, gate=pid, rates=[], p50=[], p99=[], costs=[]))
    return access.key, made


def _configuration(*, is_gated: bool) -> str:
    """The shipped configuration with an answer of its own; without the filter unless gated."""
    text = SHIPPED.read_text()
    assert text.count(ROUTE) == text.count(FILTER) == text.count(BEHIND) == 1
    text = text.replace(ROUTE, ANSWER)
    return text if is_gated else text[: text.index(FILTER)] + text[text.index(BEHIND) :]


@contextmanager
def _peer(access: Access) -> Iterator[tuple[int, int]]:
    """The peer, whose Redis knows the key. Gives its port and its process."""
    with redis() as started:
        digest = hashlib.sha256(access.key.encode()).hexdigest()
        with socket.create_connection(("127.0.0.1", started.port)) as connection:
            connection.sendall(f"SET {digest} {access.organization_id}\r\n".encode())
            assert connection.recv(64) == b"+OK\r\n"
        module = "tests.bench.peers.redis_authz"
        with _process(sys.executable, "-m", module, str(started.port)) as process:
            assert process.stdout is not None
            yield int(process.stdout.readline()), process.pid


def _round(target: Gated, key: str) -> None:
    host, port = target.address.split(":")
    head = f"GET /v1/nature/trails HTTP/1.1\r\nhost: {target.address}\r\n"
    request = f"{head}authorization: Bearer {key}\r\n\r\n".encode()
    before = _processor_time((target.gate,)) if target.gate else 0.0
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.bench.http_load",
            host, port, str(SECONDS), str(CONNECTIONS),
        ],
        input=request.hex().encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )  # fmt: skip
    found = json.loads(done.stdout)
    if found["errors"] or not found["requests"]:
        raise RuntimeError(f"{target.name}: {found}")
    spent = _processor_time((target.gate,)) - before if target.gate else 0.0
    target.rates.append(found["requests"] / SECONDS)
    target.p50.append(found["p50_ms"])
    target.p99.append(found["p99_ms"])
    target.costs.append(spent / found["requests"] * 1e6)
