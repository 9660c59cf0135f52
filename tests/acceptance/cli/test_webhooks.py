"""`xaigh webhooks` against a real server that delivers to a listener on the same machine."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.cli.program import PROGRAM, Cli
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import EMPLOYER, grant_access
from tests.harness.api_client import GrpcClient
from tests.harness.server import server
from tests.harness.threaded_receiver import ThreadedReceiver, receiving, verified_by_javascript
from tests.harness.waiting import until

from xaigh_client import callback_secret
from xaigh_client.webhooks import verify_webhook

LOOPBACK = {**ENVIRON, "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "1"}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """An integrator of a server that may call this very machine."""
    with server(tmp_path_factory.mktemp("data"), **LOOPBACK) as running:
        api = GrpcClient(running.grpc)
        scopes = ["jobs:read", "jobs:write", "webhooks:read", "webhooks:write"]
        key = grant_access(api, running.founder, requestedScopes=scopes).key
        api.close()
        yield Cli(address=running.grpc, home=tmp_path_factory.mktemp("home"), key=key)


def test_events_are_heard_verified_and_told(receiver: Cli, tmp_path: Path) -> None:
    """An endpoint is made, its secret goes to the listener, and a job's event arrives there."""
    with httpx.Client(timeout=5) as http, _Listening(receiver, tmp_path) as listening:
        made = receiver.json("webhooks", "create", listening.url, "--event", "job.created")
        listening.restart(made["secret"])
        sent = receiver.json("webhooks", "test", made["endpointId"])
        assert listening.line()["type"] == "webhook.test"
        posted = receiver.json(
            "jobs", "post", "--employer", EMPLOYER, "--title", "Crew", "--slots", "1",
            "--starts", "2027-06-18T08:00:00Z",
        )  # fmt: skip
        event = listening.line()
        assert (event["type"], event["data"]["jobId"]) == ("job.created", posted["jobId"])
        forged = http.post(listening.url, content=json.dumps(event))
        assert forged.status_code == 400
        receiver.ok("webhooks", "redeliver", sent["deliveryId"])
        assert listening.line()["type"] == "webhook.test"
    assert made["endpointId"] in receiver.ok("webhooks", "list").out
    assert "webhook.test" in receiver.ok("webhooks", "deliveries", "--since", "1h").out
    again = receiver.ok("webhooks", "rotate-secret", made["endpointId"], "--overlap", "1h")
    assert again.out.startswith("whsec_")
    assert again.out.strip() != made["secret"]
    assert receiver.run("webhooks", "redeliver").code == 2
    assert receiver.run("webhooks", "delete", made["endpointId"]).code == 2
    receiver.ok("webhooks", "delete", made["endpointId"], "--yes")


def test_events_are_relayed_without_an_address(receiver: Cli, tmp_path: Path) -> None:
    """Signed so that the local verifier takes them; Ctrl-C ends it, and its cursor goes on."""
    said = tmp_path / "said"
    with receiving() as hooks:
        url = hooks.url("/relay")
        with _relaying(receiver, url, said) as process:
            until(lambda: "whsec_" in said.read_text(), "it shows its secret")
            secret = said.read_text().split()[-1]
            until(lambda: bool(_post(receiver) and hooks.posts), "an event came")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
        post = hooks.posts[0]
        event = verify_webhook(post.body, post.headers, secret)
        assert event.type == "job.created" and event.environment == "sandbox"
        assert verified_by_javascript([post], secret) == ["ok"]
        cursor = said.read_text().split("--cursor ")[1].strip()
        posted = _post(receiver)
        with _relaying(receiver, url, said, "--cursor", cursor) as process:
            until(lambda: posted in _job_ids(hooks), "what came meanwhile is relayed")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
    assert "job.created" in receiver.ok("webhooks", "events", "--event", "job.created").out
    refused = receiver.run("webhooks", "events", "--event", "job.eaten")
    assert refused.code != 0 and "job.created" in refused.err


def _job_ids(hooks: ThreadedReceiver) -> list[str]:
    return [each.event["data"]["jobId"] for each in hooks.posts]


def _post(receiver: Cli) -> str:
    posted = receiver.json(
        "jobs", "post", "--employer", EMPLOYER, "--title", "Crew", "--slots", "1",
        "--starts", "2027-06-18T08:00:00Z",
    )  # fmt: skip
    return str(posted["jobId"])


@contextmanager
def _relaying(
    receiver: Cli, url: str, said: Path, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`xaigh webhooks listen --forward`; its stderr goes to a file."""
    command = [PROGRAM, "webhooks", "listen", "--forward", url, "--event", "job.created", *options]
    with said.open("w") as err:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=err, env=receiver.environ()
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_callbacks_secret_is_derived_offline(receiver: Cli) -> None:
    """From the status token of the environment, for each of three purposes."""
    token = {"XAIGH_STATUS_TOKEN": "xst_t"}
    said = receiver.run("webhooks", "callback-secret", "sandbox", environ=token)
    assert said.out.strip() == callback_secret("xst_t", "sandbox")
    assert receiver.run("webhooks", "callback-secret", "SANDBOX").code == 2


class _Listening:
    """`xaigh webhooks listen` on a port of its own, begun anew with another secret."""

    def __init__(self, receiver: Cli, folder: Path) -> None:
        self._receiver = receiver
        self._said = folder / "said"
        self._start("whsec_AAAA", 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hooks"

    def restart(self, secret: str) -> None:
        self._stop()
        self._start(secret, self._port)

    def line(self) -> Any:
        assert self._process.stdout is not None
        event: dict[str, Any] = json.loads(self._process.stdout.readline())
        return event

    def __enter__(self) -> _Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self, secret: str, port: int) -> None:
        self._process = subprocess.Popen(
            [PROGRAM, "webhooks", "listen", "--port", str(port), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._receiver.environ(XAIGH_WEBHOOK_SECRET=secret),
        )
        assert self._process.stderr is not None
        self._port = int(self._process.stderr.readline().rsplit(":", 1)[1])

    def _stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)
