"""The check of protos/ against the baseline, in a copy of the tree."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

ROOT = Path(__file__).parents[3]
LIMIT = 120.0  # seconds


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Everything that the check reads."""
    for name in ("tools", "protos", "generated", "docs/reference", "server"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def _check(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tree / "tools" / "breaking.sh"], capture_output=True, text=True, timeout=LIMIT, check=False
    )


def test_a_field_that_the_baseline_has_and_the_protos_lack_fails(tree: Path) -> None:
    """The report names the message and the number of the field."""
    baseline = tree / "protos" / "baseline.binpb"
    promised = FileDescriptorSet.FromString(baseline.read_bytes())
    (file,) = (one for one in promised.file if one.name == "xaigh/jobs/v1/job.proto")
    (job,) = (one for one in file.message_type if one.name == "Job")
    job.field.add(
        name="promised",
        json_name="promised",
        number=999,
        type=FieldDescriptorProto.TYPE_STRING,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )
    baseline.write_bytes(promised.SerializeToString())
    digest = hashlib.sha256(baseline.read_bytes()).hexdigest()
    with (tree / "protos" / "baseline.txt").open("a") as reasons:
        reasons.write(f"{digest}  A test.\n")
    done = _check(tree)
    assert done.returncode != 0
    assert 'field "999"' in done.stdout


def test_a_baseline_without_a_reason_fails(tree: Path) -> None:
    """Nobody replaces the promise in passing: the last reason names the image's digest."""
    baseline = tree / "protos" / "baseline.binpb"
    baseline.write_bytes(baseline.read_bytes() + b"\x0a\x00")
    done = _check(tree)
    assert done.returncode != 0
    assert "gives no reason" in done.stderr


def test_a_generator_that_fails_fails_the_check(tree: Path) -> None:
    """Without an image of the protos nothing was compared."""
    (tree / "protos/xaigh/jobs/v1/job.proto").write_text("syntax = nonsense;")
    done = _check(tree)
    assert done.returncode != 0
    assert "job.proto" in done.stderr
    assert "breaks nothing" not in done.stdout
