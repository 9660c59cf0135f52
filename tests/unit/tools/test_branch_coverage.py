"""The figure of branches alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import branch_coverage


@pytest.mark.parametrize(("covered", "code"), [(899, 1), (900, 0), (1000, 0)])
def test_below_the_share_it_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], covered: int, code: int
) -> None:
    """Statements don't count."""
    totals = {"covered_branches": covered, "num_branches": 1000, "percent_covered": 50.0}
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"totals": totals}))
    assert branch_coverage.main([str(report)]) == code
    said = capsys.readouterr()
    assert said.out == f"Branches of the server: {covered:,} of 1,000 run, {covered / 10:.1f} %\n"
    assert bool(said.err) == bool(code)
