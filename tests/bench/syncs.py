"""Syncs: records a second over REST, what the run of a large feed costs, and what stands beside it.

The raw limit is `executemany` of as many rows of as many bytes as a changed batch writes, committed
with the same durability. The peer is pydantic and SQLAlchemy's ORM in this very process, without
HTTP.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.bench.bars import Bar
from tests.bench.peers.orm_sync import Peer
from tests.bench.sync_load import BOARD, EMPLOYER, RECORDS, body, posting
from tests.harness.access import grant_access, ok
from tests.harness.api_client import RestClient
from tests.harness.server import Running, server

ROUNDS, CONNECTIONS = 5, 4
SIZES = (1_000, 10_000)
FEEDS = (1_000, 10_000, 100_000)
SCOPES = ["jobs:read", "ats:read", "ats:sync", "ats:confirm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Records a second."""

    changed: float
    unchanged: float
    peer: float
    raw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed of so many roles cost: seconds in all, seconds of the end, resident megabytes."""

    roles: int
    seconds: float
    completing: float
    resident: float

    @property
    def rate(self) -> float:
        return self.roles / self.seconds


def measure() -> list[Bar]:
    """Bars 3 and 4."""
    rates = {size: _rates(size) for size in SIZES}
    feeds = [_feed(roles) for roles in FEEDS]
    small, large = rates[SIZES[0]], rates[SIZES[1]]
    last = feeds[-1]
    return [
        Bar(name="3a SyncJobs, 1 KB changed", value=small.changed, wanted=10_000, unit="/s",
            detail=f"raw {small.raw:,.0f}/s, pydantic and ORM {small.peer:,.0f}/s"),
        Bar(name="3b SyncJobs, 10 KB changed", value=large.changed, wanted=1_500, unit="/s",
            detail=f"raw {large.raw:,.0f}/s, pydantic and ORM {large.peer:,.0f}/s"),
        Bar(name="3c the same, 1 KB unchanged", value=small.unchanged, wanted=30_000, unit="/s",
            detail=f"{small.unchanged / small.changed:.2f} × changed"),
        Bar(name="3c the same, 10 KB unchanged", value=large.unchanged, wanted=4_500, unit="/s",
            detail=f"{large.unchanged / large.changed:.2f} × changed"),
        Bar(name="4a memory over 100,000 roles", value=last.resident, wanted=300, unit="MB",
            detail=f"{feeds[0].resident:,.0f} MB over 1,000", higher=False),
        Bar(name="4b completing 100,000 roles", value=last.completing, wanted=2, unit="s",
            detail=f"{feeds[1].completing * 1000:,.0f} ms of 10,000", higher=False),
        Bar(name="4c rate at 100,000 against 1,000", value=last.rate / feeds[0].rate, wanted=0.8,
            unit="×", detail=", ".join(f"{feed.rate:,.0f}/s" for feed in feeds)),
    ]  # fmt: skip


def _rates(size: int) -> Rates:
    """Changed and unchanged batches in turn, and the two peers on the same records."""
    changed, unchanged, peers = [], [], []
    batches = 60 if size < 5_000 else 10  # enough that the ends of a round weigh little
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder:
        peer = Peer(Path(folder) / "peer.db")
        with _served(Path(folder)) as (running, key), closing(peer):
            _load(running, key, size, batches, [0])
            peer.rate(_bodies(size, batches, 0), 1)
            for number in range(1, ROUNDS + 1):
                changed.append(_load(running, key, size, batches, [number]))
                unchanged.append(_load(running, key, size, batches, [number]))
                peers.append(peer.rate(_bodies(size, batches, number), batches * RECORDS))
        raw = _raw(Path(folder) / "raw.db", size)
    rates = Rates(
        changed=statistics.median(changed),
        unchanged=statistics.median(unchanged),
        peer=statistics.median(peers),
        raw=raw,
    )
    print(
        f"  {size:>6} bytes: changed {rates.changed:,.0f}/s ({min(changed):,.0f} to"
        f" {max(changed):,.0f}), unchanged {rates.unchanged:,.0f}/s, peer {rates.peer:,.0f}/s,"
        f" raw {rates.raw:,.0f}/s",
        flush=True,
    )
    return rates


def _feed(roles: int) -> Feed:
    """A feed of new roles as lines, then the end of its run as a call of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder,
        _served(Path(folder)) as (running, key),
    ):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        began = time.perf_counter()
        reply = httpx.post(
            f"http://{running.rest}/v1/jobs/ats/feed",
            content=_lines(roles),
            headers=headers,
            timeout=600,
        )
        seconds = time.perf_counter() - began
        assert reply.status_code == 200, reply.text
        completing = _complete(running, key, roles)
        feed = Feed(
            roles=roles,
            seconds=seconds,
            completing=completing,
            resident=_resident(running.process.pid),
        )
    print(
        f"  {roles:>7,} roles: {feed.rate:,.0f}/s, completed in {completing * 1000:,.0f} ms,"
        f" {feed.resident:,.0f} MB",
        flush=True,
    )
    return feed


def _complete(running: Running, key: str, roles: int) -> float:
    """Seconds that the last, empty batch takes: it compares all mirrors with the run."""
    said = {
        "provider": "GREENHOUSE",
        "employerUserId": EMPLOYER,
        "syncRunId": "nightly",
        "batchIndex": roles // RECORDS + 1,
        "complete": True,
        "expectedTotal": roles,
        "closeMissing": True,
    }
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "complete"}
    url = f"http://{running.rest}/v1/jobs/ats/sync"
    began = time.perf_counter()
    reply = httpx.post(url, json=said, headers=headers, timeout=60)
    seconds = time.perf_counter() - began
    assert reply.json()["run"]["state"] == "COMPLETED", reply.text
    return seconds


def _lines(roles: int) -> Iterator[bytes]:
    opening = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "syncRunId": "nightly"}
    yield json.dumps({"open": opening}).encode() + b"\n"
    for first in range(0, roles, RECORDS):
        jobs = (posting(number, 1_000, 0) for number in range(first, first + RECORDS))
        yield b"".join(json.dumps({"job": job}).encode() + b"\n" for job in jobs)


class _served:
    """A server with an active integration, and a key for it."""

    def __init__(self, folder: Path) -> None:
        data = folder / "data"
        data.mkdir()
        settings = folder / "settings.toml"
        settings.write_text("[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n")
        environ = {"XAIGH_SETTINGS": str(settings), "XAIGH_DEFAULT_TIER": "bench"}
        self._server = server(data, **environ)

    def __enter__(self) -> tuple[Running, str]:
        running = self._server.__enter__()
        with closing(RestClient(running.rest)) as api:
            key = grant_access(api, running.founder, requestedScopes=SCOPES).key
            wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [EMPLOYER]}
            ok(api.call("CreateIntegration", {"integration": wanted}, key=key))
        return running, key

    def __exit__(self, *error: Any) -> None:
        self._server.__exit__(*error)


def _load(running: Running, key: str, size: int, batches: int, revisions: list[int]) -> float:
    host, port = running.rest.split(":")
    wanted = {"size": size, "first": 4_000_000_000, "batches": batches, "revisions": revisions}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.sync_load", host, port, key, str(CONNECTIONS)],
        input=json.dumps(wanted).encode(),
        capture_output=True,
        check=True,
        timeout=300,
    )
    found = json.loads(done.stdout)
    return float(found["records"] / found["seconds"])


def _bodies(size: int, batches: int, revision: int) -> list[bytes]:
    return [body(4_000_000_000 + n * RECORDS, size, revision) for n in range(batches)]


def _raw(path: Path, size: int) -> float:
    """Rows like those of a changed batch, as fast as sqlite3 takes them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "CREATE TABLE roles (number INTEGER PRIMARY KEY, title TEXT, content BLOB)"
        )
        database.execute("CREATE TABLE mirrors (number INTEGER PRIMARY KEY, hashes TEXT, seen INT)")
        for name in ("events", "log", "outbox"):
            database.execute(f"CREATE TABLE {name} (number INTEGER PRIMARY KEY, said TEXT)")
        content, hashes, said = b"x" * size, "h" * 128, "s" * 200
        rates = []
        for turn in range(20):
            numbers = range(turn % 5 * RECORDS, (turn % 5 + 1) * RECORDS)
            began = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                "INSERT OR REPLACE INTO roles VALUES (?, ?, ?)",
                [(number, "title", content) for number in numbers],
            )
            database.executemany(
                "INSERT OR REPLACE INTO mirrors VALUES (?, ?, ?)",
                [(number, hashes, turn) for number in numbers],
            )
            for name in ("events", "log", "outbox"):
                database.executemany(f"INSERT INTO {name} (said) VALUES (?)", [(said,)] * RECORDS)
            database.execute("COMMIT")
            rates.append(RECORDS / (time.perf_counter() - began))
    return statistics.median(rates)


def _resident(pid: int) -> float:
    """Megabytes at most so far, of a process and of those it started."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return sum(_peak(each) for each in (pid, *map(int, listed.stdout.split())))


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():  # not Linux: what was asked for, by another way
        shown = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return int(shown.stdout or 0) / 1024
    for line in status.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    from tests.bench.bars import table

    print(f"{os.cpu_count()} cores")
    print(table(measure()))
