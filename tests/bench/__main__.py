"""`python -m tests.bench [CHAPTER…]`: measures, beside the peers, and prints the bars."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from tests.bench.bars import Bar, table

CHAPTERS = (
    "calls", "start", "gate", "revocation", "store", "transcoding", "http", "normalizing",
    "syncs", "webhooks",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Runs the chapters named, or all. The exit code is 0 whatever was measured."""
    bars: list[Bar] = []
    for name in names or CHAPTERS:
        print(f"\n{name}", flush=True)
        measure: Callable[[], list[Bar]] = import_module(f"tests.bench.{name}").measure
        bars.extend(measure())
    print("\n" + table(bars))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
