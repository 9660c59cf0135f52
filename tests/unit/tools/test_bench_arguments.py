"""Arguments of `python -m tests.bench`."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from tests.bench.__main__ import CHAPTERS, chapters


def test_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` prints the usage with every chapter, and measures nothing."""
    with pytest.raises(SystemExit) as ended:
        chapters(["--help"])
    printed = capsys.readouterr().out
    assert ended.value.code == 0
    assert printed.startswith("usage: python -m tests.bench")
    assert all(name in printed for name in CHAPTERS)


def test_unknown_chapter_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is no chapter ends with exit code 2 and that name, before anything is run."""
    with pytest.raises(SystemExit) as ended:
        chapters(["gate", "sinks"])
    assert ended.value.code == 2
    assert "sinks" in capsys.readouterr().err


def test_chapters_are_those_named_or_all() -> None:
    """Without a name all chapters run, and each of them is a module."""
    assert chapters(["store", "gate"]) == ["store", "gate"]
    assert chapters([]) == list(CHAPTERS)
    assert all(find_spec(f"tests.bench.{name}") for name in CHAPTERS)
