"""Background tasks have one leader over servers and their processes; another one takes over."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.fleet.conftest import fleet_databases
from tests.harness.server import Running, children, new_secrets, server
from tests.harness.waiting import until

_LEADER = re.compile(r'^xaigh_leader\{task="(\w+)"\} (\S+)$', re.MULTILINE)


def led(running: Running) -> dict[str, float]:
    """How many processes of a server lead each task."""
    text = httpx.get(f"http://{running.admin}/metrics", timeout=20).text
    return {task: float(count) for task, count in _LEADER.findall(text)}


def leads_all(running: Running) -> bool:
    """Whether a server leads every task."""
    return set(led(running).values()) == {1.0}


@pytest.fixture
def servers(postgres_server: str, tmp_path: Path) -> Iterator[tuple[Running, Running]]:
    """Two servers, of which the first started earlier."""
    with ExitStack() as stack:
        environ = {
            **ENVIRON,
            **stack.enter_context(fleet_databases(postgres_server, tmp_path)),
            **new_secrets(),
        }
        folders = [tmp_path / str(n) for n in range(2)]
        for each in folders:
            each.mkdir()
        first, second = (stack.enter_context(server(each, **environ)) for each in folders)
        yield first, second


def test_a_second_server_takes_over_from_one_that_was_killed(servers: tuple[Running, Running]):
    """Until then it leads nothing."""
    first, second = servers
    assert leads_all(first)
    assert set(led(second).values()) == {0.0}
    first.process.kill()
    until(lambda: leads_all(second), "the second server leads every task")


def test_a_server_that_stops_hands_over(servers: tuple[Running, Running]):
    """At once, without waiting for the leases to run out."""
    first, second = servers
    first.process.send_signal(signal.SIGTERM)
    first.process.wait(timeout=30)
    until(lambda: leads_all(second), "the second server leads every task")


def test_of_several_processes_one_leads(tmp_path: Path):
    """On SQLite, too; when it is killed, one of the others does."""
    with server(tmp_path, **ENVIRON, XAIGH_PROCESSES="2") as running:
        assert leads_all(running)
        leader = children(running.process.pid)[0]
        os.kill(leader, signal.SIGKILL)
        until(lambda: leads_all(running), "a process leads every task")
