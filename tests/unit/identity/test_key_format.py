"""Keys as text."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.credentials import TAGS, made_up

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import CredentialsMalformed, KeyUnknown, Unauthenticated
from xaigh_server.identity.key_format import KeyType

# Fixed for good: other implementations (the client's, a scanner's) are checked against these.
BODY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
VECTORS = [
    (f"test_sk_{BODY}1PBjzF", Environment.SANDBOX, KeyType.SECRET),
    (f"test_pk_{BODY}26a1oK", Environment.SANDBOX, KeyType.PUBLISHABLE),
    (f"live_sk_{BODY}4IDDHr", Environment.PRODUCTION, KeyType.SECRET),
    (f"live_pk_{BODY}3ugOnS", Environment.PRODUCTION, KeyType.PUBLISHABLE),
]
OPERATOR_VECTOR = f"xop_{BODY}3NDoe6"


def given_tag(tagged: str) -> str:
    """The last of the secret's characters in the vectors."""
    return BODY[-keys.TAG_LENGTH :]


KINDS = st.tuples(st.sampled_from(Environment), st.sampled_from(KeyType))


@pytest.mark.parametrize(("text", "environment", "key_type"), VECTORS)
def test_vectors(text: str, environment: Environment, key_type: KeyType) -> None:
    """The format never changes."""
    key = keys.parse(text)
    assert (key.environment, key.key_type, key.id) == (environment, key_type, "0123456789")
    assert key.last4 == text[-4:]
    assert keys.mint(environment, key_type, lambda n: bytes(range(n)), given_tag) == key


def test_operator_vector() -> None:
    """Operator credentials are built in the same manner."""
    assert keys.parse_operator(OPERATOR_VECTOR).id == "0123456789"
    assert keys.mint_operator(lambda n: bytes(range(n)), given_tag).text == OPERATOR_VECTOR


@given(KINDS, st.binary(min_size=64, max_size=64))
def test_what_is_minted_is_read(kind: tuple[Environment, KeyType], seed: bytes) -> None:
    """Whatever the random bytes, minting and reading agree."""
    fair = seed.translate(None, bytes(range(248, 256)))
    key = keys.mint(*kind, lambda n: (fair + b"x" * n)[:n], TAGS.make)
    assert keys.parse(key.text) == key
    assert len(key.text) == 56


@pytest.mark.parametrize("wrong", ["test_pk_", "live_sk_", "live_pk_"])
def test_a_relabelled_key_fails(wrong: str) -> None:
    """The prefix is under the checksum: a test key can't pose as a live one."""
    with pytest.raises(KeyUnknown):
        keys.parse(wrong + VECTORS[0][0][8:])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "test_sk_",
        VECTORS[0][0][:-1],
        VECTORS[0][0] + "0",
        VECTORS[0][0] + "\n",
        " " + VECTORS[0][0],
        VECTORS[0][0].upper(),
        VECTORS[0][0].replace("_", "-"),
        VECTORS[0][0].replace("K", "\N{KELVIN SIGN}"),
        VECTORS[0][0][:-1] + "\0",
        "prod_sk" + VECTORS[0][0][7:],
        "test_rk_" + VECTORS[0][0][8:],
        OPERATOR_VECTOR,
        "x" * 100_000,
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    """One refusal, without a hint at what was wrong."""
    with pytest.raises(CredentialsMalformed) as caught:
        keys.parse(text)
    assert caught.value.message == CredentialsMalformed.default_message


@given(KINDS, st.integers(8, 55), st.characters(codec="ascii"))
def test_one_wrong_character_is_noticed(
    kind: tuple[Environment, KeyType], at: int, character: str
) -> None:
    """CRC-32 finds every error within one character."""
    text = keys.mint(*kind, secrets.token_bytes, made_up).text
    changed = text[:at] + character + text[at + 1 :]
    if changed == text:
        return
    with pytest.raises(Unauthenticated):
        keys.parse(changed)


@given(st.text())
def test_reading_never_fails_otherwise(text: str) -> None:
    """Any text is a key or is refused; nothing else is raised."""
    for read in (keys.parse, keys.parse_operator):
        with pytest.raises(CredentialsMalformed):
            read(text)


def test_the_text_does_not_show() -> None:
    """A key that ends in a log by accident shows its public id only."""
    key = keys.mint(Environment.PRODUCTION, KeyType.SECRET, secrets.token_bytes, made_up)
    operator = keys.mint_operator(secrets.token_bytes, made_up)
    for credential in (key, operator):
        shown = f"{credential} {credential!r}"
        assert credential.id in shown
        assert credential.text[14:] not in shown
