"""A real Envoy in front of real servers, on the configuration that the server's command prints."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import envoy
from tests.harness.processes import end
from tests.harness.server import Running, program

BINARY = str(Path(envoy.__file__).parent / "_bin" / "envoy")
START_SECONDS = 30.0


def configure(
    folder: Path, servers: Sequence[Running], *, listen: str, options: Sequence[str] = ()
) -> Path:
    """Writes what `xaigh-server envoy-config` says. Returns the path."""
    replicas = [
        part for each in servers for part in ("--replica", each.rest, "--grpc-replica", each.grpc)
    ]
    printed = run("envoy-config", "--listen", listen, *replicas, *options)
    path = folder / "envoy.json"
    path.write_text(printed)
    return path


def run(*arguments: str) -> str:
    """What a command of the server prints."""
    done = program(*arguments)
    done.check_returncode()
    return done.stdout


@contextmanager
def fronted(
    folder: Path, servers: Sequence[Running], *, options: Sequence[str] = ()
) -> Iterator[str]:
    """Runs Envoy before the servers; gives where it listens, and stops it at the end."""
    port = _free_port()
    path = configure(folder, servers, listen=f"127.0.0.1:{port}", options=options)
    with _running(folder, path, port) as address:
        yield address


@contextmanager
def gated(
    folder: Path, shipped: Path, *, service: str, gateway: str, credential: str
) -> Iterator[str]:
    """Runs Envoy on a shipped configuration, with other ports; gives where it listens."""
    port = _free_port()
    text = shipped.read_text()
    for shown, meant in (("10000", port), ("8000", service), ("9090", gateway)):
        before = f"port_value: {shown}}}"
        assert text.count(before) == 1
        text = text.replace(before, f"port_value: {str(meant).rpartition(':')[2]}}}")
    path = folder / "envoy.yaml"
    path.write_text(text)
    with _running(folder, path, port, XAIGH_API_KEY=credential) as address:
        yield address


@contextmanager
def _running(folder: Path, path: Path, port: int, **environ: str) -> Iterator[str]:
    with (folder / "envoy.log").open("w") as log:
        process = subprocess.Popen(
            [BINARY, "-c", str(path), "--concurrency", "1", "-l", "warn",
             "--use-dynamic-base-id", "--drain-time-s", "1"],
            stdout=log,
            stderr=log,
            env={**os.environ, **environ},
        )  # fmt: skip
    try:
        _wait(port, process, folder / "envoy.log")
        yield f"127.0.0.1:{port}"
    finally:
        end(process)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("Envoy didn't start: " + log.read_text())
