"""The vectors live beside the repository, not in it; without them this folder collects nothing."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = Path(os.environ.get("XAIGH_SHARED_DATA", _ROOT.parent / "shared" / "data"))

collect_ignore: list[str] = []
if not SHARED_DATA.is_dir():
    collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py")]


def pytest_report_header() -> str | None:
    """Say once that the vectors are not there."""
    if SHARED_DATA.is_dir():
        return None
    return f"tests/vectors: left out, no such folder: {SHARED_DATA}"
