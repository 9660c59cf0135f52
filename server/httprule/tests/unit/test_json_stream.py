"""Splitters of JSON streams, with pieces of any size."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httprule.errors import InvalidArgument
from httprule.failures import HttpError
from httprule.json_stream import JsonStreamSplitter, NdjsonSplitter

Cutter = Callable[[int], NdjsonSplitter | JsonStreamSplitter]

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=6)


def _cut(cutter: NdjsonSplitter | JsonStreamSplitter, data: bytes, step: int) -> list[bytes]:
    found: list[bytes] = []
    for start in range(0, len(data), step):
        found += cutter.push(data[start : start + step])
    return [*found, *cutter.end()]


@given(values=OBJECTS, step=st.integers(1, 40), ascii_only=st.booleans())
def test_lines(values: list[object], step: int, ascii_only: bool) -> None:
    """Every line comes out as it went in."""
    data = b"".join(json.dumps(v, ensure_ascii=ascii_only).encode() + b"\n" for v in values)
    assert [json.loads(each) for each in _cut(NdjsonSplitter(10_000), data, step)] == values


@given(
    values=st.lists(VALUES, max_size=6), step=st.integers(1, 40), indent=st.sampled_from([None, 2])
)
def test_array(values: list[object], step: int, indent: int | None) -> None:
    """Every element of an array comes out, of whatever kind, however it is printed."""
    data = json.dumps(values, indent=indent).encode()
    assert [json.loads(each) for each in _cut(JsonStreamSplitter(10_000), data, step)] == values


@given(values=OBJECTS, step=st.integers(1, 40), indent=st.sampled_from([None, 2]))
def test_documents(values: list[object], step: int, indent: int | None) -> None:
    """Documents one after the other come out, also when printed over several lines."""
    data = b" ".join(json.dumps(value, indent=indent).encode() for value in values)
    assert [json.loads(each) for each in _cut(JsonStreamSplitter(10_000), data, step)] == values


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "lines"),
    [("", []), ("\n\r\n \n", []), ("1\r\n2", ["1", "2"]), ("\n{}\n\n{}\n", ["{}", "{}"])],
)
def test_blank_lines(text: str, lines: list[str], step: int) -> None:
    """Blank lines are no messages; the last line needs no end."""
    assert [each.decode() for each in _cut(NdjsonSplitter(100), text.encode(), step)] == lines


@pytest.mark.parametrize("step", [1, 1000])
@pytest.mark.parametrize(
    "text", ["[", "[{}", "[{},]", "[,]", "[{}]]", "[{}]{}", '[{}]"', "{},{}", "}", "]", "[{}} ,"]
)
def test_broken_streams(text: str, step: int) -> None:
    """Brackets and commas that belong to no message are refused."""
    with pytest.raises(InvalidArgument):
        _cut(JsonStreamSplitter(1000), text.encode(), step)


@pytest.mark.parametrize("text", ['{"a":1', "[[{}}]", '{"a"'])
def test_the_codec_has_the_last_word(text: str) -> None:
    """What only looks like a message is handed on, to be refused by who knows JSON."""
    for each in _cut(JsonStreamSplitter(1000), text.encode(), 1):
        with pytest.raises(ValueError, match=r"."):
            json.loads(each)


@pytest.mark.parametrize("make", [NdjsonSplitter, JsonStreamSplitter])
@pytest.mark.parametrize("step", [1, 1000])
def test_limit(make: Cutter, step: int) -> None:
    """A message past the limit is refused, finished or not."""
    fits = b'{"a":"%b"}\n' % (b"x" * 40)
    assert len(_cut(make(60), fits * 5, step)) == 5
    for long in (b'{"a":"%b"}\n' % (b"x" * 100), b'{"a":"%b' % (b"x" * 100)):
        with pytest.raises(HttpError) as refused:
            _cut(make(60), fits + long, step)
        assert refused.value.status == 413
