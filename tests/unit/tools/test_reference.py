"""The reference pages say everything that their sources declare."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from codegen import ats_notes, reference
from xaigh.errors.v1 import error_reason_pb2 as reasons
from xaigh_server.ats.providers.record import (
    RejectionReason,
    SyncRejection,
    SyncWarning,
    WarningCode,
)
from xaigh_server.log_events import LogEvent
from xaigh_server.settings import Settings

_DOCS = Path(__file__).parents[3] / "docs" / "reference"


def test_every_setting_has_a_meaning_and_a_section() -> None:
    """A field without a docstring, or above the first section, is a fault."""
    found = list(reference.read_settings())
    assert [each.name for each in found] == [each.name for each in fields(Settings)]
    for setting in found:
        assert setting.section, setting.name
        assert setting.meaning[:1].isupper() or setting.meaning.startswith("`"), setting.name
        assert setting.meaning.endswith("."), setting.name


def test_the_page_of_settings_shows_name_variable_and_default() -> None:
    """One row each; tables of the file have no variable; no secret has a default."""
    rows = {row.split("`")[1]: row for row in _rows(reference.settings_page(), "setting")}
    assert "`XAIGH_MAX_DEADLINE`<br>number | `60.0` |" in rows["max_deadline"]
    assert "`XAIGH_PEPPER`<br>text | empty |" in rows["pepper"]
    assert "XAIGH_TIERS" not in rows["tiers"] and "`starter`, `standard`" in rows["tiers"]
    assert "`XAIGH_REFLECTION`<br>`true` or `false` | `false` |" in rows["reflection"]


def test_the_page_of_errors_has_every_reason_under_its_code() -> None:
    """Reason, HTTP status, gRPC code, cause and cure, in one row."""
    page = (_DOCS / "errors.md").read_text()
    listed = re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)
    declared = [value.name for value in reasons.ErrorReason.DESCRIPTOR.values if value.number]
    assert sorted(listed) == sorted(declared)
    assert "| `CREDENTIALS_MISSING` | 401 | `UNAUTHENTICATED` | The method needs" in page
    sections = re.findall(r"^## (\w+)$", page, re.MULTILINE)
    assert sections[0] == "failed_precondition" and len(set(sections)) == len(sections)


def test_the_page_of_log_events_has_every_event() -> None:
    """In the order of the catalogue, with level and fields."""
    rows = _rows(reference.log_events_page(), "event")
    assert [row.split("`")[1] for row in rows] == [str(event) for event in LogEvent]
    (anchored,) = (row for row in rows if "`audit.anchored`" in row)
    assert "| info | `number` `chains` `moved` `root` `digest` |" in anchored


def test_the_page_of_sync_warnings_has_every_code() -> None:
    """Warnings and rejections, each once, with a sentence."""
    rows = _rows(ats_notes.page(), "warning")
    declared = [*WarningCode, *SyncWarning, *RejectionReason, *SyncRejection]
    listed = [row.split("`")[1] for row in rows if not row.startswith("| rejection ")]
    assert sorted(listed) == sorted(declared)
    assert all(row.endswith(". |") for row in rows if "`" in row)


def _rows(page: str, heading: str) -> list[str]:
    lines = (line for line in page.splitlines() if line.startswith("| "))
    return [line for line in lines if not line.startswith(f"| {heading} ")]
