"""The server program as a person meets it: its commands, its exit codes, its end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import GrpcClient, RestClient
from tests.harness.certificates import issued_by_ca, self_signed
from tests.harness.server import FREE, Running, operator, program, server


def serve(data_dir: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A `serve` that is meant to fail."""
    free = ("--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
    return program("serve", "--data-dir", str(data_dir), *free, *arguments, **environ)


@pytest.mark.parametrize("option", ["--rest", "--grpc"])
def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path, option: str):
    """Nobody who starts a second server sees a traceback, or half of the first one's calls."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(tmp_path, option, f"127.0.0.1:{port}")
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("xaigh-server: ") and str(port) in last
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("XAIGH_REST_ADDRESS", "nowhere", "rest_address"),
        ("XAIGH_DEFAULT_TIER", "gold", "default_tier"),
        ("XAIGH_MAX_BODY_BYTES", "many", "max_body_bytes"),
        ("XAIGH_TRUSTED_PROXIES", "10.0.0.0/99", "trusted_proxies"),
        ("XAIGH_LOG_FORMAT", "yaml", "log_format"),
        ("XAIGH_CHANGE_DAYS", "-1", "change_days"),
        ("XAIGH_CONTROL_URL", "postgresql://x/y", "sandbox_url"),
        ("XAIGH_SETTINGS", "/nowhere.toml", "XAIGH_SETTINGS"),
    ],
)
def test_a_bad_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str, said: str):
    """The line says which setting it is; the exit code is 2."""
    done = program("migrate", "--data-dir", str(tmp_path), **{name: value})
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path: Path):
    """A folder that can't be written is named; nothing is shown of our code."""
    file = tmp_path / "file"
    file.write_text("")
    done = serve(file)
    assert done.returncode == 2
    assert "data_dir" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_member_of_the_settings_file_is_named(tmp_path: Path):
    """A misspelt setting never goes unnoticed."""
    file = tmp_path / "settings.toml"
    file.write_text("rest_adress = '127.0.0.1:1'\n")
    done = program("migrate", "--data-dir", str(tmp_path / "data"), XAIGH_SETTINGS=str(file))
    assert done.returncode == 2 and "rest_adress" in done.stderr


def test_the_first_start_shows_one_credential_and_the_second_none(tmp_path: Path):
    """The founder's credential is printed once, by the first start alone."""
    with server(tmp_path) as first:
        assert first.founder.startswith("xop_")
    with server(tmp_path) as again:
        assert again.founder == ""
        api = RestClient(again.rest)
        assert api.call("ListAccessRequests", {}, key=first.founder).code == "ok"
        api.close()


def test_the_first_credential_goes_to_a_new_file_or_a_terminal_alone(tmp_path: Path):
    """Standard output of a service is a log. A file is made, never written over."""
    free = ("--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(tmp_path / "data"))
    command = [sys.executable, "-m", "xaigh_server", "serve", *free]

    def started(out: int, *flags: str) -> str:
        """What the server says until it listens."""
        with subprocess.Popen(
            [*command, *flags], stdout=out, stderr=subprocess.PIPE, text=True
        ) as done:
            assert done.stderr is not None
            first = done.stderr.readline()
            done.terminate()
            return first + done.stderr.read()

    said = started(subprocess.PIPE)
    assert "there is no operator yet: xaigh-server operator add" in said and "xop_" not in said
    there = tmp_path / "there"
    there.write_text("mine")
    assert "founder_file" in started(subprocess.PIPE, "--founder-file", str(there))
    assert there.read_text() == "mine"
    file = tmp_path / "founder"
    assert str(file) in started(subprocess.PIPE, "--founder-file", str(file))
    assert file.read_text().startswith("xop_") and file.stat().st_mode & 0o777 == 0o600


def test_the_first_credential_is_shown_on_a_terminal(tmp_path: Path):
    """Where a person started the server."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "xaigh_server", "serve", "--rest", "127.0.0.1:0"]
    command += ["--grpc", "127.0.0.1:0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL) as done:
        os.close(theirs)
        said = b""
        while b"gRPC" not in said:
            said += os.read(ours, 4096)
        done.terminate()
    os.close(ours)
    assert re.search(rb"xop_[0-9A-Za-z]{48}", said)


def test_operators_are_added_listed_rotated_and_revoked_from_the_shell(running: Running):
    """A rotated credential and a revoked operator are refused by the server that is running."""
    folder = ("--data-dir", str(running.data_dir))
    api = RestClient(running.rest)
    first = operator(running.data_dir, "night-shift", "api_ops", **running.environ)
    ok(api.call("ListKeys", {}, key=first))
    rotated = program("operator", "rotate", "night-shift", *folder)
    second = rotated.stdout.split()[-1]
    assert api.call("ListKeys", {}, key=first).code == "unauthenticated"
    ok(api.call("ListKeys", {}, key=second))
    listed = program("operator", "list", *folder)
    assert "night-shift" in listed.stdout and second not in listed.stdout
    assert program("operator", "revoke", "night-shift", *folder).returncode == 0
    assert api.call("ListKeys", {}, key=second).body["reason"] == "OPERATOR_REVOKED"
    taken = program("operator", "add", "night-shift", "--role", "auditor", *folder)
    assert taken.returncode == 2 and "night-shift" in taken.stderr
    api.close()


def test_health_readiness_and_metrics_are_served(running: Running):
    """The pages for load balancers and for Prometheus, and gRPC's own health service."""
    with httpx.Client(base_url=f"http://{running.rest}") as http:
        assert http.get("/healthz").json() == {"status": "SERVING"}
        assert http.get("/readyz").json() == {"status": "SERVING", "lacking": []}
        http.get("/v1/jobs")
        assert http.get("/metrics").status_code == 404, "it tells callers nothing"
    with httpx.Client(base_url=f"http://{running.admin}") as http:
        assert 'xaigh_calls_total{code="unauthenticated"' in http.get("/metrics").text
        assert http.get("/readyz").json() == {"status": "SERVING", "lacking": []}
        assert http.get("/v1/jobs").status_code == 404
    for address in (running.grpc, running.admin_grpc):
        with grpc.insecure_channel(address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            request = health_pb2.HealthCheckRequest(service="xaigh.jobs.v1.JobsService")
            assert stub.Check(request, timeout=5).status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_is_for_the_people_who_run_the_server(running: Running, tmp_path: Path):
    """A grpcurl-like client finds its way at the admin address, and elsewhere if one says so."""
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

    def services(address: str) -> list[str]:
        with grpc.insecure_channel(address) as channel:
            stub = reflection_pb2_grpc.ServerReflectionStub(channel)
            asked = reflection_pb2.ServerReflectionRequest(list_services="")
            reply = next(iter(stub.ServerReflectionInfo(iter([asked]), timeout=5)))
            return [each.name for each in reply.list_services_response.service]

    assert "xaigh.jobs.v1.JobsService" in services(running.admin_grpc)
    with pytest.raises(grpc.RpcError) as refused:
        services(running.grpc)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    off = {"XAIGH_ADMIN_ADDRESS": "", "XAIGH_ADMIN_GRPC_ADDRESS": ""}
    with server(tmp_path, XAIGH_REFLECTION="true", **off) as open_to_all:
        assert "xaigh.jobs.v1.JobsService" in services(open_to_all.grpc)
        assert not open_to_all.admin and not open_to_all.admin_grpc


def test_sigterm_lets_running_calls_finish_and_takes_no_new_ones(data_dir: Path):
    """What had begun is answered; the process ends with 0 well within its limit."""
    with server(data_dir, **ENVIRON) as running:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder)
        results: list[Any] = []

        def write(number: int) -> None:
            own = RestClient(running.rest)
            try:
                results.append(
                    own.call("PostJob", job_form(), key=access.key, idempotency_key=f"k{number}")
                )
            except httpx.TransportError as error:
                results.append(error)
            own.close()

        threads = [threading.Thread(target=write, args=(number,)) for number in range(30)]
        for thread in threads:
            thread.start()
        running.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(timeout=20)
        assert running.process.wait(timeout=20) == 0
        api.close()
    done = [each.body["jobId"] for each in results if getattr(each, "code", "") == "ok"]
    with server(data_dir, **ENVIRON) as again:
        api = RestClient(again.rest)
        listed = ok(api.call("ListJobs", {"pageSize": 200}, key=access.key)).get("jobs", [])
        assert set(done) <= {job["jobId"] for job in listed}
        api.close()


@contextmanager
def tls_server(folder: Path) -> Iterator[TlsServer]:
    """A server with a certificate on both ports that wants one of gRPC's clients."""
    ca, cert, key = issued_by_ca(folder)
    command = ["serve", "--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]
    command += ["--tls-cert", str(cert), "--tls-key", str(key), "--client-ca", str(ca)]
    log = folder / "server.log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "xaigh_server", *command, "--data-dir", str(folder / "data")],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**FREE, **os.environ},
        )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        rest = next(line for line in lines if line.startswith("REST")).split("https://")[1].strip()
        address = next(line for line in lines if line.startswith("gRPC")).split()[1]
        yield TlsServer(rest=rest, grpc=address, ca=ca, certificate=cert, key=key, log=log)
    finally:
        process.terminate()
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsServer:
    """Addresses of a server, its authority, a certificate of its with the key, and its log."""

    rest: str
    grpc: str
    ca: Path
    certificate: Path
    key: Path
    log: Path

    def check(self, **credentials: bytes) -> Any:
        """What its health service says to a client with these credentials."""
        made = grpc.ssl_channel_credentials(self.ca.read_bytes(), **credentials)
        with grpc.secure_channel(self.grpc, made) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            return stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status

    def check_as_known(self) -> Any:
        """The same with a certificate of the authority."""
        certificate = self.certificate.read_bytes()
        return self.check(private_key=self.key.read_bytes(), certificate_chain=certificate)


def test_tls_on_both_ports_and_client_certificates_on_grpc(tmp_path: Path):
    """With a certificate both ports speak TLS; with a client CA gRPC wants a client's, too."""
    with tls_server(tmp_path) as started:
        trusting = ssl.create_default_context(cafile=str(started.ca))
        page = f"https://{started.rest}/healthz"
        assert httpx.get(page, verify=trusting).status_code == 200
        with pytest.raises(grpc.RpcError):
            started.check()
        assert started.check_as_known() == health_pb2.HealthCheckResponse.SERVING


def test_failed_handshakes_write_nothing_but_log_lines(tmp_path: Path):
    """gRPC's core writes past Python; what anybody can provoke must not fill or break the log."""
    with tls_server(tmp_path) as started:
        stranger = self_signed("stranger.example")
        for credentials in (
            {},
            {"private_key": stranger.key, "certificate_chain": stranger.pem},
        ):
            with pytest.raises(grpc.RpcError):
                started.check(**credentials)
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        for said in (b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n", hello, b""):
            for address in (started.grpc, started.rest):
                host, port = address.rsplit(":", 1)
                with socket.create_connection((host, int(port)), timeout=20) as connection:
                    connection.sendall(said)
        assert started.check_as_known() == health_pb2.HealthCheckResponse.SERVING
    lines = started.log.read_text().splitlines()
    lines = [line for line in lines if not line.startswith("xaigh-server:")]
    assert [line for line in lines if not line.startswith("{")] == []


def test_logs_are_one_json_object_a_call_without_secrets(data_dir: Path):
    """Request id, method, key id, organization, environment, code and duration; never a key."""
    with server(data_dir, **ENVIRON) as running:
        api = RestClient(running.rest)
        access = grant_access(api, running.founder)
        headers = {"authorization": f"Bearer {access.key}", "x-request-id": "mine-1"}
        reply = httpx.get(f"http://{running.rest}/v1/jobs", headers=headers)
        api.close()
    text = (data_dir / "server.log").read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    line = next(each for each in lines if each.get("client_request_id") == "mine-1")
    assert line["request_id"] == reply.headers["x-request-id"]
    assert line["method"] == "xaigh.jobs.v1.JobsService.ListJobs"
    assert (line["key_id"], line["environment"], line["code"]) == (access.key_id, "sandbox", "ok")
    assert line["organization_id"] == access.organization_id and line["ms"] > 0
    assert access.key not in text and running.founder not in text
    assert access.status_token not in text


def test_migrate_tells_what_it_did_and_does_it_once(tmp_path: Path):
    """The first run makes the three databases, the second has nothing to do."""
    first = program("migrate", "--data-dir", str(tmp_path))
    assert first.returncode == 0
    assert [line.split(":")[0] for line in first.stdout.splitlines()] == [
        "control",
        "sandbox",
        "production",
    ]
    assert "empty ->" in first.stdout
    assert "nothing to do" in program("migrate", "--data-dir", str(tmp_path)).stdout


def test_grpc_refuses_an_unknown_method_with_a_rich_error(running: Running):
    """A method that doesn't exist is answered in the same shape as any other error."""
    with grpc.insecure_channel(running.grpc) as channel:
        call = channel.unary_unary("/xaigh.jobs.v1.JobsService/Nothing", bytes, bytes)
        with pytest.raises(grpc.RpcError) as refused:
            call(b"", timeout=5)
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
        trailing: Any = refused.value.trailing_metadata()
        assert "grpc-status-details-bin" in dict(trailing)


def test_the_address_that_is_announced_answers_within_the_start_up_limit(tmp_path: Path):
    """What is announced is served at once: no waiting, no trying again."""
    with server(tmp_path) as running:
        began = time.monotonic()
        assert httpx.get(f"http://{running.rest}/readyz").status_code == 200
        assert time.monotonic() - began < 5
        api = GrpcClient(running.grpc)
        assert api.call("ListKeys", {}).code == "unauthenticated"
        api.close()
