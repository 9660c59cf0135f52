"""Records that are read together are read as each would be alone."""

from tests.harness.syncs import READER, board, greenhouse


def test_records_read_together_are_read_as_each_would_be_alone():
    """In order, refused ones and ones of another board included."""
    records = [
        *board(1, 2, 3),
        greenhouse(4, title=None),
        greenhouse(5, absolute_url="https://boards.greenhouse.io/other/jobs/5"),
        greenhouse(6, id=None),
    ]
    unread = [
        (index, record, READER.glance(record)[0]) for index, record in enumerate(records, start=10)
    ]
    found = READER.read_all(unread)
    assert found == [READER.read(*each) for each in unread]
    assert [bool(reading.rejections) for reading in found] == [False] * 3 + [True] * 3


def test_none_are_read_of_none():
    assert READER.read_all([]) == []
