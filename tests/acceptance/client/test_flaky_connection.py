"""The client over a flaky connection: every write takes effect once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.acceptance.client.flaky_proxy import flaky_proxy
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import EMPLOYER, grant_access
from tests.harness.api_client import GrpcClient
from tests.harness.server import Running, server

from xaigh.jobs.v1.job_change_pb2 import JobChange
from xaigh_client import AsyncClient, Client, DeadlineExceededError, RetryPolicy

# Bounded by the calls' own timeouts: a busy machine takes long to start a server.
PATIENT = RetryPolicy(max_attempts=10_000, first_delay=0.02, max_delay=0.3)
STARTS = datetime(2027, 6, 18, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(running: Running) -> str:
    """A sandbox key."""
    with closing(GrpcClient(running.grpc)) as api:
        return grant_access(api, running.founder).key


def _post(client: Client, reference: str) -> str:
    job = client.jobs.post_job(
        employer_user_id=EMPLOYER,
        title="Crew",
        slots=1,
        starts_at=STARTS,
        external_reference=reference,
        timeout=120.0,
    )
    return job.job_id


def _references(address: str, key: str, prefix: str) -> list[str]:
    with Client(api_key=key, address=address) as client:
        found = [job.job_content.external_reference for job in client.jobs.list_jobs(page_size=200)]
    return sorted(one for one in found if one.startswith(prefix))


def test_cut_connections_make_no_second_job(running: Running, key: str) -> None:
    """Calls are cut before, within and behind their writes; each job exists once."""
    wanted = sorted(f"cut-{number:03}" for number in range(120))
    with (
        flaky_proxy(running.grpc) as proxy,
        Client(api_key=key, address=proxy.address, retry=PATIENT) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        end = proxy.cut_at_random(7, between=(0.005, 0.05))
        ids = list(pool.map(lambda reference: _post(client, reference), wanted))
        end.set()
        assert proxy.cuts > 3
    assert len(set(ids)) == len(wanted)
    assert _references(running.grpc, key, "cut-") == wanted


async def test_the_asynchronous_client_keeps_the_same_promise(running: Running, key: str) -> None:
    """The same, with 40 calls at once on one event loop."""
    wanted = sorted(f"later-{number:03}" for number in range(80))
    with flaky_proxy(running.grpc) as proxy:
        end = proxy.cut_at_random(11, between=(0.005, 0.05))
        async with AsyncClient(api_key=key, address=proxy.address, retry=PATIENT) as client:
            gate = asyncio.Semaphore(40)

            async def post(reference: str) -> str:
                async with gate:
                    job = await client.jobs.post_job(
                        employer_user_id=EMPLOYER,
                        title="Crew",
                        slots=1,
                        starts_at=STARTS,
                        external_reference=reference,
                        timeout=120.0,
                    )
                    return job.job_id

            ids = await asyncio.gather(*map(post, wanted))
        end.set()
    assert len(set(ids)) == len(wanted)
    assert _references(running.grpc, key, "later-") == wanted


def test_a_server_that_is_killed_and_comes_back_has_each_job_once(tmp_path: Path) -> None:
    """SIGKILL within writes, three times: what was answered is there, and nothing twice."""
    wanted = sorted(f"kill-{number:03}" for number in range(90))
    with ExitStack() as servers:
        running = servers.enter_context(server(tmp_path, **ENVIRON))
        with closing(GrpcClient(running.grpc)) as api:
            key = grant_access(api, running.founder).key
        with (
            flaky_proxy(running.grpc) as proxy,
            Client(api_key=key, address=proxy.address, retry=PATIENT) as client,
            ThreadPoolExecutor(4) as pool,
        ):
            done = threading.Semaphore(0)

            def post(reference: str) -> str:
                job_id = _post(client, reference)
                done.release()
                return job_id

            posting = pool.map(post, wanted)
            for _ in range(3):
                for _ in range(20):
                    assert done.acquire(timeout=30)
                running.process.send_signal(signal.SIGKILL)
                running.process.wait()
                running = servers.enter_context(server(tmp_path, **ENVIRON))
                proxy.upstream = running.grpc
            ids = list(posting)
        assert len(set(ids)) == len(wanted)
        assert _references(running.grpc, key, "kill-") == wanted


def test_a_watch_misses_nothing_over_cuts(running: Running, key: str) -> None:
    """The stream is cut at random while jobs are posted; every job is heard of."""
    wanted = {f"watch-{number:03}" for number in range(40)}
    heard: set[str] = set()
    with (
        flaky_proxy(running.grpc) as proxy,
        Client(api_key=key, address=proxy.address, retry=PATIENT) as watcher,
        Client(api_key=key, address=running.grpc) as poster,
        ThreadPoolExecutor(1) as pool,
        watcher.jobs.watch_jobs(timeout=120.0) as stream,
    ):
        assert next(stream).kind == JobChange.BOOKMARK
        end = proxy.cut_at_random(3, between=(0.05, 0.2))
        posted = pool.map(lambda reference: _post(poster, reference), sorted(wanted))
        for change in stream:
            reference = change.job.job_content.external_reference
            if reference in wanted:
                heard.add(reference)
            if heard == wanted:
                break
        end.set()
        assert len(list(posted)) == len(wanted)
    assert heard == wanted


def test_a_slow_connection_ends_at_the_deadline(running: Running, key: str) -> None:
    """A reply that comes too late isn't waited for, and says so."""
    with flaky_proxy(running.grpc) as proxy, Client(api_key=key, address=proxy.address) as client:
        client.me.who_am_i()
        proxy.delay = 3.0
        with pytest.raises(DeadlineExceededError):
            client.me.who_am_i(timeout=0.3)
        proxy.delay = 0.0


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Running]:
    """A server whose only tier takes 5 calls a second."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[tiers.narrow]\nsecond = {calls = 5, seconds = 1}\n")
    environ = {**ENVIRON, "XAIGH_SETTINGS": str(settings), "XAIGH_DEFAULT_TIER": "narrow"}
    with server(tmp_path, **environ) as running:
        yield running


def test_a_rate_limit_is_waited_out(narrow: Running) -> None:
    """Twelve calls where five a second are allowed: all succeed, each at its time."""
    with closing(GrpcClient(narrow.grpc)) as api:
        key = grant_access(api, narrow.founder).key
    retried = []
    with Client(
        api_key=key,
        address=narrow.grpc,
        retry=PATIENT,
        on_reply=lambda _, reply: retried.append(reply.attempts),
    ) as client:
        for number in range(12):
            _post(client, f"rate-{number}")
    assert max(retried) > 1
    assert len(_references(narrow.grpc, key, "rate-")) == 12
