"""Several processes that serve as one: what holds for one server holds over all of them."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON, both_engines
from tests.acceptance.test_program import serve
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.server import Running, children, program, server
from tests.harness.waiting import until

databases = both_engines

NUMBER = 3
LIMIT_SECONDS = 20.0


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, databases: dict[str, str]
) -> Iterator[Running]:
    """A server of several processes, with a tier that a test can use up."""
    folder = tmp_path_factory.mktemp("data")
    settings = folder / "settings.toml"
    settings.write_text(
        "[tiers.enterprise]\nminute = {calls = 100000, seconds = 60}\n"
        "[tiers.tiny]\nhour = {calls = 50, seconds = 3600}\n"
    )
    environ = {**ENVIRON, "XAIGH_SETTINGS": str(settings), "XAIGH_PROCESSES": str(NUMBER)}
    with server(folder, **environ, **databases) as started:
        yield started


@pytest.fixture(scope="module")
def access(running: Running) -> Access:
    """A key that may read and write jobs."""
    with closing(RestClient(running.rest)) as api:
        return grant_access(api, running.founder)


def sockets(process: int) -> int:
    """How many sockets a process holds."""
    held = 0
    for descriptor in os.listdir(f"/proc/{process}/fd"):
        with suppress(FileNotFoundError):  # closed in between
            held += os.readlink(f"/proc/{process}/fd/{descriptor}").startswith("socket:")
    return held


def gone(process: int) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_every_process_serves(running: Running):
    """Connections are dealt out: each process takes some of many."""
    serving = children(running.process.pid)
    assert len(serving) == NUMBER
    before = [sockets(each) for each in serving]
    host, port = running.rest.split(":")
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(socket.create_connection((host, int(port))))
        until(lambda: sum(map(sockets, serving)) >= sum(before) + 60, "60 connections are taken")
        taken = [sockets(each) - was for each, was in zip(serving, before, strict=True)]
    assert all(number > 0 for number in taken), taken


def test_a_revoked_key_is_served_by_none_of_them(running: Running):
    """The reply to the revocation is late enough: 40 calls on new connections, all refused."""
    api = RestClient(running.rest)
    access = grant_access(api, running.founder, companyName="Revoked Inc")
    for _ in range(20):
        assert _status(running, access.key) == 200, "every process knows the key by now"
    ok(api.call("RevokeKey", {"keyId": access.key_id, "reason": "leaked"}, key=running.founder))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _status(running, access.key), range(40)))
    api.close()
    assert set(found) == {401}


def test_a_limit_is_exact_over_all_of_them(running: Running):
    """50 calls an hour are 50, wherever they land; the next one is told when to come again."""
    api = RestClient(running.rest)
    access = grant_access(
        api, running.founder, approval_terms={"tier": "tiny"}, companyName="Tiny Inc"
    )
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _status(running, access.key), range(80)))
    api.close()
    assert (found.count(200), found.count(429)) == (50, 30)


def test_usage_and_metrics_are_of_all_of_them(running: Running):
    """Whoever is asked first has the others write down what they counted."""
    api = RestClient(running.rest)
    access = grant_access(api, running.founder, companyName="Counted Inc")
    mark = _calls(running)
    for _ in range(30):
        assert _status(running, access.key) == 200
    assert _calls(running) == mark + 30
    usage = ok(api.call("GetUsage", {}, key=access.key))
    api.close()
    assert [row["calls"] for row in usage["rows"] if "ListJobs" in row["method"]] == ["30"], usage


def test_a_retry_that_lands_elsewhere_posts_no_second_job(running: Running, access: Access):
    """Twenty at once with one idempotency key, over both transports: one job."""

    def post(number: int) -> str:
        made = RestClient(running.rest) if number % 2 else GrpcClient(running.grpc)
        with closing(made) as api:
            reply = api.call("PostJob", job_form(), key=access.key, idempotency_key="only-once")
            return str(ok(reply)["jobId"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(post, range(20)))) == 1


def test_a_process_that_is_killed_is_started_again(running: Running, access: Access):
    """The others go on meanwhile; the log says what happened."""
    serving = children(running.process.pid)
    os.kill(serving[0], signal.SIGKILL)
    until(
        lambda: (
            len(children(running.process.pid)) == NUMBER
            and serving[0] not in children(running.process.pid)
        ),
        "another is started",
    )
    log = running.data_dir / "server.log"
    until(
        lambda: "process 0 ended of signal 9; starting it again" in log.read_text(),
        "the log tells of it",
    )
    new = (set(children(running.process.pid)) - set(serving)).pop()
    until(lambda: _takes_connections(running, new), "the new one listens")
    for _ in range(20):
        assert _status(running, access.key) == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_end_of_the_supervisor_is_the_end_of_all(tmp_path: Path, number: signal.Signals):
    """Also where it can't tell them any more: nobody is left to serve an old version."""
    with server(tmp_path, **ENVIRON, XAIGH_PROCESSES="2") as started:
        serving = children(started.process.pid)
        assert len(serving) == 2
        started.process.send_signal(number)
        code = started.process.wait(timeout=LIMIT_SECONDS)
        assert code == (0 if number is not signal.SIGKILL else -9)
        until(lambda: all(map(gone, serving)), "nobody is left")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://{started.rest}/healthz", timeout=5)


@pytest.mark.parametrize("option", ["--rest", "--grpc"])
@pytest.mark.parametrize("processes", ["1", "2"])
def test_its_ports_are_nobody_else_s(running: Running, tmp_path: Path, option: str, processes: str):
    """A second server on one of them is one line and exit code 2, shared or not."""
    address = running.rest if option == "--rest" else running.grpc
    done = serve(tmp_path, option, address, "--processes", processes)
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("xaigh-server: ") and address in last
    assert "Traceback" not in done.stderr


def test_what_the_first_process_can_t_use_ends_the_server(tmp_path: Path):
    """One line of the process that found it, exit code 2, and nobody is started again and again."""
    done = serve(tmp_path, "--processes", "2", XAIGH_PEPPER="short")
    assert done.returncode == 2
    assert re.search(r"^xaigh-server: .*pepper", done.stderr, re.MULTILINE)
    assert "starting it again" not in done.stderr and "Traceback" not in done.stderr
    done = serve(tmp_path, "--processes", "-1")
    assert done.returncode == 2 and "processes" in done.stderr


def test_the_first_start_of_several_makes_one_founder(tmp_path: Path):
    """The schema and the founder are made once, and the credential works in every process."""
    with server(tmp_path, **ENVIRON, XAIGH_PROCESSES="2") as started:
        listed = program("operator", "list", "--data-dir", str(tmp_path))
        listed.check_returncode()
        assert listed.stdout.count("founder") == 3, "name, person and role of one operator"
        for _ in range(10):
            with closing(RestClient(started.rest)) as api:
                ok(api.call("ListAccessRequests", {}, key=started.founder))


def _status(running: Running, key: str) -> int:
    """The status of one call, on a connection of its own."""
    headers = {"authorization": f"Bearer {key}"}
    return httpx.get(f"http://{running.rest}/v1/jobs", headers=headers, timeout=20).status_code


def _calls(running: Running) -> int:
    """How many calls of ListJobs were answered, by the metrics."""
    text = httpx.get(f"http://{running.admin}/metrics", timeout=20).text
    found = re.search(
        r'^xaigh_calls_total\{code="ok",method="[^"]*ListJobs"[^}]*\} (.*)$', text, re.M
    )
    return int(float(found[1])) if found else 0


def _takes_connections(running: Running, process: int) -> bool:
    host, port = running.rest.split(":")
    try:
        before = sockets(process)
        with ExitStack() as stack:
            for _ in range(30):
                stack.enter_context(socket.create_connection((host, int(port))))
            deadline = time.monotonic() + 0.5
            while time.monotonic() < deadline:
                if sockets(process) > before + 2:
                    return True
    except OSError:
        return False
    return False
