"""Traffic on a fleet: callers that post and read without pause, and what they were promised.

Refusals are `unavailable` and in time, every caller is served again soon after a fault has ended,
and each answered write is there afterwards, once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import psycopg
from tests.harness.access import job_form, ok
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.database_proxy import DatabaseProxy
from tests.harness.postgres_cluster import Cluster
from tests.harness.server import Running

DEADLINE_SECONDS = 15.0
RECOVERY_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Scene:
    """The database, the network before it, and servers with keys of several organizations."""

    database: Cluster
    network: DatabaseProxy
    servers: tuple[Running, ...]
    keys: tuple[str, ...]
    ends: ExitStack
    """What is undone when the scene ends."""

    def stored(self, title: str) -> list[tuple[Any, ...]]:
        """Titles and ids of the jobs whose titles begin so."""
        with psycopg.connect(self.database.database("sandbox")) as connection:
            return connection.execute(
                "SELECT title, job_id FROM job_postings WHERE title LIKE %s ORDER BY job_id",
                (f"{title}%",),
            ).fetchall()


@dataclass(slots=True)
class Traffic:
    """Posts and reads over every server and both transports, in two organizations."""

    scene: Scene
    name: str
    answered: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    """The API key under which each posting was tried."""
    wrong: list[str] = field(default_factory=list)
    refused: dict[str, float] = field(default_factory=dict)
    """When each caller was refused last."""
    served: dict[str, float] = field(default_factory=dict)
    """When each caller began the last call that was served."""
    slowest: float = 0.0
    _ends: threading.Event = field(default_factory=threading.Event)

    def run(self, fault: Callable[[Traffic], None]) -> None:
        """Lets a fault happen amid the traffic, and waits for what was promised."""
        with ThreadPoolExecutor(16) as pool:
            running = [
                pool.submit(step, f"{kind}-{name}", make)
                for name, make in self._callers()
                for kind, step in (("post", self._post), ("read", self._read))
            ]
            try:
                self._await_all(running, seconds=20)
                fault(self)
                self._await_all(running, seconds=RECOVERY_SECONDS)
            finally:
                self._ends.set()  # or the pool waits for ever for callers that nobody ends
        assert not self.wrong, self.wrong[:5]
        assert self.slowest < DEADLINE_SECONDS

    def await_refusals(self) -> None:
        """Waits until everybody who posts has been refused."""
        since = time.monotonic()
        names = [name for name in self.served if name.startswith("post")]
        while not all(self.refused.get(name, 0) > since for name in names):
            assert time.monotonic() - since < 20, (names, since, self.refused)
            time.sleep(0.02)

    def check(self) -> None:
        """Every answered write is there, and none is there twice."""
        with closing(RestClient(self.scene.servers[-1].rest, checked=False)) as api:
            again = {key: self._posted(api, key).body["jobId"] for key in self.asked}
        assert self.answered.items() <= again.items()
        expected = [(f"Engineer {key}", job) for key, job in again.items()]
        assert self.scene.stored(f"Engineer {self.name}-") == sorted(
            expected, key=lambda row: row[1]
        )

    def _posted(self, api: ApiClient, key: str) -> Reply:
        reply = post(api, key, self.asked[key])
        ok(reply)
        return reply

    def _callers(self) -> list[tuple[str, Callable[[], ApiClient]]]:
        found: list[tuple[str, Callable[[], ApiClient]]] = []
        for number, each in enumerate(self.scene.servers):
            found.append((f"rest{number}", lambda at=each.rest: RestClient(at, checked=False)))  # type: ignore[misc]
            found.append((f"grpc{number}", lambda at=each.grpc: GrpcClient(at)))  # type: ignore[misc]
        return found

    def _post(self, name: str, make: Callable[[], ApiClient]) -> None:
        # Two callers an organization, at different servers: they wait for one another's lock.
        credential = self.scene.keys[name in ("post-rest0", "post-grpc1")]
        with closing(make()) as api:
            for number in range(10_000):
                if self._ends.is_set():
                    return
                key = f"{self.name}-{name}-{number}"
                self.asked[key] = credential
                reply = self._timed(name, lambda key=key: post(api, key, credential))  # type: ignore[misc]
                if reply.code == "ok":
                    self.answered[key] = reply.body["jobId"]
                time.sleep(0.1)

    def _read(self, name: str, make: Callable[[], ApiClient]) -> None:
        with closing(make()) as api:
            while not self._ends.is_set():
                self._timed(
                    name, lambda: api.call("ListJobs", {"pageSize": 1}, key=self.scene.keys[0])
                )
                time.sleep(0.1)

    def _timed(self, name: str, call: Callable[[], Reply]) -> Reply:
        began = time.monotonic()
        reply = call()
        self.slowest = max(self.slowest, time.monotonic() - began)
        if reply.code == "ok":
            self.served[name] = began
            return reply
        self.refused[name] = time.monotonic()
        if reply.code != "unavailable":
            self.wrong.append(f"{name}: {reply.code} {reply.body}")
        return reply

    def _await_all(self, running: list[Future[None]], *, seconds: float) -> None:
        """Waits until each caller was served by a call that began after this one."""
        since = time.monotonic()
        while len([at for at in self.served.values() if at >= since]) < len(running):
            for each in running:
                if each.done():
                    each.result()
            late = time.monotonic() - since
            assert late < seconds, (late, since, self.served, self.refused, self.wrong[:3])
            time.sleep(0.02)


def post(api: ApiClient, key: str, credential: str) -> Reply:
    """Posts the job of one idempotency key."""
    form = job_form(title=f"Engineer {key}")
    return api.call("PostJob", form, key=credential, idempotency_key=key)
