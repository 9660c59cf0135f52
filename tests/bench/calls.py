"""Calls a second, side by side in one run: ours, Envoy before an empty handler, FastAPI, bare gRPC.

Rounds alternate between the peers, so that a machine whose speed drifts slows all of them alike;
ratios are of medians. Envoy runs on all cores, so ours does beside it; one process of ours stands
beside one process of the others. Beside each rate stands the processor time that the servers take
for a call, which says more where others use the machine.

Ours and FastAPI have 10,000 jobs, and the calls ask for them by a Zipf distribution: the job of
rank n is asked for 1/n as often as the first. Envoy and the bare server give the same constant
reply to every call. Two rows more show the same with commits beside.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import envoy
from tests.bench.bars import Bar
from tests.bench.peers import envoy as envoy_peer
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.server import children, server

from xaigh.jobs.v1 import job_pb2, jobs_service_pb2

ROUNDS, SECONDS, CONNECTIONS = 5, 2.0, 32
GET_JOB = "/xaigh.jobs.v1.JobsService/GetJob"
REST_ONE, REST_ALL = "REST GetJob, everything on", "the same, a process on each core"
GRPC = "gRPC GetJob, everything on"
JOBS, ASKED = 10_000, 20_000  # a load asks for so many jobs in turn, then again
COMMITS = 50  # a second
BESIDE = f"GetJob, {COMMITS} commits a second beside"
REST_BESIDE, GRPC_BESIDE = f"REST {BESIDE}", f"gRPC {BESIDE}"
ENVOY, FASTAPI, BARE = (
    "Envoy transcoding, empty handler",
    "FastAPI, SQLAlchemy, aiosqlite",
    "bare grpc.aio, constant reply",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something to load: calls a second by one round of it, answered by these processes."""

    name: str
    round: Callable[[], float]
    pids: tuple[int, ...]


def measure() -> list[Bar]:
    """Bars 1 and 2, and what they were measured beside."""
    with (
        tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder,
        _targets(Path(folder)) as all_,
    ):
        figures: dict[str, list[float]] = {target.name: [] for target in all_}
        costs: dict[str, list[float]] = {target.name: [] for target in all_}
        for _ in range(ROUNDS):
            for target in all_:
                before = _processor_time(target.pids)
                found = target.round()
                figures[target.name].append(found)
                spent = _processor_time(target.pids) - before
                costs[target.name].append(spent / (found * SECONDS) * 1e6)
    rate = {name: statistics.median(found) for name, found in figures.items()}
    for name, rounds in figures.items():
        print(
            f"  {name:<42} {rate[name]:>9,.0f}/s   ({min(rounds):,.0f} to {max(rounds):,.0f})"
            f"   {statistics.median(costs[name]):>5,.0f} µs of processor time a call"
        )
    envoy_rate, fastapi, bare = rate[ENVOY], rate[FASTAPI], rate[BARE]
    return [
        _bar("1a REST against Envoy, all cores each", rate[REST_ALL], envoy_rate, 1.3),
        _bar("1a REST, one process, against Envoy", rate[REST_ONE], envoy_rate, 1.3),
        _bar("1b REST against FastAPI, one process each", rate[REST_ONE], fastapi, 10),
        _bar("2  gRPC against bare grpc.aio, one process each", rate[GRPC], bare, 0.5),
    ]


def _bar(name: str, ours: float, peer: float, wanted: float) -> Bar:
    detail = f"{ours:,.0f}/s against {peer:,.0f}/s"
    return Bar(name=name, value=ours / peer, wanted=wanted, unit="×", detail=detail)


@contextmanager
def _targets(folder: Path) -> Iterator[list[Target]]:
    with (
        _ours(folder / "one", processes=1) as one,
        _ours(folder / "all", processes=os.cpu_count() or 1) as several,
        _bare(one.reply) as (bare, bare_pid),
        _envoy(folder, bare) as (envoy_port, envoy_pid),
        _fastapi(folder, one.key, one.job_ids) as (fastapi_port, fastapi_pid),
    ):
        yield [
            Target(name=REST_ONE, round=lambda: _rest_load(one), pids=one.pids),
            Target(name=REST_ALL, round=lambda: _rest_load(several), pids=several.pids),
            Target(name=ENVOY, round=lambda: _http(f"127.0.0.1:{envoy_port}", one.job_ids, ""),
                   pids=(envoy_pid, bare_pid)),
            Target(name=FASTAPI,
                   round=lambda: _http(f"127.0.0.1:{fastapi_port}", one.job_ids, one.key),
                   pids=(fastapi_pid,)),
            Target(name=GRPC, round=lambda: _grpc_load(one), pids=one.pids),
            Target(name=REST_BESIDE, round=lambda: _beside(one, _rest_load), pids=one.pids),
            Target(name=GRPC_BESIDE, round=lambda: _beside(one, _grpc_load), pids=one.pids),
            Target(name=BARE, round=lambda: _grpc(f"127.0.0.1:{bare}", one.job_ids, ""),
                   pids=(bare_pid,)),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A server of ours with many jobs, and the order in which a load asks for them."""

    rest: str
    grpc: str
    key: str
    job_ids: tuple[str, ...]
    reply: bytes
    pids: tuple[int, ...]
    database: Path


@contextmanager
def _ours(folder: Path, *, processes: int) -> Iterator[Ours]:
    folder.mkdir()
    settings = folder / "settings.toml"
    settings.write_text("[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n")
    environ = {
        "XAIGH_SETTINGS": str(settings),
        "XAIGH_DEFAULT_TIER": "bench",
        "XAIGH_PROCESSES": str(processes),
    }
    data = folder / "data"
    data.mkdir()
    with server(data, **environ) as running:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder)
        body = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="bench"))
        api.close()
        pid = running.process.pid
        yield Ours(
            rest=running.rest,
            grpc=running.grpc,
            key=access.key,
            job_ids=_asked(_copies(data / "sandbox.db", body["jobId"])),
            reply=_padded(body["jobId"], len(json.dumps(body))),
            pids=(pid,) if processes == 1 else tuple(children(pid)),
            database=data / "sandbox.db",
        )


def _copies(path: Path, job_id: str) -> list[str]:
    """Copies a job until there are enough. Returns the ids of all."""
    ids = [job_id, *(f"job_{number:020}" for number in range(2, JOBS + 1))]
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        names = [row[1] for row in database.execute("PRAGMA table_info(job_postings)")]
        kept = ", ".join(name for name in names if name not in ("number", "job_id"))
        database.executemany(
            f"INSERT INTO job_postings (number, job_id, {kept})"
            f" SELECT ?, ?, {kept} FROM job_postings WHERE job_id = ?",
            [(number, each, job_id) for number, each in enumerate(ids[1:], start=2)],
        )
    return ids


def _asked(job_ids: Sequence[str]) -> tuple[str, ...]:
    """Ids by a Zipf distribution, the same in every run."""
    weights = [1 / rank for rank in range(1, len(job_ids) + 1)]
    return tuple(Random(1).choices(job_ids, weights, k=ASKED))


def _rest_load(ours: Ours) -> float:
    return _http(ours.rest, ours.job_ids, ours.key)


def _grpc_load(ours: Ours) -> float:
    return _grpc(ours.grpc, ours.job_ids, ours.key)


def _beside(ours: Ours, load: Callable[[Ours], float]) -> float:
    """The load's rate while somebody else commits to the server's database."""
    ended = threading.Event()
    committer = threading.Thread(target=_commit, args=(ours.database, ended))
    committer.start()
    try:
        return load(ours)
    finally:
        ended.set()
        committer.join()


def _commit(path: Path, ended: threading.Event) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as database:
        database.execute("PRAGMA synchronous=OFF")  # the server's calls are measured, not the disk
        database.execute("CREATE TABLE IF NOT EXISTS bench_beside (number INTEGER)")
        while not ended.wait(1 / COMMITS):
            database.execute("INSERT INTO bench_beside VALUES (1)")


def _processor_time(pids: tuple[int, ...]) -> float:
    """Seconds that the processes have computed so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _padded(job_id: str, size: int) -> bytes:
    """A job about as large as the real one."""
    job = job_pb2.Job(job_id=job_id)
    job.job_content.title = "x" * max(0, size // 2 - job.ByteSize())
    return job.SerializeToString()


def _http(address: str, job_ids: Sequence[str], key: str) -> float:
    host, port = address.split(":")
    lines = [f"host: {address}", "accept: application/json"]
    if key:
        lines.append(f"authorization: Bearer {key}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    requests = [f"GET /v1/jobs/{each} HTTP/1.1\r\n{head}".encode() for each in job_ids]
    return _load("http_load", host, port, str(SECONDS), str(CONNECTIONS), bodies=requests)


def _grpc(address: str, job_ids: Sequence[str], key: str) -> float:
    host, port = address.split(":")
    bearer = [f"Bearer {key}"] if key else []
    arguments = (host, port, str(SECONDS), str(CONNECTIONS), GET_JOB, *bearer)
    asked = [jobs_service_pb2.GetJobRequest(job_id=each).SerializeToString() for each in job_ids]
    return _load("grpc_load", *arguments, bodies=asked)


def _load(module: str, *arguments: str, bodies: Sequence[bytes]) -> float:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        input=b"\n".join(body.hex().encode() for body in bodies),
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    if found["errors"] or not found["requests"]:
        raise RuntimeError(f"{module} {arguments[:2]}: {found}")
    return float(found["requests"]) / SECONDS


@contextmanager
def _process(*command: str, given: bytes = b"") -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(given)
    process.stdin.close()
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@contextmanager
def _bare(reply: bytes) -> Iterator[tuple[int, int]]:
    module = "tests.bench.peers.bare_grpc"
    with _process(sys.executable, "-m", module, given=reply) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid


@contextmanager
def _envoy(folder: Path, upstream: int) -> Iterator[tuple[int, int]]:
    port = _free_port()
    configuration = envoy_peer.write(folder, port=port, upstream=upstream)
    binary = str(Path(envoy.__file__).parent / "_bin" / "envoy")
    with _process(
        binary, "-c", str(configuration), "--concurrency", str(os.cpu_count()),
        "--log-level", "off", "--use-dynamic-base-id",
    ) as process:  # fmt: skip
        _wait(port)
        yield port, process.pid


@contextmanager
def _fastapi(folder: Path, key: str, job_ids: Sequence[str]) -> Iterator[tuple[int, int]]:
    path, port = folder / "peer.db", _free_port()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE keys (hash TEXT PRIMARY KEY, org TEXT)")
        database.execute(
            "CREATE TABLE jobs (job_id TEXT PRIMARY KEY, org TEXT, title TEXT, body TEXT)"
        )
        digest = hashlib.sha256(key.encode()).hexdigest()
        database.execute("INSERT INTO keys VALUES (?, 'org')", (digest,))
        rows = [(each, "x" * 300) for each in set(job_ids)]
        database.executemany("INSERT INTO jobs VALUES (?, 'org', 'Crew', ?)", rows)
    database.close()
    module = "tests.bench.peers.fastapi_jobs"
    with _process(sys.executable, "-m", module, str(path), str(port)) as process:
        _wait(port)
        yield port, process.pid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")
