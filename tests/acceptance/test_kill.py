"""SIGKILL between and inside writes: all of a write or nothing of it."""

from __future__ import annotations

import signal
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.server import server, verify_audit

ROUNDS = 4
WRITERS = 8


def test_a_killed_server_leaves_whole_writes_only(data_dir: Path):
    """After each kill: what was answered stands, every job has its audit event, its entry
    in the log of changes and its idempotency record; a repeat gives the same job once."""
    answered: dict[str, str] = {}
    asked: list[str] = []
    key = ""
    for number in range(ROUNDS):
        with server(data_dir, **ENVIRON) as running:
            if not key:
                api = RestClient(running.rest)
                key = grant_access(api, running.founder).key
                api.close()
            fatal = threading.Timer(0.05 + 0.1 * number, running.process.send_signal, [9])

            def post(name: str, address: str = running.rest, key: str = key) -> None:
                own = RestClient(address)
                try:
                    reply = own.call("PostJob", job_form(), key=key, idempotency_key=name)
                    answered[name] = reply.body["jobId"]
                except httpx.TransportError:
                    pass  # the kill: whether it was written shows below
                finally:
                    own.close()

            names = [f"r{number}-{index}" for index in range(60)]
            asked.extend(names)
            with ThreadPoolExecutor(WRITERS) as pool:
                fatal.start()
                list(pool.map(post, names))
            fatal.join()
            assert running.process.wait(timeout=10) == -signal.SIGKILL
        _whole(data_dir / "sandbox.db")
    with server(data_dir, **ENVIRON) as running:
        api = RestClient(running.rest)
        for name in asked:
            again = api.call("PostJob", job_form(), key=key, idempotency_key=name)
            job = ok(again)["jobId"]
            assert answered.setdefault(name, job) == job
        used = ok(api.call("GetUsage", {}, key=key))["rows"]
        posts = sum(int(row["calls"]) for row in used if row["method"].endswith(".PostJob"))
        assert posts == len(asked)  # each write once: no kill lost one, no replay counts
        api.close()
    assert len(set(answered.values())) == len(asked) == _count(data_dir, "job_postings")
    assert verify_audit(data_dir, "--allow-unanchored").returncode == 0  # sound up to its end


def _whole(path: Path) -> None:
    """Every job has exactly one of everything that its write holds."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint")
        jobs = database.execute("SELECT count(*) FROM job_postings").fetchone()[0]
        for table, what in (
            ("audit_events", "action = 'job.posted'"),
            ("job_changes", "1"),
            ("idempotency_records", "method LIKE '%PostJob'"),
        ):
            found = database.execute(f"SELECT count(*) FROM {table} WHERE {what}").fetchone()[0]
            assert found == jobs, table
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    database.close()


def _count(data_dir: Path, table: str) -> int:
    database = sqlite3.connect(data_dir / "sandbox.db")
    count: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    database.close()
    return count
