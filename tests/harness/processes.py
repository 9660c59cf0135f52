"""The end of a child process."""

from __future__ import annotations

import subprocess

END_SECONDS = 30.0


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Ends a process by SIGTERM. One that takes too long is killed: TimeoutExpired."""
    process.terminate()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
