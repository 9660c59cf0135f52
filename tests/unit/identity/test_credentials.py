"""The one rule for credentials."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.credentials import TAGS, made_up

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.credentials import Credential, Metadata, parse_credential, read_bearer
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import (
    CredentialsAmbiguous,
    CredentialsMalformed,
    KeyUnknown,
    OperatorUnknown,
    Unauthenticated,
)
from xaigh_server.identity.key_format import KeyType, PresentedKey, PresentedOperator

BYTES = random.Random(7).randbytes
KEY = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, TAGS.make).text
OTHER = keys.mint(Environment.PRODUCTION, KeyType.SECRET, BYTES, TAGS.make).text
OPERATOR = keys.mint_operator(BYTES, TAGS.make).text
AUTH = ("authorization", f"Bearer {KEY}")


def read_credential(metadata: Metadata, query: str | bytes = "") -> Credential | None:
    """The credential of a call, in the two steps in which the server reads it."""
    text = read_bearer(metadata, query)
    return None if text is None else parse_credential(text, TAGS)


@pytest.mark.parametrize(
    "header",
    [
        AUTH,
        ("Authorization", f"bearer {KEY}"),
        ("AUTHORIZATION", f"BEARER    {KEY}"),
        ("authorization", f" \tBearer {KEY}\t "),
        (b"Authorization", f"bEaReR {KEY}".encode()),
    ],
)
def test_good_ones(header) -> None:
    """Scheme and header name in any case, one or more spaces, text or bytes."""
    found = read_credential([("accept", "*/*"), header])
    assert isinstance(found, PresentedKey)
    assert found.text == KEY


def test_operator_credentials_are_a_type_of_their_own() -> None:
    """Nobody has to look at the text again to tell the two apart."""
    found = read_credential([("authorization", f"Bearer {OPERATOR}")])
    assert isinstance(found, PresentedOperator)


def test_a_made_up_credential_is_unknown() -> None:
    """Form and checksum are right, and still nobody has issued it."""
    key = keys.mint(Environment.SANDBOX, KeyType.SECRET, BYTES, made_up)
    with pytest.raises(KeyUnknown):
        read_credential([("authorization", f"Bearer {key.text}")])
    operator = keys.mint_operator(BYTES, made_up)
    with pytest.raises(OperatorUnknown):
        read_credential([("authorization", f"Bearer {operator.text}")])


def test_nothing_sent_is_none() -> None:
    """Whether that is a refusal depends on the method."""
    assert read_credential([("cookie", "theme=dark"), ("user-agent", "x" * 300)], "a=b") is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        KEY,
        f"Bearer\t{KEY}",
        f"Bearer{KEY}",
        f"Bearer  \t{KEY}",
        f"Bearer\N{NO-BREAK SPACE}{KEY}",
        f"Basic {KEY}",
        f"Token {KEY}",
        f"Bearer {KEY} x",
        f"Bearer {KEY},",
        f'Bearer "{KEY}"',
        f"Bearer Bearer {KEY}",
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY}=",
        f"Bearer {KEY}\0",
        f"Bearer \0{KEY}",
        f"Bearer {KEY}\r\nX-Y: z",
        f"B\N{LATIN SMALL LETTER E WITH ACUTE}arer {KEY}",
        "Bearer " + "x" * 100_000,
        "Bearer " + " " * 100_000 + KEY + "!",
        "Bearer \N{PILE OF POO}",
        "Bearer eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo",
    ],
)
def test_malformed(value: str) -> None:
    """Anything but scheme, spaces and one key of ours."""
    with pytest.raises(CredentialsMalformed):
        read_credential([("authorization", value)])


@pytest.mark.parametrize(
    "pairs",
    [
        [AUTH, AUTH],
        [AUTH, ("Authorization", "Basic eDp5")],
        [AUTH, ("authorization", "")],
        [("authorization", f"Bearer {KEY}, Bearer {OTHER}")],
        [AUTH, ("x-api-key", OTHER)],
        [AUTH, ("X-Api-Key", KEY)],
        [("x-api-key", KEY)],
        [("cookie", f"a=b; session={KEY}")],
        [("proxy-authorization", f"Bearer {KEY}")],
        [("grpc-metadata-authorization", f"Bearer {KEY}")],
        [("referer", f"https://example.com/?key={OPERATOR}")],
        [("x-forwarded-authorization", KEY[:-9])],
        [(b"x-bin", b"\xff" + KEY.encode())],
    ],
)
def test_ambiguous(pairs) -> None:
    """Several credentials, or one in the wrong place, even beside a right one."""
    with pytest.raises(CredentialsAmbiguous):
        read_credential(pairs)


@pytest.mark.parametrize(
    "query",
    [
        f"key={KEY}",
        f"a=b&x={OTHER}".encode(),
        f"x=test%5Fsk%5F{KEY[8:]}",
        f"x={KEY[:4]}%5fsk_{KEY[8:]}",
        f"{KEY}",
        "access_token=whatever",
        "a=1&Access%5FToken=",
        "api_key=x",
    ],
)
def test_never_in_a_query(query) -> None:
    """Encoded or not, valid or not, beside a good header or alone."""
    for pairs in ([AUTH], []):
        with pytest.raises(CredentialsAmbiguous):
            read_credential(pairs, query)


def test_an_ordinary_query_is_nobodys_business() -> None:
    """Parameters that look like nothing of ours are left to the gateway."""
    assert read_credential([AUTH], "pageSize=5&filter=access_token&q=%ff%zz&k=test_sk_") is not None


@given(
    st.lists(st.tuples(st.text() | st.binary(), st.text() | st.binary()), max_size=5),
    st.text() | st.binary(),
)
def test_no_input_raises_anything_else(pairs, query) -> None:
    """Whatever bytes come, the answer is a credential, nothing, or a refusal."""
    try:
        read_credential([*pairs, ("authorization", pairs[0][1] if pairs else "")], query)
    except Unauthenticated:
        return
    raise AssertionError("random bytes passed for a credential")
