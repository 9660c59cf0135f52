"""A real server whose PostgreSQL is behind a network: round trips, and connections gone silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.database_proxy import DatabaseProxy, database_proxy, through
from tests.harness.postgres import empty_database
from tests.harness.server import Running, migrate, new_secrets, server


@pytest.fixture(scope="module")
def proxy(postgres_server: str) -> Iterator[DatabaseProxy]:
    with database_proxy(postgres_server) as made:
        yield made


@pytest.fixture(scope="module")
def running(
    proxy: DatabaseProxy, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A server that reaches its databases through the proxy and does nothing unasked."""
    with ExitStack() as stack:
        urls = {
            f"XAIGH_{name}_URL": through(
                proxy, stack.enter_context(empty_database(postgres_server))
            )
            for name in ("CONTROL", "SANDBOX", "PRODUCTION")
        }
        migrate(tmp_path_factory.mktemp("migrate"), **urls)
        settings = {**ENVIRON, **urls, **new_secrets(), "XAIGH_DELIVER_WEBHOOKS": "false"}
        yield stack.enter_context(server(tmp_path_factory.mktemp("data"), **settings))


@pytest.fixture(scope="module")
def key(running: Running) -> str:
    """A sandbox key that may post jobs and read them."""
    with closing(RestClient(running.rest)) as api:
        return grant_access(api, running.founder).key


def fewest(proxy: DatabaseProxy, call: Callable[[], object]) -> int:
    """Round trips of a warm call: the fewest of some, since background work has its own."""
    found: list[int] = []
    for _ in range(8):
        before = proxy.round_trips
        call()
        found.append(proxy.round_trips - before)
    return min(found)


def test_a_read_by_key_is_one_round_trip(running: Running, key: str, proxy: DatabaseProxy) -> None:
    """A warm GetJob asks the database once: no ping, no BEGIN, no look at the epoch."""
    with closing(RestClient(running.rest)) as api:
        job = ok(api.call("PostJob", job_form(), key=key, idempotency_key="rt-1"))
        ask = {"jobId": job["jobId"]}
        assert fewest(proxy, lambda: ok(api.call("GetJob", ask, key=key))) == 1


def test_posting_a_job_is_three_round_trips(
    running: Running, key: str, proxy: DatabaseProxy
) -> None:
    """The lock and the record of the key, what the posting depends on, and the commit."""
    numbers = iter(range(100))
    with closing(RestClient(running.rest)) as api:

        def post() -> None:
            key_of_call = f"rt-post-{next(numbers)}"
            ok(api.call("PostJob", job_form(), key=key, idempotency_key=key_of_call))

        assert fewest(proxy, post) == 3


def test_connections_that_go_silent_are_replaced(
    running: Running, key: str, proxy: DatabaseProxy
) -> None:
    """A firewall forgets every connection: reads work again at once, writes within seconds."""
    numbers = iter(range(1000))
    with closing(RestClient(running.rest)) as api:
        job = ok(api.call("PostJob", job_form(), key=key, idempotency_key="silent"))
        proxy.silence()
        began = time.monotonic()
        assert ok(api.call("GetJob", {"jobId": job["jobId"]}, key=key))["jobId"] == job["jobId"]
        while True:
            again = f"silent-{next(numbers)}"
            reply = api.call("PostJob", job_form(), key=key, idempotency_key=again)
            if reply.code == "ok":
                break
            assert reply.code == "unavailable", reply.body
            assert time.monotonic() - began < 20
    log = (running.data_dir / "server.log").read_text()
    assert "Traceback" not in log
