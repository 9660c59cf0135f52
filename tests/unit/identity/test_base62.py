"""Base62."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.identity import base62


@pytest.mark.parametrize(
    ("number", "width", "text"),
    [(0, 1, "0"), (0, 3, "000"), (61, 1, "z"), (62, 2, "10"), (2**32 - 1, 6, "4gfFC3")],
)
def test_encode(number: int, width: int, text: str) -> None:
    """The most significant digit comes first, padded with zeros."""
    assert base62.encode(number, width) == text


def test_encode_refuses_what_does_not_fit() -> None:
    """Nothing is cut off silently."""
    with pytest.raises(OverflowError):
        base62.encode(62, 1)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_order_is_kept(a: int, b: int) -> None:
    """Texts of one width sort as their numbers do."""
    assert (base62.encode(a, 6) < base62.encode(b, 6)) == (a < b)


def test_numbered_names_follow_from_theirs() -> None:
    """They are in order and end: who asks for more is told so rather than given one twice."""
    names = list(base62.sequential_ids("evt_a"))
    assert names[:2] == ["evt_a000", "evt_a001"]
    assert names[62] == "evt_a010"
    assert (names[-1], len(names)) == ("evt_azzz", 62**3)
    assert names == sorted(set(names))
    assert names == [base62.name_of("evt_a", number) for number in range(62**3)]


@given(st.text(max_size=9), st.integers(0, 62**3 - 1))
def test_a_numbered_name_says_whose_it_is(name: str, number: int) -> None:
    """What it follows from, and its number."""
    assert base62.number_of(base62.name_of(name, number)) == (name, number)


@pytest.mark.parametrize("name", ["", "a", "zz", "wd_1-0", "wd_ää", "wd_1 00"])
def test_other_names_have_no_number(name: str) -> None:
    """Whatever somebody looks for is answered: there is none."""
    assert base62.number_of(name) == (name, -1)


def test_what_is_derived_follows_from_its_origin() -> None:
    """The same twenty characters each time, and others for another origin."""
    assert base62.derive(b"a") == base62.derive(b"a") != base62.derive(b"b")
    assert len(base62.derive(b"a")) == 20


def test_draw_throws_away_what_would_favour_a_character() -> None:
    """Bytes from 248 on are drawn again, so every character is equally likely."""
    batches = iter([b"\xff\xf8\x00", b"\xf7\x3d"])
    assert base62.random_string(3, lambda _: next(batches)) == "0zz"


def test_gulps_give_every_byte_once() -> None:
    """What is taken is what was fetched, in order, and never the same again."""
    fetched: list[bytes] = []

    def random(length: int) -> bytes:
        fetched.append(bytes(len(fetched) * 16 + n for n in range(length)))
        return fetched[-1]

    take = base62.buffered_random(random, 8)
    assert [take(3), take(3), take(3), take(12)] == [
        bytes([0, 1, 2]),
        bytes([3, 4, 5]),
        bytes([16, 17, 18]),
        bytes(range(32, 44)),
    ]
    assert [len(each) for each in fetched] == [8, 8, 12]
