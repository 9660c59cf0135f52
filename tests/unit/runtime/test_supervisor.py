"""Processes that die: started again for ever once they served, given up where none ever does."""

from __future__ import annotations

import subprocess
import sys
import time

PROGRAM = """
import os, sys
from xaigh_server.runtime import supervisor
supervisor._PAUSE = 0.0
deaths = int(sys.argv[1])
counted = os.open(sys.argv[3], os.O_RDWR | os.O_CREAT | os.O_APPEND)

def serve(index, ready, life):
    if sys.argv[2] == "ready":
        ready()
    os.write(counted, b"x")
    if os.fstat(counted).st_size <= deaths:
        os.abort()
    return 2  # ends the supervisor

sys.exit(supervisor.Supervisor(1, serve, tell=print).run(lambda: None))
"""


def supervised(deaths: int, when: str, folder: object) -> tuple[int, int]:
    """The exit code, and how many processes were told to have died."""
    arguments = [sys.executable, "-c", PROGRAM, str(deaths), when, f"{folder}/counted"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout.count("starting it again")


def test_processes_that_served_are_started_again_however_often_they_die(tmp_path):
    """Whatever killed them may be over, and no caller can stop the server by it."""
    assert supervised(12, "ready", tmp_path) == (2, 12)


def test_where_none_comes_to_listen_it_is_given_up(tmp_path):
    """Something is wrong that starting again doesn't mend."""
    assert supervised(12, "never", tmp_path) == (1, 4)


HANGING = """
import os, sys, time
from xaigh_server.runtime import supervisor
counted = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT | os.O_APPEND)

def serve(index, beat, life):
    os.write(counted, b"x")
    if os.fstat(counted).st_size == 1:
        beat()
        time.sleep(60)
    for _ in range(25):
        beat()
        time.sleep(0.1)
    return 2

made = supervisor.Supervisor(1, serve, tell=lambda text: print(text, flush=True), hang_seconds=1.0)
sys.exit(made.run(lambda: None))
"""


def test_a_process_that_hangs_is_killed_and_started_again(tmp_path):
    """It lives and says nothing. One that gives signs of life for longer than the limit stays."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", HANGING, str(tmp_path / "counted")],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("process 0 hangs; killing it") == 1
    assert "process 0 ended of signal 9; starting it again" in done.stdout
    assert (tmp_path / "counted").read_text() == "xx"
    assert time.monotonic() - began < 20
