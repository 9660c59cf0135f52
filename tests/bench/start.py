"""From the start of the process to the first reply: bar 5."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import httpx
from tests.bench.bars import Bar
from tests.harness.server import server

ROUNDS = 5


def measure() -> list[Bar]:
    """On a data folder that is migrated already, as every start but the first is."""
    with tempfile.TemporaryDirectory(prefix="xaigh-bench-") as folder:
        with server(Path(folder)):
            pass
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with server(Path(folder)) as running:
                httpx.get(f"http://{running.rest}/readyz").raise_for_status()
                taken.append(time.perf_counter() - began)
    detail = f"{min(taken):.2f} to {max(taken):.2f} s"
    return [
        Bar(name="5  start to first reply", value=statistics.median(taken), wanted=1.5, unit="s",
            detail=detail, higher=False)
    ]  # fmt: skip
