"""`python -m tests.bench [CHAPTER…]`: measures, beside the peers, and prints the bars."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from tests.bench.bars import Bar, table

CHAPTERS = (
    "calls", "start", "gate", "request_log", "ext_authz", "revocation", "store", "lists",
    "transcoding", "http", "normalizing", "syncs", "webhooks", "network",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Runs the chapters named, or all. The exit code is 0 whatever was measured."""
    bars: list[Bar] = []
    for name in chapters(arguments):
        print(f"\n{name}", flush=True)
        measure: Callable[[], list[Bar]] = import_module(f"tests.bench.{name}").measure
        bars.extend(measure())
    print("\n" + table(bars))
    return 0


def chapters(arguments: list[str]) -> list[str]:
    """The chapters named, or all. Ends the program for `--help`, and for a name that is none."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measures, beside the peers, and prints the bars."
    )
    parser.add_argument(
        "chapters", nargs="*", metavar="CHAPTER", help=f"{', '.join(CHAPTERS)} (all of them)"
    )
    names: list[str] = parser.parse_args(arguments).chapters
    if unknown := sorted({*names} - {*CHAPTERS}):
        parser.error(f"no such chapter: {', '.join(unknown)}")
    return names or list(CHAPTERS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
