"""Query strings as pairs."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httprule.errors import MALFORMED_QUERY, InvalidArgument
from httprule.percent import parse_query

CASES = [
    ("", []),
    ("&&", []),
    ("a=1", [("a", "1")]),
    ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
    ("a", [("a", "")]),
    ("a=", [("a", "")]),
    ("=1", [("", "1")]),
    ("a=b=c", [("a", "b=c")]),
    ("a;b=1", [("a;b", "1")]),
    ("a=x+y%2B", [("a", "x y+")]),
    ("a%5Bb%5D=%26%3D", [("a[b]", "&=")]),
]


@pytest.mark.parametrize(("query", "pairs"), CASES)
def test_pairs(query, pairs):
    """Pairs come decoded and in order."""
    assert parse_query(query) == pairs


def test_plus_can_stay():
    """Without the option a plus is a plus."""
    assert parse_query("a=x+y", plus_as_space=False) == [("a", "x+y")]


@pytest.mark.parametrize(
    ("query", "field"), [("a=%zz", "a"), ("a=%ff", "a"), ("%=1", ""), ("a=ü", "")]
)
def test_malformed(query, field):
    """A bad escape is refused by the name of its parameter."""
    with pytest.raises(InvalidArgument) as refused:
        parse_query(query)
    assert refused.value.violations[0].field == field
    assert refused.value.violations[0].reason == MALFORMED_QUERY


@given(st.lists(st.tuples(st.text(), st.text())))
def test_reads_what_the_standard_library_writes(pairs):
    """Whatever urlencode writes reads back as the same pairs."""
    wanted = [(n.encode("utf-8", "replace").decode(), v.encode("utf-8", "replace").decode())
              for n, v in pairs]  # fmt: skip
    assert parse_query(urlencode(wanted)) == wanted
