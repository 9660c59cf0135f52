"""Cursors of watches: positions in the log of changes, of one organization or of all."""

import pytest

from xaigh_server.jobs.change_log import ChangePosition
from xaigh_server.jobs.watch import WatchCursor
from xaigh_server.rpc.page_tokens import PageTokens

OWN = ChangePosition(sequence=7)
OF_ALL = ChangePosition(generation=1, transaction_id=900, sequence=7)


@pytest.mark.parametrize(("position", "parts"), [(OWN, (7,)), (OF_ALL, (1, 900, 7))])
@pytest.mark.parametrize(("before", "last"), [(None, -2), (41, 41), (-1, -1)])
def test_a_cursor_comes_back_as_it_was_sealed(
    position: ChangePosition, parts: tuple[int, ...], before: int | None, last: int
) -> None:
    """Either kind of position, and how far the listing of existing jobs is."""
    cursor = WatchCursor(after=position, before=before)
    assert cursor.parts == (*parts, last)
    tokens = PageTokens([bytes(32)])
    sealed = tokens.encode("watch-jobs", "sandbox/org_1", {}, cursor.parts)
    opened = tokens.decode("watch-jobs", "sandbox/org_1", {}, sealed)
    assert opened is not None
    assert WatchCursor.parse(opened) == cursor


def test_positions_have_the_order_of_the_log() -> None:
    """By generation, then by transaction, then by sequence."""
    restored = ChangePosition(generation=2, transaction_id=3, sequence=1)
    later = ChangePosition(generation=1, transaction_id=901, sequence=2)
    assert sorted([restored, later, OF_ALL]) == [OF_ALL, later, restored]
    assert ChangePosition(sequence=8) > OWN


@pytest.mark.parametrize("parts", [(), (1, 2), (1, 2, 3, 4)])
def test_a_position_has_one_part_or_three(parts: tuple[int, ...]) -> None:
    """Nothing else stands for one."""
    with pytest.raises(ValueError, match="unpack"):
        ChangePosition.of(parts)
