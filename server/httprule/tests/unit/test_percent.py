"""Percent-decoding, by tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httprule.errors import MALFORMED_ESCAPE, InvalidArgument
from httprule.percent import Unescape, decode, decode_multi

FULL = [
    ("plain", "plain"),
    ("a%20b", "a b"),
    ("%2F%2f", "//"),
    ("%25%32%35", "%25"),
    ("%2525", "%25"),
    ("%E4%B8%96", "世"),
    ("%00", "\0"),
]
MULTI = [
    ("a/%20%2F%2f%3a", Unescape.ALL_EXCEPT_RESERVED, "a/ %2F%2f%3a"),
    ("a/%20%2F%2f%3a", Unescape.ALL_EXCEPT_SLASH, "a/ %2F%2f:"),
    ("a/%20%2F%2f%3a", Unescape.ALL, "a/ //:"),
    ("%252F", Unescape.ALL_EXCEPT_RESERVED, "%2F"),
    ("%25%2F", Unescape.ALL_EXCEPT_RESERVED, "%%2F"),
    ("%E4%B8%96%3B", Unescape.ALL_EXCEPT_RESERVED, "世%3B"),
    ("%7E%2D%5F", Unescape.ALL_EXCEPT_RESERVED, "~-_"),
    ("plain/x", Unescape.ALL_EXCEPT_RESERVED, "plain/x"),
]


@pytest.mark.parametrize(("text", "plain"), FULL)
def test_decode(text, plain):
    """Every escape is decoded, exactly once."""
    assert decode(text) == plain


@pytest.mark.parametrize(("text", "mode", "plain"), MULTI)
def test_decode_multi(text, mode, plain):
    """A mode keeps its escapes as they were written, case included."""
    assert decode_multi(text, mode) == plain


@pytest.mark.parametrize("text", ["%", "%2", "%zz", "a%2zb", "%ff", "%C3%28", "%E4%B8"])
def test_malformed(text):
    """A bad escape and bytes that are not UTF-8 are refused in any mode, with the field's name."""
    for mode in (None, *Unescape):
        with pytest.raises(InvalidArgument) as refused:
            decode(text, "jobId") if mode is None else decode_multi(text, mode, "jobId")
        (violation,) = refused.value.violations
        assert (violation.field, violation.reason) == ("jobId", MALFORMED_ESCAPE)


@given(st.text())
def test_encoding_and_decoding_gives_the_text_back(text):
    """Any text survives being encoded byte by byte."""
    encoded = "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "ignore"))
    assert decode(encoded) == text.encode("utf-8", "ignore").decode()
