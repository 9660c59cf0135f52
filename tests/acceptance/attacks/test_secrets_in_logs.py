"""No credential reaches a log, wherever a caller puts it and whoever would print it.

A valid key goes over gRPC beside metadata that isn't UTF-8, which gRPC itself would log, and over
REST and gRPC in every other place, in forms that no prefix tells. Then all of the server's output
is searched for what is secret of it, and every line of the log must be a JSON object.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import grant_access
from tests.harness.api_client import RestClient
from tests.harness.http2 import message, raw_client
from tests.harness.server import Running, server

GET_JOB = "/xaigh.jobs.v1.JobsService/GetJob"


class Output:
    """Everything that the server printed, and everything that it answered."""

    def __init__(self, key: str, log: str, stdout: str, replies: list[str]) -> None:
        self.key = key
        self.log = log
        self.stdout = stdout
        self.replies = replies


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Output]:
    folder = tmp_path_factory.mktemp("data")
    with server(folder, **ENVIRON, XAIGH_LOG_FORMAT="json") as running:
        api = RestClient(running.rest)
        key = grant_access(api, running.founder).key
        api.close()
        replies = [*over_grpc(running, key), *over_rest(running, key)]
        stdout = rest_of_stdout(running)
    yield Output(key, (folder / "server.log").read_text(), stdout, replies)


def rest_of_stdout(running: Running) -> str:
    """What was printed there since the server said where it listens."""
    assert running.process.stdout is not None
    descriptor = running.process.stdout.fileno()
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, 1 << 20).decode()
    except BlockingIOError:
        return ""


def forms(key: str) -> list[str]:
    """The key as people mangle it; what is secret of it is whole in each."""
    body = key[8:]
    return [key, f"prod_sk_{body}", f"TEST_SK_{body}", f"LIVE_PK_{body}", key + key, body + body]


def over_grpc(running: Running, key: str) -> Iterator[str]:
    bearer = (b"authorization", b"Bearer " + key.encode())
    with raw_client(running.grpc) as client:
        for form in (each.encode() for each in forms(key)):
            for path, metadata in (
                (GET_JOB, [bearer, (b"x-note", b"\xff\xfe" + form)]),
                (GET_JOB, [(b"authorization", b"Bearer " + form + b"\xff")]),
                (GET_JOB, [bearer, (b"user-agent", b"a\xc3(" + form)]),
                (GET_JOB, [bearer, (b"x-request-id", form)]),
                (GET_JOB, [bearer, (b"x-request-id", b"\x80" + form)]),
                (GET_JOB, [bearer, (form.lower() + b"x", b"\xff")]),
                (f"/xaigh.jobs.v1.JobsService/{form.decode()}", [bearer]),
                (f"/{form.decode()}/GetJob", [bearer]),
            ):
                stream = client.open(path, metadata)
                client.send(stream, message(b"\x0a" + bytes([len(form)]) + form), end=True)
                client.wait(stream)
                if metadata != [bearer]:
                    yield repr(stream.headers)
        stream = client.open(GET_JOB, [bearer])
        client.send(stream, message(b"\xff" + key.encode()), end=True)
        client.wait(stream)
        yield repr(stream.headers)


def over_rest(running: Running, key: str) -> Iterator[str]:
    bearer = {"authorization": f"Bearer {key}"}
    raw_bearer = (b"authorization", f"Bearer {key}".encode())
    encoded = "".join(f"%{byte:02X}" for byte in key.encode())
    with httpx.Client(base_url=f"http://{running.rest}/v1") as http:
        for form in [*forms(key), encoded, quote(encoded)]:
            plain = quote(form, safe="%")
            for reply in (
                http.get(f"/jobs/{plain}", headers=bearer),
                http.get(f"/jobs/{plain}:fly", headers=bearer),
                http.get(f"/{plain}/{plain}", headers=bearer),
                http.get(f"/jobs?{plain}=1", headers=bearer),
                http.get(f"/jobs?pageToken={plain}", headers=bearer),
                http.get("/jobs", headers={**bearer, "x-request-id": form[:128]}),
                http.get("/jobs", headers={**bearer, "cookie": f"k={form}"}),
                http.get("/jobs", headers=[raw_bearer, (b"x-n", b"\xff" + form.encode())]),
                http.get("/jobs", headers={"authorization": f"Bearer {form}x"}),
                http.post("/jobs/post", headers=bearer, json={form: 1}),
                http.post("/jobs/post", headers=bearer, json={"slots": form}),
                http.post("/jobs/post", headers=bearer, json={"startsAt": form}),
                http.post("/jobs/post", headers=bearer, content=form),
                http.post("/jobs/post", headers={**bearer, "idempotency-key": form + "\x7f"}),
            ):
                yield reply.text + str(reply.headers)


def test_no_secret_is_in_the_output(output: Output):
    """Neither the secret part nor any half of it, in plain or percent-encoded."""
    secret = output.key[18:50]
    for part in (secret, secret[:16], secret[16:], secret.lower()[:16], secret.upper()[:16]):
        for text in (part, "".join(f"%{byte:02X}" for byte in part.encode())):
            assert text not in output.log
            assert text not in output.stdout


def test_no_secret_comes_back(output: Output):
    """Not even to whoever sent it: replies end in other people's logs."""
    secret = output.key[18:50]
    assert len(output.replies) > 100
    assert [reply for reply in output.replies if secret in reply] == []


def test_lines_of_libraries_are_json_like_all_others(output: Output):
    """gRPC did complain, and its lines tell which of its functions did, and not about what."""
    lines = [line for line in output.log.splitlines() if not line.startswith("xaigh-server:")]
    told = [json.loads(line) for line in lines]
    grpc = [line for line in told if line.get("logger", "").startswith("grpc")]
    assert grpc
    assert {line["event"] for line in grpc} == {"library.log"}
    assert all(line["message"].startswith("Invalid encoding on <bytes of ") for line in grpc)
