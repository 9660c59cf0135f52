"""A real server: a process of its own on a temporary folder and free ports."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from tests.harness.processes import end

START_SECONDS = 30.0

FREE = {
    "XAIGH_ADMIN_ADDRESS": "127.0.0.1:0",
    "XAIGH_ADMIN_GRPC_ADDRESS": "127.0.0.1:0",
    # No load balancer has to notice the end of a server.
    "XAIGH_DRAIN_DELAY_SECONDS": "0",
}
"""Settings of servers of which many run at a time on this machine, and end often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server: where it listens, its folder, and its first operator's credential."""

    rest: str
    grpc: str
    data_dir: Path
    founder: str
    process: subprocess.Popen[str]
    admin: str = ""
    admin_grpc: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The settings that it was started with, beside its folder."""


def new_secrets() -> dict[str, str]:
    """Fresh secrets, as settings: servers on PostgreSQL make none by themselves."""
    names = ("XAIGH_PEPPER", "XAIGH_WEBHOOK_KEY", "XAIGH_APPLICATION_KEY", "XAIGH_AUDIT_KEY")
    return {name: os.urandom(32).hex() for name in names}


@contextmanager
def server(
    data_dir: Path, *, rest: str = "127.0.0.1:0", grpc: str = "127.0.0.1:0", **environ: str
) -> Iterator[Running]:
    """Starts one, waits until it listens, and stops it at the end."""
    command = ["serve", "--rest", rest, "--grpc", grpc]
    made = Path(mkdtemp(prefix="xaigh-founder-")) / "credential"
    command += ["--founder-file", str(made)]
    with (data_dir / "server.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "xaigh_server", *command, "--data-dir", str(data_dir)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**FREE, **os.environ, **environ},
        )
    assert process.stdout is not None
    with process.stdout:
        try:
            said = _until(process, "gRPC  ")
            yield Running(
                rest=_after(said, "REST  http://"),
                grpc=_after(said, "gRPC  "),
                admin=_after(said, "Admin http://"),
                admin_grpc=_after(said, "Admin gRPC "),
                data_dir=data_dir,
                founder=made.read_text().strip() if made.exists() else "",
                process=process,
                environ=environ,
            )
        finally:
            end(process)
            rmtree(made.parent)


def children(process: int) -> list[int]:
    """The processes that a process has started, in any thread, by the kernel's word.

    Left out: the one that multiprocessing starts beside a pool, to clean up after its process.
    """
    found = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    pids = " ".join(found).split()
    tracker = b"multiprocessing.resource_tracker"
    return [int(pid) for pid in pids if tracker not in Path(f"/proc/{pid}/cmdline").read_bytes()]


def program(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs `xaigh-server` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "xaigh_server", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environ},
    )


def migrate(data_dir: Path, **environ: str) -> None:
    """Brings the databases up to date with the server's own command."""
    program("migrate", "--data-dir", str(data_dir), **environ).check_returncode()


def operator(data_dir: Path, name: str, role: str, *, person: str = "", **environ: str) -> str:
    """Adds an operator with the server's own command. Returns the credential."""
    who = ("operator", "add", name, "--role", role, "--person", person)
    step = (*who, "--data-dir", str(data_dir))
    done = program(*step, **environ)
    done.check_returncode()
    return done.stdout.split()[-1]


def verify_audit(data_dir: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs `xaigh-server audit verify`."""
    return program("audit", "verify", *options, "--data-dir", str(data_dir), **environ)


def _until(process: subprocess.Popen[str], text: str) -> str:
    """What the process said up to a line that begins with `text`."""
    assert process.stdout is not None
    said = ""
    deadline = time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline and process.poll() is None:
            if selector.select(timeout=0.2):
                said += os.read(process.stdout.fileno(), 65536).decode()
            if re.search(rf"^{re.escape(text)}.*\n", said, re.MULTILINE):
                return said
    raise RuntimeError("the server didn't start: " + said)


def _after(said: str, mark: str) -> str:
    """What follows a mark in its line, empty without it."""
    return said.partition(mark)[2].split("\n", 1)[0].strip()
