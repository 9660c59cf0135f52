"""`xaigh ats pull` and `xaigh ats agent` against a real server and boards on this machine."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.acceptance.cli.program import PROGRAM, Cli
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.test_applications import form
from tests.harness.access import EMPLOYER, grant_access, ok
from tests.harness.api_client import GrpcClient
from tests.harness.job_boards import (
    API_KEY,
    Answer,
    JobBoards,
    as_json,
    ashby_job,
    greenhouse_job,
    icims_job,
    job_boards,
    lever_posting,
    workday_row,
)
from tests.harness.server import Running, operator, server
from tests.harness.waiting import until

SCOPES = ["jobs:read", "ats:read", "ats:sync", "applications:forward"]
MAKERS = {
    "greenhouse": greenhouse_job,
    "lever": lever_posting,
    "ashby": ashby_job,
    "workday": workday_row,
    "icims": icims_job,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client's side: its command line, and its board."""

    cli: Cli
    boards: JobBoards

    def pull(self, provider: str = "greenhouse", *more: str) -> Any:
        return self.cli.run("ats", "pull", *self.named(provider), *more)

    def named(self, provider: str) -> list[str]:
        board = "acme.wd5/External" if provider == "workday" else "acme"
        return ["--provider", provider, "--board", board, "--url", self.boards.url]

    def open_titles(self) -> set[str]:
        jobs = self.cli.json("jobs", "list", "--limit", "500")
        return {
            job["jobContent"]["title"]
            for job in jobs
            if job["publicationStatus"]["state"] == "OPEN"
        }


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with server(tmp_path_factory.mktemp("data"), **ENVIRON) as started:
        yield started


@pytest.fixture
def client(running: Running, tmp_path: Path) -> Iterator[Client]:
    """A client with an organization of its own and an empty board."""
    with closing(GrpcClient(running.grpc)) as api, job_boards() as boards:
        key = grant_access(api, running.founder, requestedScopes=SCOPES).key
        yield Client(cli=Cli(address=running.grpc, home=tmp_path, key=key), boards=boards)


def integrate(running: Running, client: Client, provider: str, **settings: Any) -> str:
    with closing(GrpcClient(running.grpc)) as api:
        wanted = {"provider": provider.upper(), "employerUserIds": [EMPLOYER], **settings}
        made = ok(api.call("CreateIntegration", {"integration": wanted}, key=client.cli.key))
    return str(made["integrationId"])


@pytest.mark.parametrize("provider", sorted(MAKERS))
def test_a_board_is_pulled_whole_and_what_is_gone_closes(
    running: Running, client: Client, provider: str
) -> None:
    """One run each time; the second one closes exactly the role that left the board."""
    integrate(running, client, provider)
    client.boards.jobs = [MAKERS[provider](number) for number in range(1, 26)]
    first = client.pull(provider)
    assert (first.code, "Read 25 roles" in first.out, "25 created" in first.out) == (0, True, True)
    del client.boards.jobs[6]
    second = client.pull(provider)
    assert second.code == 0, second.err
    assert "Closed 1 role that" in second.out
    assert client.open_titles() == {f"Picker {n}" for n in range(1, 26) if n != 7}


def html(_: str, __: str, ___: Answer) -> Answer:
    return 200, "text/html", b"<html>We are down for maintenance.</html>"


def moved(_: str, __: str, ___: Answer) -> Answer:
    return 301, "text/html", b""


def partial(_: str, __: str, right: Answer) -> Answer:
    return as_json({"jobs": [greenhouse_job(1)], "meta": {"total": 25}})


@pytest.mark.parametrize("misbehave", [html, moved, partial])
def test_a_board_that_is_not_whole_closes_nothing(
    running: Running, client: Client, misbehave: Any
) -> None:
    """No run begins, and the exit code tells a script."""
    integrate(running, client, "greenhouse")
    client.boards.jobs = [greenhouse_job(number) for number in range(1, 26)]
    assert client.pull().code == 0
    client.boards.misbehave = misbehave
    done = client.pull()
    assert (done.code, done.out) == (12, "")
    assert "Nothing was sent, so nothing closes." in done.err
    assert len(client.open_titles()) == 25
    runs = client.cli.json("ats", "runs")
    assert len(runs) == 1


def test_a_board_that_lost_most_of_its_roles_waits_for_a_person(
    running: Running, client: Client
) -> None:
    """It was read whole, so the run completes; the guard holds the close, by its exact count."""
    integrate(running, client, "greenhouse")
    client.boards.jobs = [greenhouse_job(number) for number in range(1, 41)]
    assert client.pull().code == 0
    del client.boards.jobs[5:]
    done = client.pull()
    assert done.code == 11
    assert "confirm-close" in done.err and "--count 35" in done.err
    assert len(client.open_titles()) == 40


def test_a_dry_run_sends_nothing(running: Running, client: Client) -> None:
    integrate(running, client, "greenhouse")
    client.boards.jobs = [greenhouse_job(1)]
    done = client.pull("greenhouse", "--dry-run")
    assert (done.code, "meta.total is 1" in done.out) == (0, True)
    assert client.cli.json("ats", "runs") == []


def test_bad_arguments_are_told(running: Running, client: Client) -> None:
    """An unknown provider, no integration, no board, a credential that is missing."""
    assert "greenhouse" in client.cli.run("ats", "pull", "-p", "taleo", "--board", "acme").err
    assert "integrations create" in client.pull().err
    integrate(running, client, "greenhouse")
    assert "--board" in client.cli.run("ats", "pull", "-p", "greenhouse", "--board", " ").err
    agent = client.cli.run("ats", "agent", *client.named("greenhouse"), "--forward")
    assert (agent.code, "XAIGH_ATS_KEY" in agent.err) == (2, True)


def test_the_agent_pulls_again_and_ends_at_a_signal(running: Running, client: Client) -> None:
    """A bad board in between ends that pull alone."""
    integrate(running, client, "greenhouse")
    client.boards.jobs = [greenhouse_job(1)]
    with agent(client, "--every", "1s") as process:
        until(lambda: client.open_titles() == {"Picker 1"}, "the first pull is in")
        client.boards.misbehave = html
        asked = len(client.boards.asked)
        until(lambda: len(client.boards.asked) > asked, "a pull met the page of maintenance")
        client.boards.jobs.append(greenhouse_job(2))
        client.boards.misbehave = None
        until(lambda: client.open_titles() == {"Picker 1", "Picker 2"}, "a later pull is in")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_the_agent_puts_applications_into_greenhouse(
    running: Running, client: Client, tmp_path: Path
) -> None:
    """With the client's key, which never reaches the server; each application once."""
    integrate(
        running, client, "greenhouse", board="acme", applyMode="APPLICATION_FORWARD",
        forwardTarget="agent",
    )  # fmt: skip
    client.boards.jobs = [greenhouse_job(7)]
    assert client.pull().code == 0
    (job,) = client.cli.json("jobs", "list")
    service = operator(running.data_dir, f"workers-{uuid4().hex[:6]}", "service", **running.environ)
    with closing(GrpcClient(running.grpc)) as api:

        def submit() -> str:
            reply = api.call(
                "SubmitApplication", form(job["jobId"]), key=service, idempotency_key=uuid4().hex
            )
            return str(ok(reply)["applicationId"])

        def state(application_id: str) -> str:
            named = {"applicationId": application_id}
            return str(ok(api.call("GetApplication", named, key=client.cli.key))["state"])

        with agent(client, "--every", "1h", "--forward") as process:
            first = submit()
            until(lambda: state(first) == "FORWARDED", "the first is forwarded")
            client.boards.misbehave = lambda method, _, right: None if method == "POST" else right
            second = submit()
            until(lambda: state(second) == "UNCERTAIN", "nobody can tell of the second")
            client.boards.misbehave = None
            third = submit()
            until(lambda: state(third) == "FORWARDED", "the third is forwarded")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
    assert len(client.boards.submitted) == 3
    said = (tmp_path / "agent.log").read_text()
    assert first in said
    for each in ("Grace", "grace.hm@example.org", API_KEY):
        assert each not in said
    log = (running.data_dir / "server.log").read_bytes()
    assert API_KEY.encode() not in log


@contextmanager
def agent(client: Client, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running agent, with Greenhouse's key; what it prints goes to a file."""
    arguments = [PROGRAM, "ats", "agent", *client.named("greenhouse"), *options]
    with (client.cli.home / "agent.log").open("w") as log:
        process = subprocess.Popen(
            arguments, stdout=log, stderr=log, env=client.cli.environ(XAIGH_ATS_KEY=API_KEY)
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(timeout=20)
