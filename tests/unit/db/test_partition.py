"""Partitions: what they are called, and that every write of the server names its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xaigh_server
from xaigh_server.db.partition import Partition, check_partition

SERVER = Path(xaigh_server.__file__).parent


def test_the_control_database_is_one_partition() -> None:
    """An organization has none of its own there; in a business database it has."""
    assert Partition.of("control", "org_1") == Partition("control")
    assert str(Partition("control")) == "control/-"
    assert str(Partition.of("sandbox", "org_1")) == "sandbox/org_1"
    assert str(Partition.of("sandbox", "")) == "sandbox/-"
    with pytest.raises(ValueError, match="one partition"):
        Partition("control", "org_1")


def test_a_partition_is_of_one_database() -> None:
    """A write can't take the lock of another database for its own."""
    check_partition("sandbox", Partition("sandbox", "org_1"))
    check_partition("sandbox", None)
    with pytest.raises(ValueError, match="production/org_1 is no partition of the sandbox"):
        check_partition("sandbox", Partition("production", "org_1"))


def test_every_write_of_the_server_names_its_partition() -> None:
    """None goes by the default: it is for tests and tools."""
    writes = [(place, call) for place, call in _calls() if _of_database(call)]
    assert len(writes) >= 20
    names = {place: {word.arg for word in call.keywords} for place, call in writes}
    nameless = [place for place, given in names.items() if "partition" not in given]
    assert nameless == []


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(SERVER.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                yield f"{file.relative_to(SERVER)}:{node.lineno}", node


def _of_database(call: ast.Call) -> bool:
    """Whether it is `….write(…)` on something that is named like a database."""
    target = call.func
    if not isinstance(target, ast.Attribute) or target.attr != "write":
        return False
    held = ast.unparse(target.value).rpartition(".")[2].lstrip("_")
    return held in {"database", "control", "sandbox", "production", "business"}
