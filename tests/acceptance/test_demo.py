"""The whole story, as `make demo` plays it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demonstration_plays_by_both_apis_and_shows_no_secret():
    """Every step holds, the exit code is 0, and no whole key is ever printed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XAIGH_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "The whole story held, by REST and by gRPC" in done.stdout
    assert "✗" not in done.stdout
    for prefix in ("test_sk_", "live_sk_", "xop_", "xst_"):
        for found in done.stdout.split(prefix)[1:]:
            assert not found[:20].isalnum(), f"a credential that begins with {prefix} was printed"
