"""Two servers whose PostgreSQL breaks under them, in each way that a database breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.database_proxy import DatabaseProxy, database_proxy, through
from tests.harness.postgres import empty_database
from tests.harness.postgres_cluster import Cluster, cluster
from tests.harness.server import Running, migrate, new_secrets, operator, server

DEADLINE_SECONDS = 15.0
RECOVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The database, the network before it, and two servers with a key."""

    database: Cluster
    network: DatabaseProxy
    servers: tuple[Running, ...]
    sandbox: str
    key: str


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Servers that reach their databases through the proxy."""
    with ExitStack() as stack:
        database = stack.enter_context(cluster())
        network = stack.enter_context(database_proxy(database.url))
        names = ("CONTROL", "SANDBOX", "PRODUCTION")
        direct = {name: stack.enter_context(_database(database)) for name in names}
        urls = {f"XAIGH_{name}_URL": through(network, url) for name, url in direct.items()}
        shared = tmp_path_factory.mktemp("shared")
        environ = {**ENVIRON, **urls, **new_secrets()}
        migrate(shared, **environ)
        founder = operator(shared, "founder", "founder", **environ)
        servers = tuple(
            stack.enter_context(server(tmp_path_factory.mktemp(f"server{n}"), **environ))
            for n in range(2)
        )
        with closing(RestClient(servers[0].rest)) as api:
            key = grant_access(api, founder).key
        yield Scene(
            database=database,
            network=network,
            servers=servers,
            sandbox=direct["SANDBOX"],
            key=key,
        )


def _database(database: Cluster) -> Any:
    return empty_database(database.url)


@dataclass(slots=True)
class Traffic:
    """Posts and reads without pause, over both servers and both transports."""

    scene: Scene
    name: str
    answered: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    slowest: float = 0.0
    lasts: dict[str, float] = field(default_factory=dict)
    _ends: threading.Event = field(default_factory=threading.Event)

    def run(self, fault: Callable[[], None]) -> None:
        """Lets the fault happen amid the traffic, and waits for what was promised."""
        callers: list[tuple[str, Callable[[], ApiClient]]] = []
        for number, each in enumerate(self.scene.servers):
            callers.append((f"rest{number}", lambda at=each.rest: RestClient(at, checked=False)))  # type: ignore[misc]
            callers.append((f"grpc{number}", lambda at=each.grpc: GrpcClient(at)))  # type: ignore[misc]
        with ThreadPoolExecutor(8) as pool:
            running = [
                pool.submit(step, name, make)
                for name, make in callers
                for step in (self._post, self._read)
            ]
            try:
                self._await_all(running, since=time.monotonic(), seconds=20)
                fault()
                self._await_all(running, since=time.monotonic(), seconds=RECOVERY_SECONDS)
            finally:
                self._ends.set()  # or the pool waits for ever for callers that nobody ends
        assert not self.wrong, self.wrong[:5]
        assert self.slowest < DEADLINE_SECONDS

    def check(self) -> None:
        """Every answered write is there, and none is there twice."""
        with closing(RestClient(self.scene.servers[0].rest, checked=False)) as api:
            again = {
                key: ok(
                    api.call("PostJob", self._form(key), key=self.scene.key, idempotency_key=key)
                )["jobId"]
                for key in self.asked
            }
        assert self.answered.items() <= again.items()
        with psycopg.connect(self.scene.sandbox) as connection:
            stored = connection.execute(
                "SELECT title, job_id FROM job_postings WHERE title LIKE %s ORDER BY job_id",
                (f"Engineer {self.name}-%",),
            ).fetchall()
        expected = [(f"Engineer {key}", job) for key, job in again.items()]
        assert stored == sorted(expected, key=lambda row: row[1])

    def _form(self, key: str) -> dict[str, Any]:
        return job_form(title=f"Engineer {key}")

    def _post(self, name: str, make: Callable[[], ApiClient]) -> None:
        with closing(make()) as api:
            for number in range(10_000):
                if self._ends.is_set():
                    return
                key = f"{self.name}-{name}-{number}"
                self.asked.append(key)
                reply = self._timed(
                    f"post {name}",
                    lambda key=key: api.call(  # type: ignore[misc]
                        "PostJob", self._form(key), key=self.scene.key, idempotency_key=key
                    ),
                )
                if reply.code == "ok":
                    self.answered[key] = reply.body["jobId"]
                time.sleep(0.1)

    def _read(self, name: str, make: Callable[[], ApiClient]) -> None:
        with closing(make()) as api:
            while not self._ends.is_set():
                self._timed(
                    f"read {name}",
                    lambda: api.call("ListJobs", {"pageSize": 1}, key=self.scene.key),
                )
                time.sleep(0.1)

    def _timed(self, name: str, call: Callable[[], Reply]) -> Reply:
        began = time.monotonic()
        reply = call()
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        if reply.code == "ok":
            self.lasts[name] = began
            return reply
        self.refused += 1
        if reply.code != "unavailable":
            self.wrong.append(f"{name}: {reply.code} {reply.body}")
        return reply

    def _await_all(self, running: list[Any], *, since: float, seconds: float) -> None:
        """Waits until each caller was served by a call that it began after `since`."""
        while len([at for at in self.lasts.values() if at >= since]) < len(running):
            for each in running:
                if each.done():
                    each.result()
            late = time.monotonic() - since
            assert late < seconds, (late, since, self.lasts, self.refused, self.wrong[:3])
            time.sleep(0.02)


def _cut(scene: Scene) -> None:
    scene.network.cut()


def _silence(scene: Scene) -> None:
    scene.network.silence()


def _restart(scene: Scene) -> None:
    scene.database.stop()
    time.sleep(1)
    scene.database.start()


def _freeze(scene: Scene) -> None:
    scene.database.freeze()
    time.sleep(6)  # longer than any limit of a single wait
    scene.database.thaw()


def _lock(scene: Scene) -> None:
    with psycopg.connect(scene.sandbox) as foreign:
        foreign.execute("LOCK TABLE job_postings IN ACCESS EXCLUSIVE MODE")
        time.sleep(4)


FAULTS = {
    "cut": _cut,
    "silence": _silence,
    "restart": _restart,
    "freeze": _freeze,
    "lock": _lock,
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_database_loses_and_doubles_nothing(scene: Scene, name: str) -> None:
    """Refusals are `unavailable` and in time; calls are served within 5 s of its end."""
    traffic = Traffic(scene, name)
    traffic.run(lambda: FAULTS[name](scene))
    traffic.check()
