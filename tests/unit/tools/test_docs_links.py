"""Links between the pages of the repository lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = (
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "client" / "docs").rglob("*.md"),
    ROOT / "server" / "ARCHITECTURE.md",
)
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
_MAKE = re.compile(r"`make ([a-z-]+)[`\s]")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_make_targets_exist(page: Path) -> None:
    """A file that a page links to is there, and so is every target that it names."""
    text = page.read_text()
    missing = [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
    assert not missing
    makefile = (ROOT / "Makefile").read_text()
    assert not [name for name in _MAKE.findall(text) if not re.search(rf"^{name}:", makefile, re.M)]


def test_decision_records_are_numbered_and_listed() -> None:
    """The index has every record in order, by the number and the title that the record has."""
    folder = ROOT / "docs" / "decisions"
    wanted = []
    for number, record in enumerate(sorted(folder.glob("[0-9]*.md")), 1):
        title = record.read_text().partition("\n")[0].removeprefix(f"# {number}. ")
        wanted.append(f"{number}. [{title}]({record.name})")
        assert record.name.startswith(f"{number:04}-")
    assert re.findall(r"^\d+\. .*$", (folder / "README.md").read_text(), re.M) == wanted
