"""The fingerprint of a text is cached, for that text alone."""

from typing import Any

import pytest
from tests.harness.syncs import FINGERPRINTER, INTEGRATION, board

from xaigh_server.ats.fingerprint import FingerprintCache, Fingerprinter
from xaigh_server.ats.records import text_of

RECORDS = board(*range(12))
TEXTS = [text_of(record) for record in RECORDS]
FINGERPRINTS = [FINGERPRINTER.of(record) for record in RECORDS]


def test_a_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing reads its record."""
    cache = FingerprintCache()
    assert [cache.of(FINGERPRINTER, text) for text in TEXTS] == FINGERPRINTS
    monkeypatch.setattr("xaigh_server.ats.fingerprint.plain", None)
    assert [cache.of(FINGERPRINTER, text) for text in TEXTS] == FINGERPRINTS


@pytest.mark.parametrize("other", [("org_2", "GREENHOUSE"), ("org_1", "CUSTOM")])
def test_a_text_has_another_fingerprint_elsewhere(other: tuple[str, str]) -> None:
    """To another organization it is another role; another provider hashes other members."""
    assert (INTEGRATION.organization_id, INTEGRATION.provider) == ("org_1", "GREENHOUSE")
    cache, elsewhere = FingerprintCache(), Fingerprinter(*other)
    for _ in range(2):
        for fingerprinter in (FINGERPRINTER, elsewhere):
            assert cache.of(fingerprinter, TEXTS[0]) == fingerprinter.of(RECORDS[0])
    assert cache.of(FINGERPRINTER, TEXTS[0]) != cache.of(elsewhere, TEXTS[0])


def test_no_more_than_so_many_are_kept() -> None:
    """The older half goes as a whole, and what is gone is found again."""
    cache = FingerprintCache(most=8)
    first: list[Any] = [cache.of(FINGERPRINTER, text) for text in TEXTS[:8]]
    again = [cache.of(FINGERPRINTER, text) for text in TEXTS[:8]]
    assert [one is other for one, other in zip(first, again, strict=True)] == [True] * 8
    for text in TEXTS[8:]:
        cache.of(FINGERPRINTER, text)
    assert [
        cache.of(FINGERPRINTER, text) is kept
        for text, kept in zip(TEXTS[4:8], first[4:], strict=True)
    ] == [True] * 4
    found = cache.of(FINGERPRINTER, TEXTS[0])
    assert found == FINGERPRINTS[0] and found is not first[0]
