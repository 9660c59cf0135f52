"""Credentials are found in text, and nothing else is taken for one."""

import re
import secrets

import pytest
from tests.harness.credentials import made_up

from xaigh_server.access import status_tokens
from xaigh_server.identity import detector, key_format, webhook_secrets
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.key_format import KeyType

CREDENTIALS = [
    *(
        key_format.mint(environment, kind, secrets.token_bytes, made_up).text
        for environment in Environment
        for kind in KeyType
    ),
    key_format.mint_operator(secrets.token_bytes, made_up).text,
    status_tokens.mint(secrets.token_bytes).text,
    webhook_secrets.to_text(secrets.token_bytes(32)),
]


@pytest.mark.parametrize("credential", CREDENTIALS, ids=range(len(CREDENTIALS)))
@pytest.mark.parametrize(
    "text", ['key = "{}"', "XAIGH_KEY={}\n", "https://x/?k={}&y=1", "x{}", "{}", "{}."]
)
def test_a_credential_is_found_in_any_text(credential: str, text: str) -> None:
    """In code, in JSON, in an environment file, at the end of a line."""
    whole = text.format(credential)
    assert detector.find(whole) == [credential]
    assert detector.holds_credential(whole)
    assert detector.may_hold_credential(whole.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Use a live_sk_… key, never a test_sk_ one.",
        "live_sk_" + "x" * 48,  # as documentation shows one: the checksum is wrong
        "xop_" + "0" * 48,
        CREDENTIALS[0][:-1],
        CREDENTIALS[0].replace("_", "-"),
    ],
    ids=["empty", "prose", "as documented", "zeros", "cut", "other dashes"],
)
def test_what_is_no_credential_is_left_alone(text: str) -> None:
    """Examples, cut keys and plain text."""
    assert not detector.holds_credential(text)


def test_the_published_expression_has_no_python_in_it() -> None:
    """Secret scanners use RE2: no look-around, no back reference, no named group."""
    assert not re.search(r"\(\?(?!:)|\\[1-9]", detector.DETECTOR)
