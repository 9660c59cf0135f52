"""Address allowlists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.errors import FieldInvalid
from xaigh_server.identity.principal import Cidrs


@pytest.mark.parametrize(
    ("blocks", "peer", "allowed"),
    [
        ([], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.114.9", False),
        (["203.0.113.9"], "203.0.113.9", True),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["::ffff:203.0.113.0/120"], "203.0.113.9", True),
        (["2001:db8::/32"], "2001:db8:1::1", True),
        (["2001:db8::/32"], "203.0.113.9", False),
        (["0.0.0.0/0"], "2001:db8::1", False),
        (["0.0.0.0/0"], "unix:", False),
        (["0.0.0.0/0"], "", False),
    ],
)
def test_allow(blocks: list[str], peer: str, allowed: bool) -> None:
    """An empty list allows everyone, an unreadable peer is in no block."""
    assert Cidrs.parse(blocks).allow(peer) is allowed


def test_each_wrong_block_is_named() -> None:
    """Host bits are an error rather than a guess."""
    with pytest.raises(FieldInvalid) as caught:
        Cidrs.parse(["10.0.0.0/8", "10.0.0.1/8", "x", "10.0.0.0/33"])
    assert [violation.path for violation in caught.value.violations] == [
        "allowedCidrs[1]",
        "allowedCidrs[2]",
        "allowedCidrs[3]",
    ]


def test_texts_are_canonical() -> None:
    """Doubles go, the order stays."""
    parsed = Cidrs.parse(["2001:DB8::/32", "10.0.0.1", "10.0.0.1/32"])
    assert parsed.texts() == ("2001:db8::/32", "10.0.0.1/32")
    assert Cidrs.parse(parsed.texts()) == parsed


def test_lists_are_bounded() -> None:
    """So that one key can't make every call slow."""
    with pytest.raises(FieldInvalid):
        Cidrs.parse([f"10.0.{n}.0/24" for n in range(101)])


@given(st.lists(st.text(), max_size=3), st.text())
def test_no_text_raises_anything_else(blocks: list[str], peer: str) -> None:
    """Garbage is refused as a field; a garbled peer is just not allowed."""
    Cidrs.parse(["10.0.0.0/8"]).allow(peer)
    try:
        Cidrs.parse(blocks)
    except FieldInvalid:
        return
