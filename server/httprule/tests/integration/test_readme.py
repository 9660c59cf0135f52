"""The README: its start runs, its tables name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import httprule
from httprule_harness import readme

SOURCES = Path(httprule.__file__).parent


def test_the_five_minute_start(tmp_path: Path) -> None:
    """Its files, commands and calls do what it says, to the byte."""
    assert len(readme.calls()) == 5
    readme.play(tmp_path)


def test_every_module_is_listed() -> None:
    """The table of modules has each of them, and no other."""
    text = readme.README.read_text()
    table = text[text.index("## Modules") : text.index("## Routing")]
    listed = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    modules = {path.stem for path in SOURCES.glob("*.py")} | {"openapi"}
    assert sorted(listed) == sorted(modules - {"__init__"})


def test_options_of_the_readme_exist() -> None:
    """Each option that the README names is one."""
    options = "".join(readme.blocks("python"))
    for name in re.findall(r"^    (\w+)=", options, re.MULTILINE):
        assert name in httprule.GatewayOptions.__dataclass_fields__
