"""Prints the branch coverage of the server, and fails below a share.

    python tools/branch_coverage.py build/coverage.json

The file is the JSON report of coverage, whose own figure mixes branches and statements.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LEAST = 90  # percent


def main(arguments: list[str]) -> int:
    """Returns 1 below the share."""
    totals: dict[str, Any] = json.loads(Path(arguments[0]).read_text())["totals"]
    covered, number = totals["covered_branches"], totals["num_branches"]
    share = 100 * covered / number
    print(f"Branches of the server: {covered:,} of {number:,} run, {share:.1f} %")
    if share >= LEAST:
        return 0
    print(f"At least {LEAST} % are wanted.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
