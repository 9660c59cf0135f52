"""Idempotency keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.rpc.errors import IdempotencyKeyInvalid
from xaigh_server.rpc.idempotency import fingerprint, parse_key

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("abc", "abc"),
        ('"abc"', "abc"),
        (" abc\t", "abc"),
        (r'"a\"b\\c"', 'a"b\\c'),
        ('a"b', 'a"b'),
        ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        ("!", "!"),
        ("x" * 255, "x" * 255),
        ('"' + "x" * 255 + '"', "x" * 255),
    ],
)
def test_good_ones(value: str, key: str) -> None:
    """Quoted or not, the key is the same."""
    assert parse_key([value]) == key


@pytest.mark.parametrize(
    "values",
    [
        [""],
        [" "],
        ['""'],
        ['"'],
        ['"abc'],
        ['"a"b"'],
        ['"abc";p=1'],
        [r'"a\bc"'],
        ['"a\\"'],
        ["a b"],
        ['"a b"'],
        ["a, b"],
        ["a\0b"],
        ["caf\N{LATIN SMALL LETTER E WITH ACUTE}"],
        ["x" * 256],
        ['"' + "x" * 256 + '"'],
        ["abc", "abc"],
    ],
)
def test_bad_ones(values: list[str]) -> None:
    """Empty, too long, with blanks, badly quoted, or sent twice."""
    with pytest.raises(IdempotencyKeyInvalid):
        parse_key(values)


def test_none_is_none() -> None:
    """Whether it is needed is for the method to say."""
    assert parse_key([]) is None


@given(VISIBLE)
def test_quoting_changes_nothing(key: str) -> None:
    """Every key can be sent quoted; all but those that begin with a quote can be sent bare."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_key([f'"{escaped}"']) == key
    if not key.startswith('"'):
        assert parse_key([key]) == key


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    """What comes out is always visible ASCII."""
    try:
        key = parse_key([text])
    except IdempotencyKeyInvalid:
        return
    assert key is not None
    assert all("!" <= character <= "~" for character in key)


def test_fingerprints_tell_methods_and_messages_apart() -> None:
    """And no two pairs run into each other."""
    prints = {fingerprint(m, b) for m in ("a", "ab") for b in (b"", b"b", b"c")}
    assert len(prints) == 6
    assert fingerprint("a", b"x") == fingerprint("a", b"x")
