"""Revisions of the two schemas: one folder per schema, one file per revision, forward only.

A file `r0102_what.py` holds revision `0102`. `python tools/new_migration.py`
writes one from the tables; a released revision is never edited.

A revision expands: programs of the revisions before go on beside it. One that takes away what no
program uses any more states the oldest revision whose programs it leaves unharmed, by a line
`oldest = "0102"` (`tools/check_migrations.py`).
"""

from __future__ import annotations

import re
from pathlib import Path

INITIAL = "0101"
FIRST_RELEASE = ("0001", "0002")
"""The revisions of the first release. Its data can't be migrated."""

_OLDEST = re.compile(r'^oldest = "(\d{4})"$', re.MULTILINE)
_FILE = re.compile(r"r(\d{4})_\w+\.py")


def folder(schema: str) -> Path:
    """Where the revisions of a schema are: `control` or `business`."""
    return Path(__file__).parent / schema


def revisions(schema: str) -> tuple[str, ...]:
    """The revisions of a schema, oldest first."""
    names = (_FILE.fullmatch(file.name) for file in folder(schema).iterdir())
    return tuple(sorted(match[1] for match in names if match))


def floor(schema: str) -> str:
    """The oldest revision whose programs can use the newest schema."""
    files = folder(schema).glob("r[0-9]*_*.py")
    stated = (found[1] for file in files for found in _OLDEST.finditer(file.read_text()))
    return max(stated, default=INITIAL)
