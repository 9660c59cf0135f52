"""Page tokens."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.rpc.errors import PageTokenInvalid
from xaigh_server.rpc.page_tokens import PageTokens

KEY, OLD_KEY = b"k" * 32, b"o" * 32
TOKENS = PageTokens([KEY])
CURSORS = st.lists(st.text(max_size=40) | st.integers(-(2**63), 2**63), max_size=4).map(tuple)
FILTERS = st.dictionaries(st.sampled_from("abc"), st.text(max_size=5) | st.integers())


@given(CURSORS, FILTERS)
def test_round_trip(cursor, filters) -> None:
    """The cursor comes back, of any text and any number."""
    token = TOKENS.encode("jobs", "org_1", filters, cursor)
    assert TOKENS.decode("jobs", "org_1", filters, token) == cursor
    assert token.isascii()
    assert not set(token) & set("+/=&?% ")


def test_the_empty_token_is_the_first_page() -> None:
    """As AIP-158 has it."""
    assert TOKENS.decode("jobs", "org_1", {}, "") is None


@pytest.mark.parametrize(
    ("list_name", "owner", "filters"),
    [
        ("keys", "org_1", {"state": "OPEN"}),
        ("jobs", "org_2", {"state": "OPEN"}),
        ("jobs", "org_1", {"state": "CLOSED"}),
        ("jobs", "org_1", {}),
        ("jobs", "org_1", {"state": "OPEN", "employer": "e"}),
    ],
)
def test_bound_to_list_owner_and_filters(list_name: str, owner: str, filters) -> None:
    """A token is good for the list that gave it, and for no other."""
    token = TOKENS.encode("jobs", "org_1", {"state": "OPEN"}, (1,))
    with pytest.raises(PageTokenInvalid):
        TOKENS.decode(list_name, owner, filters, token)


def test_filters_left_out_and_empty_are_alike() -> None:
    """An unset filter doesn't bind, in whatever order the others come."""
    token = TOKENS.encode("jobs", "o", {"a": "1", "b": "2", "c": None}, (1,))
    assert TOKENS.decode("jobs", "o", {"b": "2", "a": "1", "d": "", "e": []}, token) == (1,)


@given(st.text())
def test_nothing_else_is_a_token(text: str) -> None:
    """Any other text is refused as a token, never a fault."""
    if text:
        with pytest.raises(PageTokenInvalid):
            TOKENS.decode("jobs", "o", {}, text)


@given(st.data())
def test_a_bent_token_is_refused(data) -> None:
    """Every bit counts, also the spare ones of base64."""
    token = TOKENS.encode("jobs", "o", {}, ("job_1", 7))
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0-_"))
    bent = token[:at] + other + token[at + 1 :]
    if bent != token:
        with pytest.raises(PageTokenInvalid):
            TOKENS.decode("jobs", "o", {}, bent)


def test_a_token_tells_nothing() -> None:
    """Neither the numbers of rows nor ids can be read out of it."""
    token = TOKENS.encode("jobs", "org_1", {}, ("job_secret", 123456))
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert b"job" not in raw
    assert b"123456" not in raw


def test_a_forged_cursor_is_refused() -> None:
    """Knowing the format isn't knowing the key."""
    body = base64.urlsafe_b64encode(b"\x02" + b"\0" * 16 + b'["job_1"]').rstrip(b"=").decode()
    with pytest.raises(PageTokenInvalid):
        TOKENS.decode("jobs", "o", {}, body)


def test_old_keys_still_read() -> None:
    """A walk through a list survives the rotation of a pepper."""
    token = PageTokens([OLD_KEY]).encode("jobs", "o", {}, (1,))
    assert PageTokens([KEY, OLD_KEY]).decode("jobs", "o", {}, token) == (1,)
    with pytest.raises(PageTokenInvalid):
        TOKENS.decode("jobs", "o", {}, token)
