"""Both servers restarted one after the other behind a real Envoy, under steady load."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.fleet.conftest import fleet_databases
from tests.harness.access import grant_access, job_form
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.envoy import fronted
from tests.harness.server import Running, new_secrets, operator, server
from tests.harness.waiting import until

CALLERS = 4  # of each transport, half of which post


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_restarting_both_servers_fails_no_call(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every call over both transports is answered, and each job is there once."""
    folders = [tmp_path_factory.mktemp(name) for name in ("shared", "one", "two", "envoy")]
    with ExitStack() as stack:
        environ = {
            **ENVIRON,
            **stack.enter_context(fleet_databases(postgres_server, folders[0])),
            **new_secrets(),
            "XAIGH_TRUSTED_PROXIES": "127.0.0.1/32",
            "XAIGH_DRAIN_DELAY_SECONDS": "3",
        }
        founder = operator(folders[0], "founder", "founder", **environ)
        opened = [stack.enter_context(_restartable(each, environ)) for each in folders[1:3]]
        servers = [each[0] for each in opened]
        address = stack.enter_context(fronted(folders[3], servers))
        with closing(RestClient(servers[0].rest)) as api:
            key = grant_access(api, founder).key
        load = Load(address, key)
        with load.running():
            until(lambda: load.codes["ok"] > 200, "calls are answered")
            for _, restart in opened:
                restart()
                time.sleep(3)  # Envoy asks each second, and takes the server back
        assert set(load.codes) == {"ok"}, (load.codes, load.wrong[:3])
        assert load.codes["ok"] > 1000
        assert len(set(load.jobs.values())) == len(load.jobs)


class Load:
    """Callers that go on until the end."""

    def __init__(self, address: str, key: str) -> None:
        self._address = address
        self._key = key
        self._ends = threading.Event()
        self.codes: Counter[str] = Counter()
        self.jobs: dict[str, str] = {}
        self.wrong: list[str] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Runs them during the block."""
        threads = [
            threading.Thread(target=self._calls, args=(make, f"{made}-{number}", number % 2 == 0))
            for made, make in enumerate((RestClient, GrpcClient))
            for number in range(CALLERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ends.set()
            for thread in threads:
                thread.join(timeout=30)

    def _calls(self, make: Callable[[str], ApiClient], name: str, posts: bool) -> None:
        with closing(make(self._address)) as api:
            number = 0
            while not self._ends.is_set():
                number += 1
                try:
                    if posts:
                        again = f"roll-{name}-{number}"
                        reply = api.call(
                            "PostJob", job_form(), key=self._key, idempotency_key=again
                        )
                        if reply.code == "ok":
                            self.jobs[again] = reply.body["jobId"]
                    else:
                        reply = api.call("ListJobs", {"pageSize": 1}, key=self._key)
                    self.codes[reply.code] += 1
                    if reply.code != "ok":
                        self.wrong.append(f"{name}: {reply.body}")
                except httpx.TransportError as error:
                    self.codes[type(error).__name__] += 1
                time.sleep(0.005)


@contextmanager
def _restartable(
    folder: Path, environ: dict[str, str]
) -> Iterator[tuple[Running, Callable[[], None]]]:
    """A server, and a function that ends it and starts it again at the same addresses."""
    with ExitStack() as stack:
        held = stack.enter_context(ExitStack())
        first = held.enter_context(server(folder, **environ))

        def restart() -> None:
            nonlocal held
            held.close()
            held = stack.enter_context(ExitStack())
            held.enter_context(server(folder, rest=first.rest, grpc=first.grpc, **environ))
            until(lambda: _ready(first.rest), "the server is ready again")

        yield first, restart
