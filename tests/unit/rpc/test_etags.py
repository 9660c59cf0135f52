"""Etags."""

import pytest

from xaigh_server.rpc.errors import EtagMismatch
from xaigh_server.rpc.etags import check_etag, etag_of


def test_parts_do_not_run_into_each_other() -> None:
    """And the type of a part counts."""
    assert len({etag_of("a", "bc"), etag_of("ab", "c"), etag_of("a", 1), etag_of("a", "1")}) == 4


@pytest.mark.parametrize("given", ["", "{}", '"{}"', 'W/"{}"'])
def test_equal_ones_pass(given: str) -> None:
    """Quoted as in HTTP or not; an empty one asks for no check."""
    current = etag_of("x", 1)
    check_etag(given.format(current), current)


@pytest.mark.parametrize("given", ["x", '""', "*"])
def test_others_are_refused(given: str) -> None:
    """The refusal tells the current one."""
    with pytest.raises(EtagMismatch) as caught:
        check_etag(given, etag_of("x", 1))
    assert caught.value.metadata == {"etag": etag_of("x", 1)}
