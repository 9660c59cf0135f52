"""PostgreSQL behind a network: round trips, rates without delay and with a millisecond of it.

A proxy between server and database adds the delay and counts round trips. The peer of the reads is
a bare ASGI handler that does the same single SELECT on as many held connections.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from tests.bench.bars import Bar
from tests.bench.calls import _free_port, _http, _process, _wait
from tests.bench.sync_load import BOARD, EMPLOYER
from tests.bench.syncs import SCOPES, _load
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.database_proxy import DatabaseProxy, database_proxy, through
from tests.harness.postgres import empty_database, postgres
from tests.harness.server import Running, migrate, new_secrets, server

ROUNDS, SECONDS = 3, 3.0
ORGANIZATIONS, CONNECTIONS = 16, 8
JOBS = 1_000
HALF = 0.0005  # seconds of delay each way: a millisecond of network
_FORM = json.dumps(job_form()).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A server on PostgreSQL, with keys of several organizations."""

    running: Running
    proxy: DatabaseProxy
    keys: tuple[str, ...]
    job_ids: tuple[str, ...]
    sandbox: str
    """The URL of the sandbox's database, not by way of the proxy."""


def measure() -> list[Bar]:
    """Bars 6, 7 and 9."""
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder, _site(Path(folder)) as site:
        return [*_reads(site), *_writes(site), *_syncs(site)]


def _reads(site: Site) -> list[Bar]:
    ours, peer = [], []
    with _peer(site) as address:
        for _ in range(ROUNDS):
            ours.append(_http(site.running.rest, site.job_ids, site.keys[0]))
            peer.append(_http(address, site.job_ids, ""))
    rate, beside = statistics.median(ours), statistics.median(peer)
    trips = _trips(site, lambda connection: _get(connection, site))
    print(f"  GetJob: {rate:,.0f}/s, a bare SELECT {beside:,.0f}/s, {trips} round trips a call")
    return [
        Bar(name="6  GetJob, round trips a call", value=trips, wanted=1, unit="",
            detail="counted at the wire", higher=False),
        Bar(name="6  GetJob against a bare SELECT", value=rate / beside, wanted=0.6, unit="×",
            detail=f"{rate:,.0f}/s against {beside:,.0f}/s"),
    ]  # fmt: skip


def _writes(site: Site) -> list[Bar]:
    trips = _trips(site, lambda connection: _post(connection, site.keys[0]))
    near = _posting(site, 1)
    site.proxy.delay = HALF
    alone = [_posting(site, 1) for _ in range(ROUNDS)]
    many = [_posting(site, ORGANIZATIONS) for _ in range(ROUNDS)]
    site.proxy.delay = 0.0
    one, all_ = statistics.median(alone), statistics.median(many)
    print(
        f"  PostJob: {near:,.0f}/s without delay; with 1 ms {one:,.0f}/s alone,"
        f" {all_:,.0f}/s by {ORGANIZATIONS} organizations, {trips} round trips a call"
    )
    return [
        Bar(name="7  PostJob, round trips a call", value=trips, wanted=5, unit="",
            detail="counted at the wire", higher=False),
        Bar(name="7  PostJob alone, 1 ms of network", value=1000 / one, wanted=9, unit="ms",
            detail=f"{1000 / near:.1f} ms without delay", higher=False),
        Bar(name="7  PostJob by 16 organizations against one", value=all_ / one, wanted=4,
            unit="×", detail=f"{all_:,.0f}/s against {one:,.0f}/s"),
    ]  # fmt: skip


def _syncs(site: Site) -> list[Bar]:
    with closing(RestClient(site.running.rest, checked=False)) as api:
        access = grant_access(api, site.running.founder, requestedScopes=SCOPES)
        wanted = {"provider": "GREENHOUSE", "board": BOARD, "employerUserIds": [EMPLOYER]}
        ok(api.call("CreateIntegration", {"integration": wanted}, key=access.key))
    revisions = iter(range(100))
    _load(site.running, access.key, 1_000, 10, [next(revisions)])
    near = [_load(site.running, access.key, 1_000, 10, [next(revisions)]) for _ in range(ROUNDS)]
    site.proxy.delay = HALF
    far = [_load(site.running, access.key, 1_000, 10, [next(revisions)]) for _ in range(ROUNDS)]
    site.proxy.delay = 0.0
    print(f"  SyncJobs 1 KB changed: {statistics.median(near):,.0f}/s,"
          f" with 1 ms {statistics.median(far):,.0f}/s")  # fmt: skip
    return [
        Bar(name="9  SyncJobs, 1 KB changed, PostgreSQL", value=statistics.median(near),
            wanted=5_000, unit="/s", detail="without delay"),
        Bar(name="9  the same, 1 ms of network", value=statistics.median(far), wanted=2_500,
            unit="/s", detail="one organization"),
    ]  # fmt: skip


def _posting(site: Site, writers: int) -> float:
    """Posts a second, by one writer of each of so many organizations."""
    counts = [0] * writers
    ends = time.monotonic() + SECONDS

    def post(number: int) -> None:
        connection = http.client.HTTPConnection(site.running.rest, timeout=30)
        while time.monotonic() < ends:
            _post(connection, site.keys[number])
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=post, args=[number]) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _post(connection: http.client.HTTPConnection, key: str) -> None:
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"bench-{time.monotonic_ns()}-{threading.get_ident()}",
    }
    connection.request("POST", "/v1/jobs/post", _FORM, headers)
    reply = connection.getresponse()
    body = reply.read()
    if reply.status != 200:
        raise RuntimeError(body)


def _get(connection: http.client.HTTPConnection, site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.keys[0]}"}
    connection.request("GET", f"/v1/jobs/{site.job_ids[0]}", headers=headers)
    connection.getresponse().read()


def _trips(site: Site, call: Callable[[http.client.HTTPConnection], None]) -> int:
    """Round trips of a warm call: the fewest of some, since background work has its own."""
    connection = http.client.HTTPConnection(site.running.rest, timeout=30)
    found = []
    for _ in range(10):
        before = site.proxy.round_trips
        call(connection)
        found.append(site.proxy.round_trips - before)
    connection.close()
    return min(found)


@contextmanager
def _peer(site: Site) -> Iterator[str]:
    with psycopg.connect(site.sandbox, autocommit=True) as database:
        database.execute("CREATE TABLE bench_jobs (job_id text PRIMARY KEY, reply bytea)")
        with database.cursor() as cursor:
            rows = [(each, b'{"jobId":"' + b"x" * 900 + b'"}') for each in set(site.job_ids)]
            cursor.executemany("INSERT INTO bench_jobs VALUES (%s, %s)", rows)
    port = _free_port()
    module = "tests.bench.peers.bare_select"
    url = through(site.proxy, site.sandbox)
    with _process(sys.executable, "-m", module, url, str(port), str(CONNECTIONS)):
        _wait(port)
        yield f"127.0.0.1:{port}"


@contextmanager
def _site(folder: Path) -> Iterator[Site]:
    settings = folder / "settings.toml"
    settings.write_text("[tiers.bench]\nminute = {calls = 1000000000, seconds = 60}\n")
    with ExitStack() as stack:
        base = stack.enter_context(postgres())
        proxy = stack.enter_context(database_proxy(base))
        direct = {
            name: stack.enter_context(empty_database(base))
            for name in ("CONTROL", "SANDBOX", "PRODUCTION")
        }
        environ = {f"XAIGH_{name}_URL": through(proxy, url) for name, url in direct.items()}
        environ |= new_secrets()
        environ |= {
            "XAIGH_SETTINGS": str(settings),
            "XAIGH_DEFAULT_TIER": "bench",
            "XAIGH_PUBLIC_LIMIT_PER_MINUTE": "100000",
            "XAIGH_CONTACT_LIMIT_PER_DAY": "100000",
        }
        (folder / "data").mkdir()
        migrate(folder / "data", **environ)
        running = stack.enter_context(server(folder / "data", **environ))
        with closing(RestClient(running.rest, checked=False)) as api:
            keys = tuple(grant_access(api, running.founder).key for _ in range(ORGANIZATIONS))
            jobs = [
                ok(api.call("PostJob", job_form(), key=keys[0], idempotency_key=f"j{number}"))
                for number in range(JOBS)
            ]
        yield Site(
            running=running,
            proxy=proxy,
            keys=keys,
            job_ids=tuple(job["jobId"] for job in jobs),
            sandbox=direct["SANDBOX"],
        )
