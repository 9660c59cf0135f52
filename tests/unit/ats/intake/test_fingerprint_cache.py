"""What was told of a text is told again, and only of that text."""

from dataclasses import replace
from typing import Any

import pytest
from tests.harness.business_services import NOW
from tests.harness.syncs import INTEGRATION, READER, board

from xaigh_server.ats.intake.batch_state import Pages
from xaigh_server.ats.intake.fingerprint_cache import Glances
from xaigh_server.ats.intake.reading import RecordReader
from xaigh_server.ats.intake.structs import text_of

RECORDS = board(*range(12))
TEXTS = [text_of(record) for record in RECORDS]
TOLD = [READER.glance(record) for record in RECORDS]


def test_a_text_is_glanced_at_once() -> None:
    """The second time its record isn't even read."""
    glances = Glances()
    assert [glances.at(READER, text) for text in TEXTS] == list(zip(TOLD, RECORDS, strict=True))
    assert [glances.at(READER, text) for text in TEXTS] == [(told, None) for told in TOLD]


@pytest.mark.parametrize("other", [{"organization_id": "org_2"}, {"provider": "CUSTOM"}])
def test_a_text_says_something_else_elsewhere(other: dict[str, Any]) -> None:
    """To another organization it is another role; another provider hashes other members."""
    glances, elsewhere = Glances(), RecordReader(replace(INTEGRATION, **other), NOW)
    for _ in range(2):
        for reader in (READER, elsewhere):
            assert glances.at(reader, TEXTS[0])[0] == reader.glance(RECORDS[0])
    assert glances.at(READER, TEXTS[0])[0] != glances.at(elsewhere, TEXTS[0])[0]


def test_no_more_than_so_many_are_kept() -> None:
    """The older half goes as a whole, and what is gone is found again."""
    glances = Glances(most=8)
    for text in TEXTS[:8]:
        glances.at(READER, text)
    assert [glances.at(READER, text)[1] for text in TEXTS[:8]] == [None] * 8
    for text in TEXTS[8:]:
        glances.at(READER, text)
    known = [glances.at(READER, text)[1] is None for text in TEXTS[4:]]
    assert known == [True] * 8
    assert glances.at(READER, TEXTS[0]) == (TOLD[0], RECORDS[0])


def test_pages_read_what_they_only_glanced_at() -> None:
    """A record whose glance was kept is read in full like any other."""
    glances = Glances()
    found = []
    for _ in range(2):
        pages = Pages(glances)
        assert pages.sort(READER, TEXTS) == TOLD
        found.append(pages.read([0, 3, 11]))
    assert found[0] == found[1]
    assert [reading.external_job_id for reading in found[0]] == ["0", "3", "11"]
