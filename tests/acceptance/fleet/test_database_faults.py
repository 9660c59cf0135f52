"""Two servers whose PostgreSQL breaks under them, in each way that a database breaks.

The tests run in their order: the last ones end the primary, and then one of the servers.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.fleet.test_leaders import leads_all, led
from tests.harness.access import grant_access, ok
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.database_proxy import database_proxy
from tests.harness.fleet_traffic import DEADLINE_SECONDS, Scene, Traffic, post
from tests.harness.postgres_cluster import broken, cluster
from tests.harness.server import migrate, new_secrets, operator, server
from tests.harness.small_disk import SmallDisk, small_disk
from tests.harness.waiting import until

ORGANIZATIONS = 4


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    """The disk of the database."""
    with small_disk() as made:
        yield made


@pytest.fixture(scope="module")
def sockets() -> Iterator[Path]:
    """The folder of the standby, whose path is short enough for a socket's."""
    with TemporaryDirectory(prefix="xgpg") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def scene(
    disk: SmallDisk, sockets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """Servers that know two hosts, each behind a proxy: the database and its later standby."""
    with ExitStack() as stack:
        database = stack.enter_context(cluster(disk.folder / "data"))
        network = stack.enter_context(database_proxy(database.url))
        later = stack.enter_context(database_proxy(f"postgresql://postgres@/?host={sockets}"))
        urls = {}
        for name in ("control", "sandbox", "production"):
            database.run(f"CREATE DATABASE {name}")
            hosts = f"127.0.0.1:{network.port},127.0.0.1:{later.port}"
            query = "target_session_attrs=read-write"
            urls[f"XAIGH_{name.upper()}_URL"] = f"postgresql://postgres@{hosts}/{name}?{query}"
        shared = tmp_path_factory.mktemp("shared")
        environ = {**ENVIRON, **urls, **new_secrets()}
        migrate(shared, **environ)
        founder = operator(shared, "founder", "founder", **environ)
        servers = tuple(
            stack.enter_context(server(tmp_path_factory.mktemp(f"server{n}"), **environ))
            for n in range(2)
        )
        with closing(RestClient(servers[0].rest)) as api:
            keys = tuple(grant_access(api, founder).key for _ in range(ORGANIZATIONS))
        yield Scene(database=database, network=network, servers=servers, keys=keys, ends=stack)


def _cut(scene: Scene) -> None:
    scene.network.cut()


def _silence(scene: Scene) -> None:
    scene.network.silence()


def _restart(scene: Scene) -> None:
    scene.database.stop()
    time.sleep(1)
    scene.database.start()


def _kill(scene: Scene) -> None:
    scene.database.kill()
    scene.database.start()


def _freeze(scene: Scene) -> None:
    scene.database.freeze()
    try:
        time.sleep(10)  # longer than any limit of a single wait
    finally:
        scene.database.thaw()


def _lock(scene: Scene) -> None:
    with psycopg.connect(scene.database.database("sandbox")) as foreign:
        foreign.execute("LOCK TABLE job_postings IN ACCESS EXCLUSIVE MODE")
        time.sleep(4)


FAULTS = {
    "cut": _cut,
    "silence": _silence,
    "restart": _restart,
    "kill": _kill,
    "freeze": _freeze,
    "lock": _lock,
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_database_loses_and_doubles_nothing(scene: Scene, name: str) -> None:
    """Refusals are `unavailable` and in time; calls are served within 5 s of its end."""
    traffic = Traffic(scene, name)
    traffic.run(lambda _: FAULTS[name](scene))
    traffic.check()


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON job_postings EXECUTE FUNCTION full_disk()
"""


def test_a_full_disk_refuses_and_keeps_nothing_by_halves(scene: Scene, disk: SmallDisk) -> None:
    """Where no file can grow; where this process may not mount a disk, by PostgreSQL's own word."""

    def fault(traffic: Traffic) -> None:
        if disk.is_mounted:
            disk.fill()
            try:
                traffic.await_refusals()
            finally:
                disk.clear()
            return
        with psycopg.connect(scene.database.database("sandbox"), autocommit=True) as connection:
            connection.execute(FULL)
            try:
                traffic.await_refusals()
            finally:
                connection.execute("DROP FUNCTION full_disk CASCADE")

    traffic = Traffic(scene, "full")
    traffic.run(fault)
    traffic.check()
    for each in scene.servers:
        assert _causes(each.data_dir / "server.log", "PostgreSQL 53100")  # disk_full


def test_calls_that_find_no_free_connection_are_refused(scene: Scene) -> None:
    """In time, with the pause that helps, on both transports; the server goes on afterwards."""
    at, calls = scene.servers[0], 32
    clients: list[ApiClient] = [RestClient(at.rest, checked=False), GrpcClient(at.grpc)]
    replies: dict[str, list[Reply]] = {}

    def refused(api: ApiClient) -> Reply:
        began = time.monotonic()
        reply = api.call("ListJobs", {}, key=scene.keys[0])
        assert time.monotonic() - began < DEADLINE_SECONDS
        return reply

    with psycopg.connect(scene.database.database("sandbox")) as foreign, ExitStack() as stack:
        foreign.execute("LOCK TABLE job_postings IN ACCESS EXCLUSIVE MODE")
        pool = stack.enter_context(ThreadPoolExecutor(2 * calls))
        # In turns: whoever asks first gets the connections, and the last ones of both find none.
        turns = [(api, pool.submit(refused, api)) for _ in range(calls) for api in clients]
        asked = {api.name: [found for each, found in turns if each is api] for api in clients}
        replies = {name: [each.result() for each in found] for name, found in asked.items()}
    waited = _causes(at.data_dir / "server.log", "no connection became free in time")
    for name, found in replies.items():
        assert {reply.code for reply in found} == {"unavailable"}, name
        assert all(int(reply.headers["retry-after"]) >= 1 for reply in found), name
        delays = [each.get("retryDelay") for reply in found for each in reply.body["details"]]
        assert len(delays) - delays.count(None) == calls, name
        assert waited & {reply.body["requestId"] for reply in found}, name
    for api in clients:
        until(lambda api=api: refused(api).code == "ok", "the server answers again")  # type: ignore[misc]
        api.close()


def _causes(log: Path, cause: str) -> set[str]:
    """The requests that failed for one cause, by the server's log."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if cause in line]
    return {line["request_id"] for line in lines if line["event"] == "database.unavailable"}


def test_a_standby_that_is_promoted_has_every_answered_write(scene: Scene, sockets: Path) -> None:
    """The servers find it by themselves: their URLs name both hosts."""
    standby = scene.database.standby(sockets)

    def fault(_: Traffic) -> None:
        scene.database.kill()
        standby.promote()
        scene.database = standby

    scene.ends.enter_context(broken(standby))
    traffic = Traffic(scene, "failover")
    traffic.run(fault)
    traffic.check()


def test_a_server_that_dies_takes_no_answered_write_with_it(scene: Scene) -> None:
    """The other one serves every organization as before, and takes the leases over."""
    living, dying = sorted(scene.servers, key=lambda each: sum(led(each).values()))
    gone, ends = threading.Event(), threading.Event()
    answered: dict[str, list[str]] = defaultdict(list)

    def post_all(name: str, credential: str, api: ApiClient) -> None:
        with closing(api):
            for number in range(100_000):
                if ends.is_set():
                    return
                ok(post(api, f"{name}-{number}", credential))
                answered[name].append(f"{name}-{number}")

    def post_until_death(name: str, credential: str, api: ApiClient) -> None:
        try:
            post_all(name, credential, api)
        except httpx.TransportError:
            assert gone.is_set()

    def await_posts(count: int, who: str) -> None:
        since = {name: len(found) for name, found in answered.items()}
        names = [f"{who}-{n}" for n in range(ORGANIZATIONS)]
        until(
            lambda: all(len(answered[name]) >= since.get(name, 0) + count for name in names),
            f"each caller of the {who} server has posted {count} jobs more",
        )

    with ThreadPoolExecutor(2 * ORGANIZATIONS) as pool:
        running = []
        try:
            for n, key in enumerate(scene.keys):
                rest = RestClient(dying.rest, checked=False)
                running.append(pool.submit(post_until_death, f"dying-{n}", key, rest))
                grpc = GrpcClient(living.grpc)
                running.append(pool.submit(post_all, f"living-{n}", key, grpc))
            await_posts(3, "dying")
            await_posts(3, "living")
            gone.set()
            dying.process.kill()
            await_posts(5, "living")
        finally:
            gone.set()
            ends.set()
    for each in running:
        each.result()
    with closing(RestClient(living.rest, checked=False)) as api:
        for name, keys in answered.items():
            key = scene.keys[int(name[-1])]
            jobs = {(f"Engineer {each}", ok(post(api, each, key))["jobId"]) for each in keys}
            stored = {*scene.stored(f"Engineer {name}-")}
            assert jobs <= stored
            assert len(stored - jobs) <= 1  # one that was committed as the server died
    until(lambda: leads_all(living), "the living server leads every task")
