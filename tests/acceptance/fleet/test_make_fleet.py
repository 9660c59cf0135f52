"""`make fleet`: the story through Envoy, and nothing that is left of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[3]
LIMIT_SECONDS = 240
WHEEL_LOCK = ".lockfile"  # empty; the wheel of PostgreSQL leaves it in each temporary folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the fleet keeps everything; short, as sockets of PostgreSQL want it."""
    with TemporaryDirectory(prefix="xf") as made:
        yield Path(made)


def started(folder: Path) -> subprocess.Popen[str]:
    """The play, in a process group of its own, as a terminal has it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XAIGH_")}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "tests.demo.fleet"],
        cwd=ROOT,
        env={**environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def left_of(folder: Path) -> list[str]:
    """Files in the folder, and commands of processes that name it."""
    found = [str(each) for each in folder.iterdir() if each.name != WHEEL_LOCK]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        if str(folder) in command:
            found.append(command)
    return found


def test_the_story_holds_through_envoy(folder: Path):
    """Both servers answer calls by both transports, all is well, and everything ends."""
    process = started(folder)
    try:
        said, _ = process.communicate(timeout=LIMIT_SECONDS)
    finally:
        process.terminate()
    assert process.returncode == 0, said[-3000:]
    assert "The whole story held, by REST and by gRPC" in said
    spread = re.findall(r"^ +app-[12] +(\d+) +(\d+) +(\d+) background tasks$", said, re.MULTILINE)
    assert len(spread) == 2
    for rest, grpc, _ in spread:
        assert int(rest) > 10
        assert int(grpc) > 10
    assert "✗" not in said
    assert left_of(folder) == []


def test_ctrl_c_ends_everything(folder: Path):
    """Every program hears it, in the middle of the story, as in a terminal."""
    process = started(folder)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "REST · 2." in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        said = process.stdout.read()
        process.wait(timeout=LIMIT_SECONDS)
    finally:
        process.terminate()
        process.stdout.close()
    assert process.returncode == 130, said[-3000:]
    assert "Interrupted; everything has ended." in said
    assert left_of(folder) == []
