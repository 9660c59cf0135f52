"""Records that are normalized together are parsed as each would be alone."""

from tests.harness.syncs import FINGERPRINTER, NORMALIZER, board, greenhouse


def test_records_normalized_together_are_parsed_as_each_would_be_alone() -> None:
    """In order, refused ones and ones of another board included."""
    records = [
        *board(1, 2, 3),
        greenhouse(4, title=None),
        greenhouse(5, absolute_url="https://boards.greenhouse.io/other/jobs/5"),
        greenhouse(6, id=None),
    ]
    indexed = [
        (at, record, FINGERPRINTER.of(record).raw_hash) for at, record in enumerate(records, 10)
    ]
    found = NORMALIZER.normalize_all(indexed)
    assert found == [NORMALIZER.normalize(*each) for each in indexed]
    assert [bool(parsed.rejections) for parsed in found] == [False] * 3 + [True] * 3


def test_none_are_normalized_of_none() -> None:
    assert NORMALIZER.normalize_all([]) == []
