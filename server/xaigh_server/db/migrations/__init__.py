"""Revisions of the two schemas: one folder per schema, one file per revision, forward only.

A file `r0102_what.py` holds revision `0102`. `python tools/new_migration.py`
writes one from the tables; a released revision is never edited.
"""

from __future__ import annotations

import re
from pathlib import Path

INITIAL = "0101"
FIRST_RELEASE = ("0001", "0002")
"""The revisions of the first release. Its data can't be migrated."""

_FILE = re.compile(r"r(\d{4})_\w+\.py")


def folder(schema: str) -> Path:
    """Where the revisions of a schema are: `control` or `business`."""
    return Path(__file__).parent / schema


def revisions(schema: str) -> tuple[str, ...]:
    """The revisions of a schema, oldest first."""
    names = (_FILE.fullmatch(file.name) for file in folder(schema).iterdir())
    return tuple(sorted(match[1] for match in names if match))
